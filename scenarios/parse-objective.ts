import type { Comparison, Objective } from '../model/objective.ts';
import { UnitError, parseDuration, parseRate, parseShare, parseSize } from '../model/units.ts';

const hint =
  "write an objective such as 'p99<200ms', 'errors<0.1%', 'within(100ms)>=95%', 'throughput>=500/s', 'gc-cpu<10%', 'goroutines<15000', 'rss<512MiB', or 'orders:p99<300ms' for one endpoint";

const shape =
  /^(?:(?<endpoint>.+):)?\s*(?<metric>[a-z][a-z0-9.-]*(?:\([^)]*\))?)\s*(?<comparison><=|>=|<|>)\s*(?<limit>\S+)$/i;

/** Metrics that make no sense with the other direction: "p99 > 200ms" asks for a slow service. */
const wanted: Record<string, '<' | '>'> = { within: '>', throughput: '>' };

/**
 * `[endpoint:]metric op number[unit]` (docs/objectives.md) → Objective.
 * @throws UnitError with a hint
 */
export function parseObjective(text: string): Objective {
  const groups = shape.exec(text.trim())?.groups;
  const metric = groups?.['metric'] ?? '';
  const limit = groups?.['limit'] ?? '';
  const comparison = groups?.['comparison'];
  if (!isComparison(comparison)) throw new UnitError(`"${text}" is not an objective`, hint);
  const common = { endpoint: groups?.['endpoint']?.trim() ?? null, comparison };
  const [, name = '', inside] = /^([a-z-]+)(?:\((.*)\))?$/.exec(metric) ?? [];
  const direction = wanted[name] ?? '<';
  if (!comparison.startsWith(direction))
    throw new UnitError(
      `"${text}" asks for the wrong side: ${metric} ${comparison} …`,
      `write ${metric}${direction}${limit} or ${metric}${direction}=${limit}`,
    );
  const quantile = /^p(\d{1,2}(?:\.\d{1,4})?)$/.exec(metric)?.[1];
  if (quantile !== undefined) {
    const share = parseShare(`${quantile}%`);
    if (share <= 0) throw new UnitError(`"${text}": p0 is no quantile to ask for`, hint);
    return {
      ...common,
      kind: 'latency-quantile',
      quantile: Number(share.toPrecision(8)),
      limitMs: parseDuration(limit),
    };
  }
  switch (name) {
    case 'within':
      return { ...common, kind: 'within', durationMs: parseDuration(inside ?? ''), limit: shareWithin(limit, text) };
    case 'errors':
    case 'shed':
    case 'gc-cpu':
      return { ...common, kind: name, limit: shareWithin(limit, text) };
    case 'throughput':
      return { ...common, kind: 'throughput', limitPerSecond: parseRate(limit) };
    case 'goroutines': {
      const count = Number(limit);
      if (!Number.isInteger(count) || count <= 0)
        throw new UnitError(
          `"${text}": "${limit}" is not a number of goroutines`,
          'write a whole number: goroutines<15000',
        );
      return { ...common, kind: 'goroutines', limit: count };
    }
    case 'rss':
      return { ...common, kind: 'rss', limitBytes: parseSize(limit) };
    default:
      throw new UnitError(`"${text}": no metric is called "${metric}"`, hint);
  }
}

function shareWithin(limit: string, text: string): ReturnType<typeof parseShare> {
  const value = parseShare(limit);
  if (value < 0 || value > 1) throw new UnitError(`"${text}": a share lies between 0% and 100%`, hint);
  return value;
}

const isComparison = (text: string | undefined): text is Comparison =>
  text === '<' || text === '<=' || text === '>' || text === '>=';
