import { type Misuse, MisuseError } from './misuse.ts';

/** Collects reasons while something is read, so that one mistake does not hide the next. */
export class Reasons {
  readonly list: Misuse[] = [];

  add(where: string, message: string, hint: string): void {
    this.list.push({ where, message, hint });
  }

  /** What `read` gives, or `fallback` with the failure noted; failures carry their own `hint`. */
  collect<T>(where: string, fallback: T, read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const hint = 'hint' in error && typeof error.hint === 'string' ? error.hint : '';
      this.add(where, error.message, hint);
      return fallback;
    }
  }

  /** What `read` gives, or `fallback` with the reasons of its `MisuseError` noted; those without a place get `where`. */
  async gather<T>(where: string, fallback: T, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof MisuseError)) throw error;
      for (const reason of error.reasons)
        this.add(reason.where === '' ? where : reason.where, reason.message, reason.hint);
      return fallback;
    }
  }
}
