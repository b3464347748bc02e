import type { Environment } from '../../model/run-record.ts';
import { seconds } from '../../model/units.ts';
import type { Block, Cell } from '../document.ts';
import { formatBytes, formatDuration, formatSetting } from '../format-quantity.ts';
import { buildList, buildTable, counts, texts } from './build-table.ts';
import { type RunView, loadText } from './run-view.ts';

/** How it was measured, on what, and where the raw evidence is. */
export function planSection(view: RunView): Block[] {
  return [
    { kind: 'heading', level: 2, text: 'How it was measured' },
    planList(view),
    planStages(view),
    ...view.plan.warnings.map(({ message }): Block => ({ kind: 'text', text: message, tone: 'warning' })),
    { kind: 'heading', level: 2, text: 'Environment' },
    environmentList(view.analysis.environment),
    { kind: 'heading', level: 2, text: 'Raw evidence' },
    ...evidence(view),
  ];
}

function planList({ plan, analysis }: RunView): Block {
  const { loadProfile, connections, target, abortRules } = plan;
  const load =
    loadProfile.kind === 'open'
      ? `open loop: requests come at their due times, whether or not earlier ones were answered; arrivals ${loadProfile.arrivals === 'even' ? 'evenly spaced' : 'as in a Poisson process'}`
      : `closed loop: each user waits for the answer${loadProfile.thinkTimeMs === 0 ? '' : `, thinks ${formatDuration(loadProfile.thinkTimeMs)} in the mean`} and asks again`;
  const rules = [
    abortRules.errorRatio === null ? null : `errors above ${formatSetting(abortRules.errorRatio, 'ratio')}`,
    abortRules.latencyMs === null ? null : `p99 above ${formatSetting(abortRules.latencyMs, 'ms')}`,
    abortRules.targetGoneMs === null ? null : `no answer for ${formatDuration(abortRules.targetGoneMs)}`,
    abortRules.latenessMs === null ? null : `lateness above ${formatSetting(abortRules.latenessMs, 'ms')}`,
    abortRules.freeDiskBytes === null ? null : `free disk below ${formatBytes(abortRules.freeDiskBytes)}`,
  ].filter((rule) => rule !== null);
  return buildList('Plan', [
    ['target', target.kind === 'launch' ? `launched: ${target.command.join(' ')}` : target.url],
    ['load', load],
    ['engine', `${analysis.engine.name} ${analysis.engine.version ?? ''}`.trimEnd() + `: ${analysis.engine.reason}`],
    ['seed', String(plan.seed)],
    [
      'connections',
      `${formatSetting(connections.count, '1')}, ${connections.keepAlive ? 'kept alive' : 'a new one for each request'}: ${connections.reason}`,
    ],
    ['request timeout', formatDuration(connections.requestTimeoutMs)],
    ['objectives', analysis.detail.objectives.join(', ') || 'none'],
    ['would have ended early at', rules.length === 0 ? 'no rule' : rules.join(', ')],
    ['water-level', 'between two measured levels; the curves beside it are said to be what they are'],
  ]);
}

function planStages(view: RunView): Block {
  const { stages } = view.plan.loadProfile;
  return buildTable(
    'Planned stages; the steady window is the part that is judged.',
    [
      counts(
        'stage',
        stages.map((_, index) => index),
      ),
      texts(
        'name',
        stages.map(({ name }) => name),
      ),
      texts(
        'kind',
        stages.map(({ kind }) => kind),
      ),
      texts(
        'load',
        stages.map((_, index) => loadText(view, index)),
      ),
      {
        ...texts(
          'lasts',
          stages.map(({ durationMs }) => formatDuration(durationMs)),
        ),
        align: 'right',
      },
      {
        ...texts(
          'steady window',
          stages.map((_, index) => {
            const window = view.plan.steadyWindows[index];
            return window === undefined ? '' : `${inSecondsText(window.fromMs)}–${inSecondsText(window.toMs)} s`;
          }),
        ),
        align: 'right',
      },
    ],
    { folded: true },
  );
}

function inSecondsText(offset: number): string {
  return formatSetting(offset / seconds(1), '1');
}

function environmentList({ host, target, tools }: Environment): Block {
  return buildList('Two runs compare only where this is alike.', [
    ['host', `${host.platform}, kernel ${host.kernel}`],
    ['processors', `${host.processors} × ${host.cpuModel}`],
    ['memory', formatBytes(host.memoryBytes)],
    ['limits of this side', limits(host.cpuLimit, host.memoryLimitBytes)],
    ['target', known(target.url)],
    ['Go version', known(target.goVersion)],
    ['module', known(target.modulePath)],
    ['build id', known(target.buildId)],
    ['GOMAXPROCS', known(target.gomaxprocs)],
    ['GOGC', known(target.gogc)],
    ['GOMEMLIMIT', known(target.gomemlimit)],
    ['command', known(target.command?.join(' ') ?? null)],
    ['pinned to processors', known(target.processorSet)],
    ['limits of the target', limits(target.cpuLimit, target.memoryLimitBytes)],
    ...target.notes.map((note): [string, Cell] => ['note', note]),
    ...Object.entries(host.sysctls).map(([name, value]): [string, Cell] => [name, value]),
    ...Object.entries(tools).map(([name, version]): [string, Cell] => [name, version]),
  ]);
}

function known(value: string | number | null): Cell {
  return value === null || value === '' ? { text: 'not known', tone: 'muted' } : String(value);
}

function limits(cpu: number | null, memory: number | null): Cell {
  if (cpu === null && memory === null) return { text: 'none known', tone: 'muted' };
  return [cpu === null ? null : `${formatSetting(cpu, '1')} processors`, memory === null ? null : formatBytes(memory)]
    .filter((text) => text !== null)
    .join(', ');
}

function evidence({ analysis }: RunView): Block[] {
  const files = ['run.json', 'traffic.jsonl.gz', 'metrics.jsonl.gz', 'manifest.json', ...analysis.detail.evidenceFiles];
  return [
    {
      kind: 'text',
      text: `Everything above was computed from the run folder of ${analysis.runs.join(', ')}, and can be again: plimsoll analyze ${analysis.runs[0] ?? ''}`,
    },
    buildTable(
      'Files of the run folder; manifest.json holds the SHA-256 of each.',
      [texts('file', [...new Set(files)])],
      {
        folded: true,
      },
    ),
  ];
}
