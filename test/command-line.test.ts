import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { type EndedProgram, startPlimsoll, startProgram } from '../fixtures/run-program.ts';
import { takingTurns } from '../fixtures/taking-turns.ts';

/*
 * plimsoll as a user meets it: a process with arguments, two streams and an exit code, against real servers.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const main = join(root, 'cli/main.ts');

/**
 * All tests begin at once, but no more than three programs are at work at a time. What each test asserts holds however
 * late the machine is: counts, exit codes and words.
 */
const inTurn = takingTurns([1, 2, 3]);

const plimsoll = (args: readonly string[], cwd = root): Promise<EndedProgram> =>
  inTurn(() => startPlimsoll(args, { cwd }).ended);

async function serve(
  t: ExecutionContext,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server's address is always this
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function folder(t: ExecutionContext): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(made, { recursive: true, force: true }));
  return made;
}

const short = ['--rate', '50', '--hold', '2s', '--warm-up', '1s'];
/**
 * A generator is judged against the latency that is asked for. Tests share their processors with other tests, so they
 * ask for little: stages stay valid however late the machine lets the generator be.
 */
const lenient = ['--objective', 'p50<30s'];

function noStackTrace(t: ExecutionContext, { err }: EndedProgram): void {
  t.notRegex(err, /^\s+at /m, err);
}

