import type { SafeRate } from '../../model/sign-off.ts';
import { type PerSecond, perSecond } from '../../model/units.ts';
import { type TestedRun, testOf, unfinished } from './tested-run.ts';

/**
 * What one instance was shown to carry with its objectives met: the lowest certified rate of the searches, else the lowest
 * water-level of the runs that went past it. Null where nothing tells.
 */
export function safeRate(runs: readonly TestedRun[]): SafeRate | null {
  const finished = runs.filter((run) => unfinished(run) === null);
  const certified = finished.flatMap(ofSearch);
  const rates = certified.length > 0 ? certified : finished.flatMap(ofWaterLevel);
  // Of a load that cannot be told from none there is no share.
  return rates.filter(({ low }) => low > 0).toSorted((one, other) => one.low - other.low)[0] ?? null;
}

function ofSearch({ id, search }: TestedRun): SafeRate[] {
  const certificate = search?.certificate ?? null;
  if (search === null || certificate === null || certificate.result !== 'pass' || !search.conclusive) return [];
  const { ratePerSecond: rate, confidence } = certificate;
  const crossing = search.crossingPerSecond;
  const high = crossing?.high ?? search.boundsPerSecond.high;
  return [
    {
      estimate: rate,
      low: perSecond(Math.min(rate, crossing?.low ?? rate)),
      high: high === null ? null : perSecond(Math.max(rate, high)),
      confidence,
      method: `certified by a ${certificate.by === 'search' ? 'search' : 'search and a confirmation after it'}; the interval is that of the rate at which the objective is crossed`,
      run: id,
    },
  ];
}

function ofWaterLevel(run: TestedRun): SafeRate[] {
  const level = run.analysis.capacity.waterLevelPerSecond;
  if (run.search !== null || testOf(run) !== null || level === null || level.high === null) return [];
  return [
    {
      estimate: perSecond(level.low),
      low: perSecond(level.low),
      high: perSecond(level.high),
      confidence: null,
      method: 'water-level: the highest level that held, and the lowest that did not',
      run: run.id,
    },
  ];
}

/** Shares of the safe rate up to which the load is green, then yellow, as in a run's report. */
const shares = { green: 0.7, yellow: 0.85 };

export function loadLevels({ low }: SafeRate): {
  readonly greenPerSecond: PerSecond;
  readonly yellowPerSecond: PerSecond;
  readonly redPerSecond: PerSecond;
} {
  return {
    greenPerSecond: perSecond(shares.green * low),
    yellowPerSecond: perSecond(shares.yellow * low),
    redPerSecond: low,
  };
}
