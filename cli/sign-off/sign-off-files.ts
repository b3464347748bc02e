import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Where a sign-off is: the signed file, and beside it the folder of what it rests on. */
export interface SignOffFiles {
  readonly envelope: string;
  readonly artifacts: string;
}

/** `--out`: a file ending in .json, or a folder for `signoff.json`. */
export function filesFor(out: string): SignOffFiles {
  return besides(out.endsWith('.json') ? out : join(out, 'signoff.json'));
}

/** FILE of `signoff verify`: the file, or the folder that it is in. */
export async function filesOf(file: string): Promise<SignOffFiles> {
  const found = await stat(file).catch(() => null);
  return besides(found?.isDirectory() === true ? join(file, 'signoff.json') : file);
}

const besides = (envelope: string): SignOffFiles => ({
  envelope,
  artifacts: join(dirname(envelope), `${basename(envelope, '.json')}.artifacts`),
});
