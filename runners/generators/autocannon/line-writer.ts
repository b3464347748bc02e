import type { Writable } from 'node:stream';
import type { GeneratorLine } from '../port.ts';

/** Lines of the protocol on a stream; writing never waits for the reader. */
export class LineWriter {
  readonly #stream: Writable;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  readonly write = (line: GeneratorLine): void => {
    this.#stream.write(`${JSON.stringify(line)}\n`);
  };

  /** Resolves when the reader has everything. */
  async flushed(): Promise<void> {
    await new Promise<void>((resolve) => this.#stream.write('', () => resolve()));
  }
}
