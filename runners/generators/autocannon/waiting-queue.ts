import type { DueRequest } from './due-request.ts';

/** First in, first out, in a ring that grows by doubling up to the limit. */
export class WaitingQueue {
  readonly #limit: number;
  #ring: (DueRequest | undefined)[] = Array.from({ length: 64 }, () => undefined);
  #head = 0;
  length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False where the queue is full. */
  push(request: DueRequest): boolean {
    if (this.length >= this.#limit) return false;
    if (this.length === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.length) & (this.#ring.length - 1)] = request;
    this.length++;
    return true;
  }

  peek(): DueRequest | undefined {
    return this.length === 0 ? undefined : this.#ring[this.#head];
  }

  shift(): DueRequest | undefined {
    if (this.length === 0) return undefined;
    const request = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.length--;
    return request;
  }

  #grow(): void {
    const ordered = [...this.#ring.slice(this.#head), ...this.#ring.slice(0, this.#head)];
    this.#ring = [...ordered, ...Array.from({ length: ordered.length }, () => undefined)];
    this.#head = 0;
  }
}
