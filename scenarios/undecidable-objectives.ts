import { objectiveText } from '../model/objective-text.ts';
import type { Objective } from '../model/objective.ts';
import type { Plan, PlanWarning } from '../model/plan.ts';
import { type Milliseconds, type PerSecond, eventsIn, inSeconds, milliseconds, perSecond } from '../model/units.ts';
import { longestCut } from './steady-windows.ts';

/**
 * Wilson's 95 % interval for none of n ends at z² / (n + z²): what the analysis knows at best (docs/objectives.md). It is
 * a little stricter than the rule of three, 3 / n.
 */
const square = 1.96 ** 2;

/**
 * Objectives that too few requests are planned for: even if each of them were good the interval would hold the limit,
 * so the stage could only be inconclusive.
 */
export function undecidableObjectives({ objectives, loadProfile, steadyWindows, traffic }: Plan): PlanWarning[] {
  if (loadProfile.kind !== 'open') return [];
  return objectives.flatMap((objective): PlanWarning[] => {
    const asked = needed(objective);
    const share = endpointShare(traffic, objective.endpoint);
    if (asked === null || share === 0) return [];
    const short = loadProfile.stages.flatMap(({ kind, name, startPerSecond, durationMs }, index) => {
      const window = steadyWindows[index];
      if (kind !== 'hold' || window === undefined) return [];
      const whole = asked.of === 'stage';
      const length = whole ? durationMs : milliseconds(window.toMs - window.fromMs);
      const rate = perSecond(startPerSecond * share);
      const requests = Math.floor(eventsIn(rate, length));
      return requests < asked.requests ? [{ name, rate, requests, cut: whole ? milliseconds(0) : longestCut }] : [];
    });
    const [first] = short;
    if (first === undefined) return [];
    const fewest = short.reduce((least, stage) => (stage.rate < least.rate ? stage : least), first);
    return [
      {
        code: 'objective-undecidable',
        message: `${objectiveText(objective)} cannot be decided in ${short.length === 1 ? 'stage' : 'stages'} ${short.map(({ name }) => name).join(', ')}: ${fewest.requests} requests are too few even if every one is good, it takes ${asked.requests}; hold ${holdText(asked.requests, fewest)} or longer`,
      },
    ];
  });
}

/** How many requests it takes if every one of them is good, and where they are counted; null: not a share of requests. */
function needed(objective: Objective): { readonly requests: number; readonly of: 'stage' | 'steady window' } | null {
  switch (objective.kind) {
    case 'errors':
    case 'shed':
      return countFor(objective.limit, 'stage');
    case 'within':
      return countFor(1 - objective.limit, 'steady window');
    case 'latency-quantile':
      return countFor(1 - objective.quantile, 'steady window');
    case 'throughput':
    case 'gc-cpu':
    case 'goroutines':
    case 'rss':
      return null;
    default:
      return objective satisfies never;
  }
}

/** The least n with z² / (n + z²) below `bad`; no number of requests shows that none at all is bad. */
function countFor(bad: number, of: 'stage' | 'steady window'): ReturnType<typeof needed> {
  return bad > 0 ? { requests: Math.floor((square * (1 - bad)) / bad) + 1, of } : null;
}

/** 1 where it is not known how requests are spread. */
function endpointShare(traffic: Plan['traffic'], endpoint: string | null): number {
  if (endpoint === null || (traffic.kind !== 'endpoints' && traffic.kind !== 'grpc')) return 1;
  const all = traffic.endpoints.reduce((sum, { weight }) => sum + weight, 0);
  const own = traffic.endpoints.reduce((sum, { name, weight }) => sum + (name === endpoint ? weight : 0), 0);
  return all === 0 ? 0 : own / all;
}

function holdText(requests: number, { rate, cut }: { readonly rate: PerSecond; readonly cut: Milliseconds }): string {
  return `${Math.ceil(requests / rate + inSeconds(cut))}s`;
}
