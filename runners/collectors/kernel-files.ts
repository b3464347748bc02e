import { readFileSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type Bytes, bytes } from '../../model/units.ts';

/**
 * Reads kernel files for one reading: what can't be read is null and named, never an exception. Small ones are read
 * synchronously: some 30 µs each, where the asynchronous way costs this process ten times the CPU.
 */
export interface KernelFiles {
  /** `name`: what the file is called in `unreadable`; null: its absence is not worth a word. */
  text(path: string, name: string | null): string | null;
  /** For the few files that the kernel takes milliseconds to write. */
  slowText(path: string, name: string | null): Promise<string | null>;
  /** Names in a folder. */
  names(folder: string, name: string | null): readonly string[] | null;
  readonly unreadable: Readonly<Record<string, string>>;
  readonly bytes: Bytes;
}

/** Clock ticks a second in /proc: USER_HZ, 100 on every platform Linux runs on (`getconf CLK_TCK`). */
export const ticksPerSecond = 100;

export const needsLinux = "this needs Linux's /proc";

export function kernelFiles(): KernelFiles {
  const unreadable: Record<string, string> = {};
  let size = 0;
  const missing = (name: string | null, error: unknown): null => {
    if (name !== null) unreadable[name] = errorCode(error);
    return null;
  };
  const counted = (text: string): string => {
    size += text.length;
    return text;
  };
  return {
    unreadable,
    get bytes() {
      return bytes(size);
    },
    text(path, name) {
      try {
        return counted(readFileSync(path, 'latin1'));
      } catch (error) {
        return missing(name, error);
      }
    },
    async slowText(path, name) {
      try {
        return counted(await readFile(path, 'latin1'));
      } catch (error) {
        return missing(name, error);
      }
    },
    names(folder, name) {
      try {
        return readdirSync(folder);
      } catch (error) {
        return missing(name, error);
      }
    },
  };
}

function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}

/** A non-negative decimal number, or null: `max`, `-1`, `unlimited` and nothing are no numbers. */
export function countOf(text: string | undefined): number | null {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}

/** Lines `name value` or `name: value kB` as a map of names to the text after them. */
export function namedValues(text: string | null): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of (text ?? '').split('\n')) {
    const [, name, value] = /^([^\s:]+):?\s+(.*?)(?: kB)?\s*$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) values.set(name, value);
  }
  return values;
}
