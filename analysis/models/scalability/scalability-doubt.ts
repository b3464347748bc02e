export type ScalabilityParameter = 'gamma' | 'alpha' | 'beta' | 'ceiling';
export type ScalabilityModelName = 'linear' | 'amdahl' | 'usl' | 'hard-limit';

/** What makes a fit weaker than it looks, or none at all; with the stage to add where one would settle it. */
export type ScalabilityDoubt =
  /** Refused before any fit. */
  | { readonly code: 'not-positive'; readonly rows: readonly number[] }
  | { readonly code: 'too-few-levels'; readonly levels: number; readonly needed: number; readonly addStageAt: number }
  | { readonly code: 'no-single-user-row' }
  /** Fitted, but the points don't tell the parameters. */
  | { readonly code: 'throughput-constant'; readonly addStageAt: number }
  | { readonly code: 'throughput-unrelated'; readonly scatter: number }
  | {
      readonly code: 'slope-not-identified';
      readonly low: number;
      readonly high: number | null;
      readonly addStageAt: number;
    }
  | { readonly code: 'not-converged' }
  /** Fitted, with something to know. */
  | { readonly code: 'few-rows'; readonly rows: number }
  | { readonly code: 'concurrency-below-one'; readonly rows: readonly number[] }
  | { readonly code: 'duplicate-rows'; readonly rows: readonly number[] }
  | { readonly code: 'exact-fit' }
  | { readonly code: 'at-bound'; readonly parameter: ScalabilityParameter; readonly value: number }
  | { readonly code: 'interval-unbounded'; readonly quantity: string }
  | { readonly code: 'no-peak' }
  | { readonly code: 'peak-beyond-range'; readonly farthest: number; readonly addStageAt: number }
  | { readonly code: 'prediction-beyond-range'; readonly concurrency: number; readonly farthest: number }
  | { readonly code: 'inverse-beyond-range'; readonly throughput: number; readonly farthest: number }
  | { readonly code: 'inverse-above-peak'; readonly throughput: number; readonly peak: number }
  | { readonly code: 'no-winner'; readonly models: readonly ScalabilityModelName[]; readonly addStageAt: number }
  | { readonly code: 'model-not-compared'; readonly model: ScalabilityModelName; readonly rows: number };

/** What a point is to the one who reads: a row of a file, or a stage of a run. */
export type PointName = 'row' | 'stage';

/** A doubt in words, with the way out where there is one; its rows are numbered as the reader numbers them. */
export function describeDoubt(doubt: ScalabilityDoubt, point: PointName): string {
  switch (doubt.code) {
    case 'not-positive':
      return `${pointsText(point, doubt.rows)}: concurrency and throughput have to be numbers above 0`;
    case 'too-few-levels':
      return `${doubt.levels} different concurrencies; ${doubt.needed} are the fewest that this model can be told from; add a stage at ${text(doubt.addStageAt)}`;
    case 'no-single-user-row':
      return 'the normalized form needs a row with concurrency 1; leave --normalized out to estimate gamma';
    case 'throughput-constant':
      return `throughput is the same at every concurrency as far as these ${point}s tell: all stages are saturated, and the slope is not identifiable; add a stage at ${text(doubt.addStageAt)}`;
    case 'throughput-unrelated':
      return `throughput does not follow concurrency (it scatters by ${text(doubt.scatter * 100)} % for another reason): not identifiable; hold each stage longer, or repeat it`;
    case 'slope-not-identified':
      return `gamma, the slope at low load, is anything from ${text(doubt.low)} to ${doubt.high === null ? 'infinity' : text(doubt.high)}: not identifiable from these stages; add a stage at ${text(doubt.addStageAt)}`;
    case 'not-converged':
      return 'no start led to a minimum: no figure is given';
    case 'few-rows':
      return `${doubt.rows} ${point}s: six or more tell the model from its alternatives`;
    case 'concurrency-below-one':
      return `${pointsText(point, doubt.rows)}: below a concurrency of 1 the law promises more than linear scaling; kept, but it does not hold there`;
    case 'duplicate-rows':
      return `${pointsText(point, doubt.rows)}: the same as an earlier ${point}; counted as a measurement of its own, which makes intervals too short if it is a copy`;
    case 'exact-fit':
      return `the curve passes through all ${point}s: such data are calculated, not measured, and intervals say nothing`;
    case 'at-bound':
      return `${doubt.parameter} is held at its bound ${text(doubt.value)}: it has no standard error`;
    case 'interval-unbounded':
      return `the interval of ${doubt.quantity} is open at its upper end: the ${point}s set no limit`;
    case 'no-peak':
      return 'beta is 0: within this law throughput rises for ever, and there is no peak';
    case 'peak-beyond-range':
      return `the peak lies beyond ${text(doubt.farthest)}, 1.25 times the highest concurrency measured: not identifiable from these stages; add a stage at ${text(doubt.addStageAt)}`;
    case 'prediction-beyond-range':
      return `${text(doubt.concurrency)} is beyond ${text(doubt.farthest)}, 1.25 times the highest concurrency measured: not predicted; add a stage there`;
    case 'inverse-beyond-range':
      return `a throughput of ${text(doubt.throughput)} needs a concurrency beyond ${text(doubt.farthest)}, 1.25 times the highest measured: not predicted`;
    case 'inverse-above-peak':
      return `a throughput of ${text(doubt.throughput)} is above the peak of ${text(doubt.peak)}: no concurrency reaches it`;
    case 'no-winner':
      return `these ${point}s do not tell ${doubt.models.join(' from ')}: not identified; add a stage at ${text(doubt.addStageAt)}`;
    case 'model-not-compared':
      return `${doubt.model} is not compared: ${doubt.rows} ${point}s are too few for AICc with its parameters`;
    default:
      return doubt satisfies never;
  }
}

function pointsText(point: PointName, numbers: readonly number[]): string {
  return `${point}${numbers.length === 1 ? '' : 's'} ${numbers.join(', ')}`;
}

/** Four digits are enough for a sentence. */
function text(value: number): string {
  return String(Number(value.toPrecision(4)));
}
