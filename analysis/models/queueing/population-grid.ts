/**
 * All populations from nobody to the full one, counted class by class as the digits of a number with mixed bases, so
 * that taking one job of a class away is a fixed step back in the array.
 */
export interface PopulationGrid {
  /** How many populations there are. */
  readonly size: number;
  /** Step in the array of one job of each class. */
  readonly strides: readonly number[];
  /** Jobs of each class: `jobs[class][index]`. */
  readonly jobs: readonly Int32Array[];
  /** Jobs of all classes together. */
  readonly total: Int32Array;
}

export function populationGrid(populations: readonly number[]): PopulationGrid {
  const strides: number[] = [];
  let size = 1;
  for (const population of populations) {
    strides.push(size);
    size *= population + 1;
  }
  const total = new Int32Array(size);
  const jobs = populations.map((population, place) => {
    const counts = new Int32Array(size);
    const stride = strides[place] ?? 1;
    for (let index = 0; index < size; index++) {
      const count = Math.floor(index / stride) % (population + 1);
      counts[index] = count;
      total[index] = (total[index] ?? 0) + count;
    }
    return counts;
  });
  return { size, strides, jobs, total };
}
