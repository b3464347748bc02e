import { createReadStream, createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { constants, createGunzip, createGzip } from 'node:zlib';
import { mebibytes, seconds } from '../../model/units.ts';
import { type StoreFailure, storeFailure } from './store-failure.ts';

/** After a `kill -9` at most this much is missing. */
const flushInterval = seconds(2);

/** Lines appended to one gzip stream; what is flushed can be read even if the end never comes. */
export interface GzipLines {
  add(line: string): void;
  /** @throws StoreFailure where something could not be written */
  close(): Promise<void>;
}

/** `onFailure` is called once, at the first write that fails; later lines are then dropped. */
export function openGzipLines(file: string, onFailure: (failure: StoreFailure) => void): GzipLines {
  const gzip = createGzip();
  const sink = createWriteStream(file, { flags: 'wx' });
  let failure: StoreFailure | null = null;
  const fail = (error: unknown): void => {
    if (failure !== null) return;
    failure = storeFailure(error, file);
    clearInterval(timer);
    gzip.destroy();
    onFailure(failure);
  };
  gzip.on('error', fail);
  sink.on('error', fail);
  gzip.pipe(sink);
  let fresh = false;
  const timer = setInterval(() => {
    if (!fresh) return;
    fresh = false;
    gzip.flush(constants.Z_SYNC_FLUSH);
  }, flushInterval);
  timer.unref();
  return {
    add: (line) => {
      if (failure !== null || gzip.writableEnded) return;
      fresh = true;
      gzip.write(`${line}\n`);
    },
    close: async () => {
      clearInterval(timer);
      if (failure === null && !gzip.writableEnded) {
        gzip.end();
        await finished(sink).catch(fail);
      }
      if (failure !== null) throw failure;
    },
  };
}

const longestLine = mebibytes(128);

/**
 * The lines of such a file. `endMayBeMissing`: what can be read is given and a damaged or cut end is left out.
 * @throws what zlib or the file system throws, or a RangeError for a line of more than 128 MiB
 */
export async function* readGzipLines(file: string, endMayBeMissing: boolean): AsyncGenerator<string> {
  const gunzip = createGunzip(endMayBeMissing ? { finishFlush: constants.Z_SYNC_FLUSH } : {});
  const source = createReadStream(file);
  source.on('error', (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  gunzip.setEncoding('utf8');
  // Pieces of the line under way: joined once, since joining at each piece would take the square of its length.
  let pieces: string[] = [];
  let length = 0;
  try {
    for await (const part of gunzip) {
      const lines = String(part).split('\n');
      const last = lines.pop() ?? '';
      for (const line of lines) {
        yield pieces.join('') + line;
        pieces = [];
        length = 0;
      }
      pieces.push(last);
      length += last.length;
      if (length > longestLine) throw new RangeError('a line is too long to be true');
    }
  } catch (error) {
    if (!(endMayBeMissing && isZlibError(error))) throw error;
    return;
  } finally {
    source.destroy();
    gunzip.destroy();
  }
  const rest = pieces.join('');
  if (rest !== '' && !endMayBeMissing) yield rest;
}

const isZlibError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^(Z_|ERR_PADDING|ERR_TRAILING)/.test(String(error.code));
