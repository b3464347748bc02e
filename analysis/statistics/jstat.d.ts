/** The part of jstat that is used here; the package ships no types. */
declare module 'jstat' {
  interface ContinuousDistribution<Parameters extends readonly number[]> {
    inv(probability: number, ...parameters: Parameters): number;
    pdf(x: number, ...parameters: Parameters): number;
    cdf(x: number, ...parameters: Parameters): number;
  }
  export const jStat: {
    readonly studentt: ContinuousDistribution<[degreesOfFreedom: number]>;
    readonly normal: ContinuousDistribution<[mean: number, standardDeviation: number]>;
  };
}
