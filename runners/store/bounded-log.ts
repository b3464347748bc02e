import { createWriteStream } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { type Bytes, inMebibytes, mebibytes } from '../../model/units.ts';

/** A log that keeps whole lines, hides secrets and cannot fill the disk. */
export interface BoundedLog {
  /** A source of text of its own, so that lines of standard output and error do not mix. */
  source(onLine?: (line: string) => void): { write(chunk: Uint8Array): void; end(): void };
  /** Resolves when everything is on disk, or could not be put there: then with the reason. */
  close(): Promise<Error | null>;
}

const usualLimit = mebibytes(64);
/** A line longer than this is cut into several. */
const longestLine = 65_536;

export function openBoundedLog(
  file: string,
  { limit = usualLimit, redact = (text: string) => text }: { limit?: Bytes; redact?: (text: string) => string } = {},
): BoundedLog {
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600 });
  let failure: Error | null = null;
  stream.on('error', (error) => (failure = error));
  let written = 0;
  let cut = false;
  const append = (line: string): void => {
    const text = `${redact(line)}\n`;
    if (cut || failure !== null || stream.writableEnded) return;
    written += Buffer.byteLength(text);
    if (written <= limit) {
      stream.write(text);
      return;
    }
    cut = true;
    stream.write(`[plimsoll: cut here, the log has reached ${inMebibytes(limit)} MiB]\n`);
  };
  return {
    source: (onLine) => {
      const decoder = new StringDecoder('utf8');
      let rest = '';
      const take = (text: string): void => {
        rest += text;
        const lines = rest.split('\n');
        rest = lines.pop() ?? '';
        if (rest.length > longestLine) {
          lines.push(rest);
          rest = '';
        }
        for (const line of lines) {
          append(line);
          onLine?.(line);
        }
      };
      return {
        write: (chunk) => take(decoder.write(Buffer.from(chunk))),
        end: () => {
          const tail = decoder.end();
          take(rest === '' && tail === '' ? '' : `${tail}\n`);
        },
      };
    },
    close: async () =>
      new Promise((resolve) => {
        if (stream.closed) resolve(failure);
        stream.once('close', () => resolve(failure));
        stream.end();
      }),
  };
}
