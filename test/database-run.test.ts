import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { z } from 'zod';
import { startPlimsoll } from '../fixtures/run-program.ts';
import { type Database, openDatabase } from '../fixtures/services/embedded-postgres.ts';
import { buildGroupBuy, groupBuyTarget } from '../fixtures/services/group-buy-service.ts';
import { seconds } from '../model/units.ts';

/*
 * A run that reads the database behind the service: a real PostgreSQL, with orders that wait for each other's lock.
 */

let database: Database;
let binary: string;
test.before(async (t) => {
  t.timeout(seconds(400), 'a cold build takes a while');
  binary = await buildGroupBuy(() => {});
  database = await openDatabase({ say: () => {}, environment: { ...process.env, DATABASE_URL: '' } });
});
test.after.always(() => database?.stop());

const document = z.object({
  stages: z.array(
    z.object({
      done: z.number(),
      target: z.object({
        database: z
          .object({
            lockWaits: z.number(),
            active: z.number(),
            connectionsAvailable: z.number(),
            statements: z.array(z.object({ text: z.string(), calls: z.number(), meanMs: z.number() })),
          })
          .nullable(),
      }),
    }),
  ),
  findings: z.array(
    z.object({ id: z.string(), status: z.string(), evidence: z.array(z.object({ source: z.string() })) }),
  ),
});

/** One order at a time gets through: 12 ms each at 60 a second, so that some always wait. */
const scenario = (target: object): string => `
export default {
  name: 'locked',
  target: ${JSON.stringify(target)},
  traffic: {
    requests: () => ({
      name: 'order', method: 'POST', path: '/orders', body: '{"groupId": 7, "userId": 5}', expect: '201',
      headers: { 'Content-Type': 'application/json' },
    }),
  },
  prepare: async ({ request }) => (await request({ path: '/faults/row-lock?level=12', method: 'POST' })).status,
  load: { arrivals: 'poisson', warmUp: '1s', stages: [{ hold: 60, for: '7s' }] },
  collect: { metrics: '/metrics', postgres: 'env:SHOP_DATABASE', interval: '200ms' },
};
`;

test('what the database says is in the record, the figures and the findings, and its password nowhere', async (t) => {
  t.timeout(seconds(120));
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const target = groupBuyTarget({ binary, database, downstreamUrl: null });
  await writeFile(join(folder, 'locked.ts'), scenario(target));
  const { code, out, err } = await startPlimsoll(['run', 'locked.ts', '--json', '--runs', 'runs'], {
    cwd: folder,
    environment: { SHOP_DATABASE: database.url },
  }).ended;
  t.is(code, 0, err);
  const { stages, findings } = document.parse(JSON.parse(out));
  const read = stages.at(-1)?.target.database;
  t.true((read?.lockWaits ?? 0) > 0.5, JSON.stringify(read));
  t.is(read?.connectionsAvailable, 97);
  const blocked = read?.statements.find(({ text }) => text.includes('for update of stock'));
  t.true((blocked?.calls ?? 0) > 60, JSON.stringify(read?.statements));
  t.like(
    findings.find(({ id }) => id === 'row-lock'),
    { status: 'estimated' },
    JSON.stringify(findings),
  );
  t.false(findings.some(({ id, status }) => id === 'idle-in-transaction' && status === 'estimated'));

  const { password } = new URL(database.url);
  const [run = ''] = await readdir(join(folder, 'runs'));
  for (const file of ['run.json', 'plan.json', 'report.html']) {
    const text = await readFile(join(folder, 'runs', run, file), 'utf8');
    t.false(text.includes(password), `the password is in ${file}`);
    t.true(text.includes('SHOP_DATABASE'), file);
  }
  t.regex(await readFile(join(folder, 'runs', run, 'report.html'), 'utf8'), /Statements that took most time/);
});
