import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { z } from 'zod';
import { ArrivalLog } from '../fixtures/arrival-log.ts';
import { buildTestProgram } from '../fixtures/build-test-program.ts';
import { startEchoWebSocket } from '../fixtures/echo-websocket.ts';
import { type EndedProgram, startPlimsoll } from '../fixtures/run-program.ts';
import { buildService } from '../fixtures/services/build-service.ts';
import { buildGroupBuy, groupBuyTarget } from '../fixtures/services/group-buy-service.ts';
import { startQuotes } from '../fixtures/services/quotes-service.ts';
import { takingTurns } from '../fixtures/taking-turns.ts';
import { seconds } from '../model/units.ts';

/*
 * k6 scripts of a user from the command line: a real engine, a target that knows what it got.
 */

let arrivalLog: string;

test.before(async (t) => {
  t.timeout(seconds(600));
  arrivalLog = await buildTestProgram('arrival-log');
});
test.beforeEach((t) => t.timeout(seconds(600)));

const quantile = z.object({ estimate: z.number() }).nullable();
const quantiles = z.object({ '0.5': quantile, max: z.number().nullable() });
const document = z.object({
  engine: z.object({ name: z.string(), reason: z.string() }),
  stages: z.array(
    z.object({
      due: z.number(),
      sent: z.number(),
      done: z.number(),
      failed: z.number(),
      shed: z.number(),
      dropped: z.number(),
      inFlightAtEnd: z.number(),
      failures: z.record(z.string(), z.number()),
      responseTimeMs: quantiles,
      endpoints: z.array(z.object({ name: z.string(), due: z.number() })),
      steps: z.array(
        z.object({
          name: z.string(),
          kind: z.string(),
          begun: z.number(),
          done: z.number(),
          failed: z.number(),
          shed: z.number(),
          serviceTimeMs: quantiles,
        }),
      ),
    }),
  ),
  verdict: z.object({
    status: z.string(),
    objectives: z.array(z.object({ objective: z.string(), status: z.string() })),
  }),
});

interface Wishes {
  readonly script: string;
  readonly load?: string;
  readonly traffic?: string;
  readonly more?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

interface Ran extends EndedProgram {
  readonly runs: string;
  readonly target: ArrivalLog;
}

async function run(t: ExecutionContext, wishes: Wishes): Promise<Ran> {
  const { script, load, traffic, more, environment = {} } = wishes;
  const target = await ArrivalLog.start({ binary: arrivalLog });
  t.teardown(() => target.stop());
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'package.json'), '{"type": "module"}');
  await writeFile(join(folder, 'visit.k6.ts'), script);
  await writeFile(join(folder, 'rows.json'), '["a", "b", "c"]');
  await writeFile(
    join(folder, 'visits.ts'),
    `import { defineScenario } from 'plimsoll';
export default defineScenario({
  name: 'visits', target: '${target.url}', timeout: '3s', connections: 90,
  traffic: { k6Script: './visit.k6.ts', ${traffic ?? ''} },
  load: { warmUp: '0s', stages: [${load ?? "{ hold: 20, for: '3s' }"}] },
  ${more ?? ''}
});`,
  );
  const runs = join(folder, 'runs');
  const { ended } = startPlimsoll(['run', join(folder, 'visits.ts'), '--json', '--runs', runs], { environment });
  return { ...(await ended), runs, target };
}

