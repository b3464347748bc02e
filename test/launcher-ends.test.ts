import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { z } from 'zod';

const root = fileURLToPath(new URL('..', import.meta.url));
/** As npm's script does: a shell that waits, and says who it is. */
const launcher = 'PLIMSOLL_LAUNCHER=$$ "$0" "$@"; exit $?';
const outcomeShape = z.object({ outcome: z.object({ status: z.string(), code: z.string(), reason: z.string() }) });

test('a run whose launcher was killed says so, and keeps what was measured', async (t) => {
  const server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = server.address();
  const url = `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 1}`;
  const runs = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(runs, { recursive: true, force: true }));
  const command = [process.execPath, join(root, 'cli/main.ts'), 'run', url];
  const flags = ['--rate', '50', '--hold', '60s', '--warm-up', '1s', '--runs', runs];
  const shell = spawn('/bin/sh', ['-c', launcher, ...command, ...flags], { stdio: ['ignore', 'ignore', 'pipe'] });
  // What plimsoll inherited of the shell closes when plimsoll ends.
  const closed = once(shell, 'close');
  let said = '';
  shell.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (said.includes('50/s') && shell.signalCode === null) shell.kill('SIGKILL');
  });
  await closed;
  const [name = ''] = await readdir(runs);
  const { outcome } = outcomeShape.parse(JSON.parse(await readFile(join(runs, name, 'run.json'), 'utf8')));
  t.deepEqual(outcome, {
    status: 'aborted',
    code: 'interrupted',
    reason: 'the process that started plimsoll ended',
  });
});