interface RunDocument {
  readonly schema: string;
  readonly outcome: { readonly status: string };
  readonly stages: readonly {
    readonly kind: string;
    readonly due: number;
    readonly sent: number;
    readonly done: number;
    readonly failed: number;
    readonly shed: number;
    readonly dropped: number;
    readonly inFlightAtEnd: number;
  }[];
  readonly verdict: { readonly status: string };
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the assertions below look at every field used
const document = (text: string): RunDocument => JSON.parse(text) as RunDocument;

test('a URL alone is enough: stages, books, verdict; then analyze with the server gone, and every report', async (t) => {
  const runs = await folder(t);
  let served = 0;
  const server = createServer((_, response) => {
    served++;
    response.end('hello');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server's address is always this
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ran = await plimsoll(['run', url, ...short, ...lenient, '--objective', 'errors<50%', '--json', '--runs', runs]);
  server.close();
  server.closeAllConnections();
  t.is(ran.code, 0, ran.err);
  const { schema, stages, outcome, verdict } = document(ran.out);
  t.is(schema, 'plimsoll/run/1');
  t.true(ran.out.trimStart().startsWith('{\n  "schema"') || ran.out.startsWith('{"schema"'), 'schema is the first key');
  t.is(outcome.status, 'completed');
  t.is(verdict.status, 'pass');
  t.deepEqual(
    stages.map(({ kind, due }) => [kind, due]),
    [
      ['warm-up', 50],
      ['hold', 100],
    ],
  );
  t.is(
    stages.reduce((sum, { sent }) => sum + sent, 0),
    served,
    'sent is what the server counted',
  );
  for (const stage of stages)
    t.is(stage.due, stage.done + stage.failed + stage.shed + stage.dropped + stage.inFlightAtEnd);

  const again = await plimsoll(['analyze', 'last', '--json', '--runs', runs]);
  t.is(again.code, 0, again.err);
  t.deepEqual(document(again.out).stages, stages);
  await Promise.all(
    ['html', 'md', 'json', 'svg', 'terminal'].map(async (format) => {
      const report = await plimsoll(['report', 'last', '--format', format, '--runs', runs]);
      t.is(report.code, 0, report.err);
      t.true(report.out.length > 500, format);
    }),
  );
  t.deepEqual((await readdir(join(runs, (await readdir(runs))[0] ?? ''))).toSorted().slice(0, 4), [
    'analysis.json',
    'generator.log',
    'manifest.json',
    'metrics.jsonl.gz',
  ]);
});

test('without objectives nothing was asked: inconclusive, exit 0, and the last lines are the answer', async (t) => {
  const url = await serve(t, (_, response) => response.end('hello'));
  const ran = await plimsoll(['run', url, ...short, '--runs', await folder(t)]);
  t.is(ran.code, 0, ran.err);
  const last = ran.out.trimEnd().split('\n').slice(-4);
  t.regex(last[0] ?? '', /^verdict\s+inconclusive/i);
  t.regex(last[1] ?? '', /^water-level/i);
  t.regex(last[2] ?? '', /^limiter/i);
  t.regex(last[3] ?? '', /^report\s.*report\.html$/i);
});

test('a missed objective is exit 1', async (t) => {
  const url = await serve(t, (_, response) => {
    response.statusCode = 500;
    response.end();
  });
  const ran = await plimsoll([
    'run',
    url,
    ...short,
    ...lenient,
    '--objective',
    'errors<1%',
    '--json',
    '--runs',
    await folder(t),
  ]);
  t.is(ran.code, 1, ran.err);
  t.true(document(ran.out).stages.some(({ failed }) => failed > 0));
});

test('readers that go away lose neither the run nor its exit code; an output that cannot be written is exit 3', async (t) => {
  const url = await serve(t, (_, response) => response.end('hello'));
  const runs = await folder(t);
  const run = ['run', url, ...short, '--runs', runs];
  const without = (stream: 'stdout' | 'stderr', ...more: readonly string[]): Promise<EndedProgram> =>
    inTurn(() => {
      const { child, ended } = startPlimsoll([...run, ...lenient, ...more]);
      child[stream]?.destroy();
      return ended;
    });
  const [missed, passed] = await Promise.all([
    without('stdout', '--objective', 'errors<1%', '--expect', '201'),
    without('stderr'),
  ]);
  t.is(missed.code, 1, 'what was found, with nobody to read it');
  t.is(passed.code, 0);
  t.regex(passed.out, /^verdict\s+pass/im);
  if (!existsSync('/dev/full')) return;
  const report = [process.execPath, main, 'report', 'last', '--runs', runs];
  const unwritten = await inTurn(() => startProgram(['/bin/sh', '-c', '"$0" "$@" > /dev/full', ...report]).ended);
  t.is(unwritten.code, 3, unwritten.err);
  t.is(
    unwritten.err,
    'plimsoll: standard output could not be written: no space left on device (write to another place)\n',
  );
});

test('an address that refuses is exit 3 with one line and a way out', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server's address is always this
  const { port } = server.address() as AddressInfo;
  server.close();
  const ran = await plimsoll(['run', `http://127.0.0.1:${port}`, ...short, '--runs', await folder(t)]);
  t.is(ran.code, 3, ran.err);
  t.regex(ran.err, /refused/i);
  noStackTrace(t, ran);
});

test('a name that cannot be resolved is exit 3', async (t) => {
  const ran = await plimsoll(['run', 'http://no-such-host.invalid:8080', ...short, '--runs', await folder(t)]);
  t.is(ran.code, 3, ran.err);
  t.regex(ran.err, /no-such-host\.invalid/);
  noStackTrace(t, ran);
});

test('metrics that are HTML, profiles that are cut, a 401: each is said, none stops the run', async (t) => {
  const url = await serve(t, (request, response) => {
    if (request.url === '/metrics') {
      response.setHeader('content-type', 'text/html').end('<html><body>Welcome</body></html>');
    } else if (request.url?.startsWith('/secret') === true) {
      response.statusCode = 401;
      response.end();
    } else if (request.url?.startsWith('/debug/pprof') === true) {
      response.setHeader('content-length', '5000').write('\u001F\u008B cut');
      response.socket?.end();
    } else response.end('hello');
  });
  const args = ['--metrics', `${url}/metrics`, '--metrics', `${url}/secret`, '--pprof', `${url}/debug/pprof`];
  const ran = await plimsoll(['run', url, ...short, ...args, '--runs', await folder(t), '--json']);
  t.is(ran.code, 0, ran.err);
  t.regex(ran.err, /HTML/);
  t.regex(ran.err, /401/);
  t.is(document(ran.out).stages.length, 2);
  noStackTrace(t, ran);
});

test('ten mistakes of a scenario are ten lines at once, exit 2, and standard output stays empty', async (t) => {
  const place = await folder(t);
  const file = join(place, 'bad.ts');
  await writeFile(
    file,
    `import { defineScenario } from 'plimsoll';
export default defineScenario({
  name: 'bad',
  target: 'not a url',
  traffic: { endpoints: [{ path: 'menu', method: 'FETCH', expect: 'twohundred' }, { path: '/{{id}}' }] },
  load: { stages: [{ hold: 0, for: '10s' }, { hold: 'fast', for: '10' }] },
  objectives: ['p99<200', 'speed>9'],
  timeout: 'soon',
});
`,
  );
  const ran = await plimsoll(['run', file, '--json']);
  t.is(ran.code, 2, ran.err);
  t.is(ran.out, '');
  const lines = ran.err.trimEnd().split('\n');
  t.true(lines.length >= 10, `${lines.length} lines:\n${ran.err}`);
  for (const line of lines) t.regex(line, /^plimsoll: .+\(.+\)$/, line);
  noStackTrace(t, ran);
});

const onLinux = test.skipIf(process.platform !== 'linux');

onLinux('a folder that cannot be made is one line, not an endless wait', async (t) => {
  const url = await serve(t, (_, response) => response.end('hello'));
  const codes = { '--out': 2, '--runs': 3 };
  await Promise.all(
    Object.entries(codes).map(async ([flag, code]) => {
      const ran = await plimsoll(['run', url, ...short, flag, '/proc/plimsoll/x', '--quiet']);
      t.is(ran.code, code, ran.err);
      t.regex(ran.err, new RegExp(`^plimsoll: .*no folder can be made in /proc \\(.*${flag} DIR\\)\n$`));
    }),
  );
});

test('Ctrl-C once ends the run in order, keeps what was measured, and is exit 130', async (t) => {
  const url = await serve(t, (_, response) => response.end('hello'));
  const runs = await folder(t);
  const { code, out, err } = await inTurn(async () => {
    const load = ['--rate', '50', '--hold', '60s', '--warm-up', '1s'];
    const { child, ended } = startPlimsoll(['run', url, ...load, '--runs', runs, '--json']);
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      if (!said.includes('50/s') && `${said}${chunk.toString()}`.includes('50/s')) child.kill('SIGINT');
      said += chunk.toString();
    });
    return await ended;
  });
  t.is(code, 130, err);
  const { outcome, stages } = document(out);
  t.is(outcome.status, 'aborted');
  t.true(stages.some(({ done }) => done > 0));
  t.is((await plimsoll(['analyze', 'last', '--runs', runs, '--json'])).code, 130);
});

