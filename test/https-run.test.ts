import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { z } from 'zod';
import { type EndedProgram, startPlimsoll } from '../fixtures/run-program.ts';
import { startTlsTarget } from '../fixtures/tls-target.ts';
import { seconds } from '../model/units.ts';

/*
 * https from the command line: the k6 engine is taken, built where need be, and held to the certificate.
 */

const document = z.object({
  engine: z.object({ name: z.string(), version: z.string() }),
  stages: z.array(z.object({ due: z.number(), done: z.number(), failed: z.number() })),
  verdict: z.object({ status: z.string() }),
});

async function run(t: ExecutionContext, args: readonly string[]): Promise<EndedProgram> {
  const runs = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(runs, { recursive: true }));
  return await startPlimsoll(['run', ...args, '--runs', runs]).ended;
}

const load = ['--rate', '50', '--hold', '2s', '--warm-up', '1s', '--objective', 'errors<50%', '--json'];

test.beforeEach((t) => t.timeout(seconds(600)));

test('a URL with https is driven by k6 over a certificate of the authority that was named', async (t) => {
  const target = await startTlsTarget();
  const ran = await run(t, [`${target.url}/`, '--ca', target.caFile, ...load]);
  const seen = await target.stop();
  t.is(ran.code, 0, ran.err);
  const { engine, stages, verdict } = document.parse(JSON.parse(ran.out));
  t.is(engine.name, 'k6');
  t.deepEqual(
    stages.map(({ due, done }) => [due, done]),
    [
      [50, 50],
      [100, 100],
    ],
  );
  t.is(seen.requests, 150);
  t.is(verdict.status, 'pass');
});

test('without the authority every request fails of the certificate, and none is sent', async (t) => {
  const target = await startTlsTarget();
  const ran = await run(t, [`${target.url}/`, ...load]);
  const seen = await target.stop();
  t.regex(ran.out + ran.err, /tls/);
  t.is(seen.requests, 0);
  const { stages } = document.parse(JSON.parse(ran.out));
  t.true(stages.every(({ done }) => done === 0));
});

test('a file that holds no certificate ends the run before the load', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const file = join(folder, 'ca.pem');
  await writeFile(file, 'not a certificate\n');
  const ran = await run(t, ['https://127.0.0.1:1/', '--ca', file, ...load]);
  t.is(ran.code, 3, ran.err);
  t.regex(ran.err, /ca\.pem holds no certificate.*PEM/);
});

test('a program that is no k6 with our additions is refused by name', async (t) => {
  const ran = await run(t, ['https://127.0.0.1:1/', '--k6-binary', '/bin/true', ...load]);
  t.is(ran.code, 3, ran.err);
  t.regex(ran.err, /\/bin\/true does not answer "version" as a k6 does/);
});

test('a client certificate and its key are checked before the load', async (t) => {
  const target = await startTlsTarget('known');
  t.teardown(() => target.stop());
  const files = (certificate: string, key: string): string[] => [
    '--ca',
    target.caFile,
    '--cert',
    join(target.folder, certificate),
    '--key',
    join(target.folder, key),
  ];
  const mismatched = await run(t, [`${target.url}/`, ...files('client.pem', 'other.key'), ...load]);
  t.is(mismatched.code, 3, mismatched.err);
  t.regex(mismatched.err, /client\.pem and the key .*other\.key are of no use.*belong together/s);
  const missing = await run(t, [`${target.url}/`, ...files('client.pem', 'none.key'), ...load]);
  t.is(missing.code, 3, missing.err);
  t.regex(missing.err, /none\.key cannot be read/);
  const alone = await run(t, [`${target.url}/`, '--cert', join(target.folder, 'client.pem'), ...load]);
  t.is(alone.code, 2, alone.err);
  t.regex(alone.err, /--key.*is missing/);
  const ran = await run(t, [`${target.url}/`, ...files('client.pem', 'client.key'), ...load]);
  t.is(ran.code, 0, ran.err);
});
