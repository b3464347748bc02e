import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import type { Plan } from '../../model/plan.ts';
import { type Milliseconds, milliseconds, seconds } from '../../model/units.ts';
import { RunFailure, realWorld } from '../world.ts';
import { acquireTarget } from './acquire-target.ts';
import { describeEnvironment } from './describe-environment.ts';
import type { Target } from './target.ts';

const world = realWorld({ say: () => {}, interrupted: new AbortController().signal });
const context = {
  runId: 'r',
  log: join(tmpdir(), 'never-written.log'),
  redact: (text: string) => text,
  onErrorLine: () => {},
};
const { plan } = buildRunRecord({ stages: [{ rate: 1, seconds: 1 }] });

const planFor = (url: string, readyTimeoutMs: Milliseconds = seconds(10)): Plan => ({
  ...plan,
  target: { kind: 'attach', url, readyPath: null, readyTimeoutMs },
});
const attach = async (url: string, timeout?: Milliseconds): Promise<Target> =>
  acquireTarget(planFor(url, timeout), world, context);

test('one connect, not a byte sent, and the process behind it', async (t) => {
  let connections = 0;
  let received = 0;
  const server = createServer((socket) => {
    connections++;
    socket.on('data', (data) => (received += data.length));
    socket.on('error', () => {});
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const target = await attach(`http://localhost:${port}/some/path`);
  t.is(target.url, `http://localhost:${port}`);
  t.is(target.readinessRequests, 0);
  await target.stop();
  t.true(server.listening);
  t.deepEqual([connections, received], [1, 0]);
  if (process.platform !== 'linux') return;
  t.is(target.processId, process.pid);
  const environment = await describeEnvironment(planFor(target.url), target);
  t.is(environment.target.processId, process.pid);
  t.is(environment.target.command, null);
  t.is(environment.target.goVersion, null);
  t.is(environment.host.platform, `linux-${process.arch}`);
  t.truthy(environment.host.sysctls['net.core.somaxconn']);
});

test('refused, unknown name, unreachable and silent are four clear failures', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  server.close();
  await once(server, 'close');
  const cases: [string, RegExp][] = [
    [`http://127.0.0.1:${port}`, new RegExp(`^127.0.0.1:${port} refused the connection$`)],
    ['http://no-such-host.invalid', /^the name no-such-host\.invalid could not be resolved/],
    ['http://255.255.255.255:9', /^255\.255\.255\.255:9 (cannot be reached|could not be connected)/],
  ];
  for (const [url, message] of cases) {
    const failure = await t.throwsAsync(attach(url), { instanceOf: RunFailure, message }, url);
    t.is(failure.phase, 'target');
    t.not(failure.hint, '');
  }
});

const deaf = `require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
  console.log(this.address().port);
});`;

test.skipIf(process.platform !== 'linux')('an address that stays silent: the time is bounded', async (t) => {
  const child = spawn(process.execPath, ['-e', deaf], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await once(child.stdout, 'data');
  const port = Number(String(said));
  // Stopped, it accepts nothing; once the queue is full the kernel drops what comes.
  child.kill('SIGSTOP');
  const fillers = Array.from({ length: 6 }, () => connect({ host: '127.0.0.1', port }));
  for (const filler of fillers) filler.on('error', () => {});
  t.teardown(async () => {
    for (const filler of fillers) filler.destroy();
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  await Promise.all(fillers.slice(0, 2).map(async (filler) => once(filler, 'connect')));
  await t.throwsAsync(attach(`http://127.0.0.1:${port}`, milliseconds(400)), {
    instanceOf: RunFailure,
    message: `127.0.0.1:${port} did not answer a connect within 0.4 s`,
  });
});