test('Ctrl-C twice ends at once and says where the measurements are', async (t) => {
  const url = await serve(t, () => undefined);
  const runs = await folder(t);
  const { code, err } = await inTurn(async () => {
    const { child, ended } = startPlimsoll(['run', url, '--rate', '50', '--hold', '60s', '--runs', runs]);
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      if (!said.includes('stopping') && `${said}${chunk.toString()}`.includes('stopping')) child.kill('SIGINT');
      else if (!said.includes('50/s') && `${said}${chunk.toString()}`.includes('50/s offered')) child.kill('SIGINT');
      said += chunk.toString();
    });
    return await ended;
  });
  t.is(code, 130, err);
  const place = /ended at once; what was on disk by then is in (\S+\.partial) \("plimsoll analyze/.exec(err)?.[1];
  t.truthy(place, err);
  const again = await plimsoll(['analyze', join(root, place ?? ''), '--json']);
  t.is(document(again.out).outcome.status, 'aborted', again.err);
});

test('plan says what would be done, without a request', async (t) => {
  let served = 0;
  const url = await serve(t, (_, response) => {
    served++;
    response.end();
  });
  const stair = ['--rate', '100', '--to', '250', '--step', '100'];
  const text = await plimsoll(['plan', url, ...stair]);
  t.is(text.code, 0, text.err);
  for (const level of ['100/s', '200/s', '250/s']) t.true(text.out.includes(level), level);
  const json = await plimsoll(['plan', url, ...stair, '--json']);
  t.is(document(json.out).schema, 'plimsoll/plan/1');
  t.is(served, 0);
});

test('every verb has help with examples', async (t) => {
  await Promise.all(
    ['run', 'plan', 'doctor', 'analyze', 'report', 'demo'].map(async (verb) => {
      const { code, out } = await plimsoll([verb, '--help']);
      t.is(code, 0);
      t.regex(out, /Examples:/, verb);
      t.notRegex(out, /--[a-z]+[A-Z]/, `${verb}: one spelling of each flag`);
      for (const line of out.split('\n')) t.true(line.length <= 80, line);
    }),
  );
});