test('iterations are the books, steps are measured beside them, and thinking is no response time', async (t) => {
  const ran = await run(t, {
    script: `import { check, group, sleep } from 'k6';
import { SharedArray } from 'k6/data';
import exec from 'k6/execution';
import http from 'k6/http';
import rows from './rows.json';

const shared = new SharedArray<string>('rows', () => JSON.parse(open('./rows.json')));
if (__ENV.HOME !== undefined) throw new Error('the environment of the machine');

export default function visit(): void {
  const i = exec.scenario.iterationInTest;
  if (__ITER !== exec.vu.iterationInScenario) throw new Error('numbers of one user: ' + __ITER);
  group('look', () => {
    http.get(\`\${__ENV.PLIMSOLL_URL}/instant?i=\${i}\`);
    sleep(1);
  });
  http.batch([['GET', \`\${__ENV.PLIMSOLL_URL}/sleep?ms=20\`], ['GET', \`\${__ENV.PLIMSOLL_URL}/echo\`]]);
  const echo = http.post(\`\${__ENV.PLIMSOLL_URL}/echo\`, shared[i % rows.length] + __ENV.OWN, { tags: { name: 'place' } });
  check(echo, { 'it is mine': ({ body }) => String(body).endsWith(shared[i % 3] + 'mine') });
}
`,
    traffic: "environment: { OWN: 'env:SECRET_OF_MINE' }",
    environment: { SECRET_OF_MINE: 'mine' },
    load: "{ hold: 20, for: '4s' }, { hold: 40, for: '4s' }",
    more: "objectives: ['visit:p50<20s', 'place:p50<20s', 'errors<50%'],",
  });
  t.is(ran.code, 0, ran.err + ran.out);
  const { engine, stages, verdict } = document.parse(JSON.parse(ran.out));
  t.deepEqual([engine.name, engine.reason], ['k6', './visit.k6.ts is a k6 script, which only k6 runs']);
  t.deepEqual(
    stages.map(({ due, sent, done }) => [due, sent, done]),
    [80, 160].map((count) => [count, count, count]),
  );
  t.deepEqual(
    stages.map(({ endpoints }) => endpoints),
    [80, 160].map((due) => [{ name: 'visit', due }]),
  );
  for (const { steps, due, responseTimeMs } of stages) {
    t.deepEqual(steps.map(({ name, kind, begun, done }) => `${kind} ${name} ${begun / due} ${done / due}`).toSorted(), [
      'check it is mine 1 1',
      'group look 1 1',
      'http GET /echo 1 1',
      'http GET /instant 1 1',
      'http GET /sleep 1 1',
      'http place 1 1',
    ]);
    const slept = seconds(1);
    const middle = (times: z.infer<typeof quantiles> | undefined): number => times?.['0.5']?.estimate ?? NaN;
    const step = (name: string): number => middle(steps.find((each) => each.name === name)?.serviceTimeMs);
    t.true(step('GET /sleep') >= 20, `${step('GET /sleep')}`);
    // Each iteration slept for a second, which is no response time: four quick requests are.
    t.true(middle(responseTimeMs) >= 20 && middle(responseTimeMs) < slept, `${middle(responseTimeMs)}`);
    t.true(step('look') < middle(responseTimeMs), `${step('look')}`);
  }
  const arrived = await ran.target.log();
  t.deepEqual(
    [0, 1].map((stage) => arrived.filter((each) => each.stage === stage).length),
    [320, 640],
  );
  // Each due time has its number, once.
  const numbers = arrived.map(({ iteration }) => iteration).filter((iteration) => iteration >= 0);
  t.deepEqual(
    numbers.toSorted((a, b) => a - b),
    Array.from({ length: 240 }, (_, index) => index),
  );
  t.is(verdict.status, 'pass', JSON.stringify(verdict));
});

test('an iteration ends as the first thing that went wrong in it, and the user reads where', async (t) => {
  const ran = await run(t, {
    script: `import { check, fail } from 'k6';
import { scenario } from 'k6/execution';
import http from 'k6/http';
import ws from 'k6/ws';

const ways: readonly (() => void)[] = [
  () => { throw new Error('thrown by the script'); },
  () => { check(null, { never: () => false }); fail('after the check'); },
  () => { http.get(__ENV.PLIMSOLL_URL + '/status?code=503'); check(null, { never: () => false }); },
  () => http.get(__ENV.PLIMSOLL_URL + '/status?code=500'),
  () => http.get(__ENV.PLIMSOLL_URL + '/nothing'),
  () => http.get(__ENV.PLIMSOLL_URL + '/status?code=404', { responseCallback: http.expectedStatuses(404) }),
  () => ws.connect(__ENV.PLIMSOLL_URL.replace('http', 'ws') + '/instant', {}, () => {}),
];
export default () => { ways[scenario.iterationInTest % ways.length]?.(); };
`,
    load: "{ hold: 20, for: '3.5s' }",
    more: 'abort: { errors: false },',
  });
  t.is(ran.code, 0, ran.err + ran.out);
  const [stage] = document.parse(JSON.parse(ran.out)).stages;
  if (stage === undefined) throw new Error('no stage');
  t.is(stage.due, 70);
  t.deepEqual([stage.done, stage.shed, stage.failed, stage.dropped, stage.inFlightAtEnd], [10, 10, 50, 0, 0]);
  t.deepEqual(stage.failures, {
    'script-error': 10,
    'failed-check': 10,
    'unexpected-status': 20,
    'connection-closed': 10,
  });
  t.deepEqual(stage.steps.map(({ name, done, failed, shed }) => `${name} ${done} ${failed} ${shed}`).toSorted(), [
    '/instant 0 10 0',
    'GET /nothing 0 10 0',
    'GET /status 10 10 10',
    'never 0 20 0',
  ]);
  t.regex(ran.err, /the script threw: thrown by the script \(.*visit\.k6\.ts:7:\d+\)/);
  t.is(ran.err.split('thrown by the script').length, 2);
});

test('iterations that are cut when the load is over are in flight, with the request they had sent', async (t) => {
  const ran = await run(t, {
    script: `import http from 'k6/http';
export default () => { http.get(__ENV.PLIMSOLL_URL + '/instant'); http.get(__ENV.PLIMSOLL_URL + '/hang', { timeout: '60s' }); };
`,
    load: "{ hold: 5, for: '2s' }",
    more: 'abort: { errors: false, targetGone: false },',
  });
  const [stage] = document.parse(JSON.parse(ran.out)).stages;
  if (stage === undefined) throw new Error('no stage');
  t.is(stage.due, 10);
  t.is(stage.done + stage.failed + stage.inFlightAtEnd, 10);
  const [hang, instant] = stage.steps.toSorted((a, b) => a.name.localeCompare(b.name));
  t.deepEqual([hang?.name, hang?.begun, instant?.name, instant?.done], ['GET /hang', 10, 'GET /instant', 10]);
});

