/** Jobs in service, the one that ends first on top; typed arrays, so that a million jobs make no garbage. */
export class CompletionHeap {
  readonly #ends: Float64Array;
  readonly #dues: Float64Array;
  readonly #starts: Float64Array;
  #size = 0;

  constructor(capacity: number) {
    this.#ends = new Float64Array(capacity);
    this.#dues = new Float64Array(capacity);
    this.#starts = new Float64Array(capacity);
  }

  get size(): number {
    return this.#size;
  }

  /** When the first job ends; Infinity where none is in service. */
  get end(): number {
    return this.#size === 0 ? Infinity : (this.#ends[0] ?? Infinity);
  }

  /** When the job that ends first arrived, and when its service started. */
  get due(): number {
    return this.#dues[0] ?? 0;
  }

  get start(): number {
    return this.#starts[0] ?? 0;
  }

  add(end: number, due: number, start: number): void {
    let place = this.#size++;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if ((this.#ends[parent] ?? 0) <= end) break;
      this.#move(parent, place);
      place = parent;
    }
    this.#put(place, end, due, start);
  }

  removeFirst(): void {
    const last = --this.#size;
    const end = this.#ends[last] ?? 0;
    const due = this.#dues[last] ?? 0;
    const start = this.#starts[last] ?? 0;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= last) break;
      if (child + 1 < last && (this.#ends[child + 1] ?? 0) < (this.#ends[child] ?? 0)) child++;
      if ((this.#ends[child] ?? 0) >= end) break;
      this.#move(child, place);
      place = child;
    }
    this.#put(place, end, due, start);
  }

  #put(place: number, end: number, due: number, start: number): void {
    this.#ends[place] = end;
    this.#dues[place] = due;
    this.#starts[place] = start;
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#ends[from] ?? 0, this.#dues[from] ?? 0, this.#starts[from] ?? 0);
  }
}
