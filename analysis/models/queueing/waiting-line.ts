import type { Random } from '../../../model/random.ts';

export const queueOrders = ['fifo', 'random', 'lifo'] as const;
/** Who of those waiting is next: the first, anybody (Go's database/sql), or the last that came. */
export type QueueOrder = (typeof queueOrders)[number];

/**
 * Those who wait, each as a number (when it arrived, or the how-manieth it was), taken out in one of the orders; a ring that
 * doubles when it is full.
 */
export class WaitingLine {
  readonly #order: QueueOrder;
  readonly #random: Random;
  #jobs = new Float64Array(1024);
  #first = 0;
  #size = 0;

  constructor(order: QueueOrder, random: Random) {
    this.#order = order;
    this.#random = random;
  }

  get size(): number {
    return this.#size;
  }

  add(job: number): void {
    if (this.#size === this.#jobs.length) this.#grow();
    this.#jobs[this.#index(this.#size++)] = job;
  }

  /** Only where somebody waits. */
  take(): number {
    const last = this.#size - 1;
    if (this.#order === 'random') this.#swap(this.#random.below(this.#size), last);
    this.#size = last;
    if (this.#order !== 'fifo') return this.#jobs[this.#index(last)] ?? 0;
    const job = this.#jobs[this.#first] ?? 0;
    this.#first = this.#index(1);
    return job;
  }

  forEach(visit: (job: number) => void): void {
    for (let place = 0; place < this.#size; place++) visit(this.#jobs[this.#index(place)] ?? 0);
  }

  /** The length of the ring is a power of two. */
  #index(place: number): number {
    return (this.#first + place) & (this.#jobs.length - 1);
  }

  #swap(one: number, other: number): void {
    const left = this.#index(one);
    const right = this.#index(other);
    const job = this.#jobs[left] ?? 0;
    this.#jobs[left] = this.#jobs[right] ?? 0;
    this.#jobs[right] = job;
  }

  #grow(): void {
    const larger = new Float64Array(2 * this.#jobs.length);
    for (let place = 0; place < this.#size; place++) larger[place] = this.#jobs[this.#index(place)] ?? 0;
    this.#jobs = larger;
    this.#first = 0;
  }
}
