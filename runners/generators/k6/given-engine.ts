import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { systemCause } from '../../../model/system-cause.ts';
import { seconds } from '../../../model/units.ts';
import { RunFailure } from '../../world.ts';
import type { LoadGenerator } from '../port.ts';
import { k6Engine } from './engine.ts';
import { stockEngine } from './stock/stock-engine.ts';

/** What `k6 version` lists of ours. */
const ours = ['k6/x/plimsoll', 'plimsoll [output]'];
/** What the stock engine's script and samples need. */
const oldest = [1, 0];
const way = 'build one with the packages of runners/generators/k6/engine, or leave --k6-binary out';

/** A k6 that plimsoll did not build. */
export interface GivenEngine {
  readonly engine: LoadGenerator;
  /** It lacks our output, executor and module, and so gives less. */
  readonly isStock: boolean;
}

/** A k6 that somebody else built, with our additions or without. @throws RunFailure where it is none */
export async function givenEngine(file: string): Promise<GivenEngine> {
  try {
    await access(file, constants.X_OK);
  } catch (error) {
    throw new RunFailure(
      'generator',
      `${file} cannot be run: ${systemCause(error)}`,
      'check the path and its permissions',
    );
  }
  const said = await promisify(execFile)(file, ['version'], { timeout: seconds(10), env: {} }).then(
    ({ stdout }) => stdout,
    () => '',
  );
  const [version, major = '', minor = ''] = /\bv(\d+)\.(\d+)[^\s,]*/.exec(said) ?? [];
  if (version === undefined) throw new RunFailure('generator', `${file} does not answer "version" as a k6 does`, way);
  const missing = ours.filter((extension) => !said.includes(extension));
  if (missing.length > 0) {
    const [oldestMajor = 0, oldestMinor = 0] = oldest;
    if (Number(major) < oldestMajor || (Number(major) === oldestMajor && Number(minor) < oldestMinor))
      throw new RunFailure(
        'generator',
        `${file} is k6 ${version}, and plimsoll can use v${oldest.join('.')} or newer`,
        way,
      );
    return { isStock: true, engine: stockEngine({ file, version, missing }) };
  }
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return { isStock: false, engine: k6Engine({ file, hash: hash.digest('hex').slice(0, 16) }) };
}
