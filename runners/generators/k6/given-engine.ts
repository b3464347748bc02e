import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { seconds } from '../../../model/units.ts';
import type { BuiltProgram } from '../../cached-go-program.ts';
import { systemCause } from '../../../model/system-cause.ts';
import { RunFailure } from '../../world.ts';

/** What `k6 version` lists of ours. */
const needed = ['k6/x/plimsoll', 'plimsoll [output]'];
const way = 'build one with the packages of runners/generators/k6/engine, or leave --k6-binary out';

/** A k6 that somebody built with our output, executor and module. @throws RunFailure where it is none */
export async function givenEngine(file: string): Promise<BuiltProgram> {
  try {
    await access(file, constants.X_OK);
  } catch (error) {
    throw new RunFailure(
      'generator',
      `${file} cannot be run: ${systemCause(error)}`,
      'check the path and its permissions',
    );
  }
  const version = await promisify(execFile)(file, ['version'], { timeout: seconds(10), env: {} }).then(
    ({ stdout }) => stdout,
    () => '',
  );
  if (!/\bv\d+\.\d+/.test(version))
    throw new RunFailure('generator', `${file} does not answer "version" as a k6 does`, way);
  const missing = needed.filter((extension) => !version.includes(extension));
  if (missing.length > 0)
    throw new RunFailure('generator', `${file} is a k6 without what plimsoll needs in it: ${missing.join(', ')}`, way);
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return { file, hash: hash.digest('hex').slice(0, 16) };
}
