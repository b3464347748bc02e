import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { k6Process } from './k6-process.ts';

test.serial("a user's settings of Go's runtime stay beside the engine's", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-k6-process-'));
  const before = process.env['GODEBUG'];
  t.teardown(async () => {
    if (before === undefined) delete process.env['GODEBUG'];
    else process.env['GODEBUG'] = before;
    await rm(folder, { recursive: true });
  });
  const setting = (): string | undefined =>
    k6Process(join(folder, 'job.json'), { script: '', output: 'plimsoll=fd:1', caFile: null }).environment['GODEBUG'];
  delete process.env['GODEBUG'];
  t.is(setting(), 'schedtrace=2147483647');
  process.env['GODEBUG'] = 'http2client=0';
  t.is(setting(), 'http2client=0,schedtrace=2147483647');
});