test('two steps and a moment of thought on the group-buy service, as its script in fixtures does it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const binary = await buildGroupBuy(() => undefined);
  const scenario = {
    name: 'group-buy-visits',
    target: groupBuyTarget({ binary, database: null, downstreamUrl: null }),
    traffic: { k6Script: fileURLToPath(new URL('../fixtures/k6-scripts/group-buy.k6.ts', import.meta.url)) },
    load: { arrivals: 'poisson', warmUp: '1s', stages: [{ hold: 20, for: '4s' }] },
    objectives: ['group-buy:p50<20s', 'place-order:p50<20s', 'errors<50%'],
  };
  await writeFile(join(folder, 'visits.mjs'), `export default ${JSON.stringify(scenario)};`);
  const ran = await startPlimsoll(['run', join(folder, 'visits.mjs'), '--json', '--runs', folder]).ended;
  const [, stage] = document.parse(JSON.parse(ran.out)).stages;
  if (stage === undefined) throw new Error(ran.err);
  t.true(stage.due > 0);
  t.is(stage.done, stage.due, JSON.stringify(stage.failures) + ran.err);
  t.deepEqual(stage.steps.map(({ name, begun }) => `${name} ${begun / stage.due}`).toSorted(), [
    'GET /groups/{id} 1',
    'GET /menu 1',
    'place-order 1',
    'the order was placed 1',
  ]);
});

test('a WebSocket session and a gRPC call of a script are steps of their iteration', async (t) => {
  const socket = await startEchoWebSocket();
  t.teardown(() => socket.stop());
  const quotes = await startQuotes({ binary: await buildService('quotes', () => undefined) });
  t.teardown(() => quotes.stop());
  const ran = await run(t, {
    script: `import { check } from 'k6';
import grpc from 'k6/net/grpc';
import ws from 'k6/ws';

const client = new grpc.Client();
let isConnected = false;

export default function both(): void {
  if (!isConnected) client.connect(__ENV.QUOTES, { plaintext: true, reflect: true });
  isConnected = true;
  const quote = client.invoke('plimsoll.quotes.v1.Quotes/Get', { item: 'TEA' });
  check(quote, { quoted: ({ status }) => status === grpc.StatusOK });
  let echo = '';
  ws.connect(__ENV.SOCKET, {}, (session) => {
    session.on('open', () => session.send('hello'));
    session.on('message', (text) => { echo = text; session.close(); });
  });
  check(echo, { echoed: (text) => text === 'hello' });
}
`,
    traffic: `environment: { QUOTES: '${new URL(quotes.url).host}', SOCKET: '${socket.url}' }`,
    load: "{ hold: 10, for: '3s' }",
  });
  t.is(ran.code, 0, ran.err + ran.out);
  const [stage] = document.parse(JSON.parse(ran.out)).stages;
  t.deepEqual([stage?.due, stage?.done], [30, 30], JSON.stringify(stage?.failures) + ran.err);
  t.deepEqual(stage?.steps.map(({ name, kind, done }) => `${kind} ${name} ${done}`).toSorted(), [
    'check echoed 30',
    'check quoted 30',
    'grpc plimsoll.quotes.v1.Quotes/Get 30',
    'websocket /echo 30',
  ]);
  t.deepEqual(socket.counts, { sessions: 30, echoes: 30 });
  t.deepEqual((await quotes.counts()).calls['/plimsoll.quotes.v1.Quotes/Get'], { OK: 30 });
});

const atATime = takingTurns([1, 2]);
const refused = (t: ExecutionContext, wishes: Wishes, code: number, says: RegExp): Promise<string> =>
  atATime(async () => {
    const ran = await run(t, wishes);
    t.is(ran.code, code, ran.err);
    t.regex(ran.err, says);
    return ran.runs;
  });

test('what is wrong with a script before the load is one message, with the record where it came to a run', async (t) => {
  const thrown = 'const a: number = 1;\nthrow new Error(`no ${a}`);\nexport default () => a;';
  const unknown = "import own from 'k6/x/of-mine';\nexport default () => own;";
  const traffic = "environment: { KEY: 'env:NOT_SET_ANYWHERE' }";
  const [runs] = await Promise.all([
    refused(t, { script: thrown }, 3, /the script could not begin: no 1 \(.*visit\.k6\.ts:2:\d+\)/),
    refused(t, { script: 'export default { run: 1 };' }, 3, /default export of the script is no function/),
    refused(t, { script: unknown }, 3, /k6\/x\/of-mine/),
    refused(t, { script: 'export const options = {};\nexport default () => 1;' }, 2, /exports options/),
    refused(t, { script: 'export default () => {' }, 2, /visit\.k6\.ts:1:\d+/),
    refused(t, { script: 'export default () => 1;', traffic }, 2, /the environment has no NOT_SET_ANYWHERE/),
    refused(t, { script: 'export default () => 1;', more: "engine: 'autocannon'," }, 2, /cannot run a k6 script/),
  ]);
  t.is((await readdir(runs)).filter((name) => !name.endsWith('.partial')).length, 1);
});
