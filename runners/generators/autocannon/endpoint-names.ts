/** Endpoint names as small numbers, in order of appearance. */
export class EndpointNames {
  readonly #indices = new Map<string, number>();
  readonly #names: string[] = [];

  /** Names past the limit are filed together: a `requests` function that names URLs must not fill the memory. */
  indexOf(name: string): number {
    const known = this.#indices.get(name);
    if (known !== undefined) return known;
    if (this.#names.length >= maxEndpoints - 1 && name !== otherEndpoints) return this.indexOf(otherEndpoints);
    const index = this.#names.length;
    this.#names.push(name);
    this.#indices.set(name, index);
    return index;
  }

  nameOf(index: number): string {
    return this.#names[index] ?? otherEndpoints;
  }
}

export const maxEndpoints = 512;
export const otherEndpoints = '(other)';
