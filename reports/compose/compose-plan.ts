import { objectiveText } from '../../model/objective-text.ts';
import type { Plan } from '../../model/plan.ts';
import { eventsIn, milliseconds, perSecond } from '../../model/units.ts';
import type { Block, Document } from '../document.ts';
import { formatBytes, formatCount, formatDuration, formatRate } from '../format-quantity.ts';

/** What a plan will do, without having done it. */
export function composePlan(plan: Plan): Document {
  const { loadProfile, steadyWindows, connections, target, collect, processors, engine } = plan;
  const total = milliseconds(loadProfile.stages.reduce((sum, { durationMs }) => sum + durationMs, 0));
  const blocks: Block[] = [
    { kind: 'heading', level: 2, text: 'Stages', brief: true },
    {
      kind: 'table',
      caption:
        loadProfile.kind === 'open' ? `Open loop, ${loadProfile.arrivals} arrivals, seed ${plan.seed}` : 'Closed loop',
      brief: true,
      columns: [
        { title: '#', align: 'right' },
        { title: 'stage', align: 'left' },
        { title: 'kind', align: 'left' },
        { title: loadProfile.kind === 'open' ? 'rate' : 'users', align: 'right' },
        { title: 'lasts', align: 'right' },
        { title: 'requests', align: 'right' },
        { title: 'judged from', align: 'right' },
      ],
      rows: loadProfile.stages.map((stage, index) => {
        const window = steadyWindows[index];
        const load =
          'users' in stage
            ? formatCount(stage.users)
            : stage.startPerSecond === stage.endPerSecond
              ? formatRate(stage.startPerSecond)
              : `${formatRate(stage.startPerSecond)} to ${formatRate(stage.endPerSecond)}`;
        const due =
          'users' in stage
            ? null
            : eventsIn(perSecond((stage.startPerSecond + stage.endPerSecond) / 2), stage.durationMs);
        return [
          String(index),
          stage.name,
          stage.kind,
          load,
          formatDuration(stage.durationMs),
          due === null ? '–' : formatCount(Math.round(due)),
          stage.kind === 'warm-up' || window === undefined ? 'not judged' : formatDuration(window.fromMs),
        ];
      }),
    },
    { kind: 'heading', level: 2, text: 'Arrangement', brief: true },
    {
      kind: 'table',
      caption: 'Everything else',
      brief: true,
      columns: [
        { title: 'what', align: 'left' },
        { title: 'value', align: 'left' },
      ],
      rows: [
        ['target', target.kind === 'attach' ? target.url : `launch: ${target.command.join(' ')}`],
        ['engine', `${engine.name} (${engine.reason})`],
        ['time', `${formatDuration(total)} of load, then up to ${formatDuration(plan.graceMs)} for answers`],
        [
          'connections',
          `${formatCount(connections.count)} (${connections.reason}), ${connections.keepAlive ? 'kept alive' : 'a new one for each request'}`,
        ],
        [
          'objectives',
          plan.objectives.length === 0 ? 'none: no verdict' : plan.objectives.map(objectiveText).join(', '),
        ],
        [
          'processors',
          `generator ${processors.generator ?? 'not pinned'}, target ${target.kind === 'attach' ? 'its own (attached, never moved)' : (processors.target ?? 'not pinned')}`,
        ],
        ['metrics', collect.prometheus.length === 0 ? 'none' : collect.prometheus.map(({ url }) => url).join(', ')],
        [
          'profiles',
          collect.pprof === null
            ? 'none'
            : `${collect.pprof.captures.length} from ${[collect.pprof.url, ...collect.pprof.furtherUrls].join(' and from ')}`,
        ],
        ...(collect.postgres === null ? [] : [['database', `PostgreSQL of ${collect.postgres.url}`]]),
        ['disk', `about ${formatBytes(diskEstimate(plan))}`],
      ],
    },
    ...plan.warnings.map(({ message }): Block => ({
      kind: 'text',
      text: `note: ${message}`,
      tone: 'warning',
      brief: true,
    })),
  ];
  return { title: `Plan of ${plan.name}`, subtitle: 'no traffic was sent', blocks };
}

/** From runs seen: traffic and readings compress to a few kB a second, a profile has tens of kB. */
function diskEstimate({ loadProfile, collect }: Plan): number {
  const kilobyte = 1_000;
  const secondsOfLoad = loadProfile.stages.reduce((sum, { durationMs }) => sum + eventsIn(perSecond(1), durationMs), 0);
  const sources =
    collect.prometheus.length +
    collect.expvar.length +
    (collect.process === null ? 0 : 3) +
    (collect.postgres === null ? 0 : 1);
  return (
    (secondsOfLoad * (4 + 3 * sources) +
      (collect.pprof?.captures.length ?? 0) * (1 + (collect.pprof?.furtherUrls.length ?? 0)) * 30) *
    kilobyte
  );
}
