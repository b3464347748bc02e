import type { Random } from '../../../model/random.ts';

export const queueOrders = ['fifo', 'random', 'lifo'] as const;
/** Who of those waiting is next: the first, anybody (Go's database/sql), or the last that came. */
export type QueueOrder = (typeof queueOrders)[number];

/** Arrival instants of those who wait, taken out in one of the orders; a ring that doubles when it is full. */
export class WaitingLine {
  readonly #order: QueueOrder;
  readonly #random: Random;
  #dues = new Float64Array(1024);
  #first = 0;
  #size = 0;

  constructor(order: QueueOrder, random: Random) {
    this.#order = order;
    this.#random = random;
  }

  get size(): number {
    return this.#size;
  }

  add(due: number): void {
    if (this.#size === this.#dues.length) this.#grow();
    this.#dues[this.#index(this.#size++)] = due;
  }

  /** Only where somebody waits. */
  take(): number {
    const last = this.#size - 1;
    if (this.#order === 'random') this.#swap(this.#random.below(this.#size), last);
    this.#size = last;
    if (this.#order !== 'fifo') return this.#dues[this.#index(last)] ?? 0;
    const due = this.#dues[this.#first] ?? 0;
    this.#first = this.#index(1);
    return due;
  }

  forEach(visit: (due: number) => void): void {
    for (let place = 0; place < this.#size; place++) visit(this.#dues[this.#index(place)] ?? 0);
  }

  /** The length of the ring is a power of two. */
  #index(place: number): number {
    return (this.#first + place) & (this.#dues.length - 1);
  }

  #swap(one: number, other: number): void {
    const left = this.#index(one);
    const right = this.#index(other);
    const due = this.#dues[left] ?? 0;
    this.#dues[left] = this.#dues[right] ?? 0;
    this.#dues[right] = due;
  }

  #grow(): void {
    const larger = new Float64Array(2 * this.#dues.length);
    for (let place = 0; place < this.#size; place++) larger[place] = this.#dues[this.#index(place)] ?? 0;
    this.#dues = larger;
    this.#first = 0;
  }
}
