import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { type Answer, startBadServer } from '../../fixtures/bad-server.ts';
import type { Scrape } from '../../model/measurements.ts';
import type { ScrapePlan } from '../../model/plan.ts';
import { bytes, mebibytes, milliseconds, seconds } from '../../model/units.ts';
import { realWorld } from '../world.ts';
import { expvarCollector, expvarRefusal } from './expvar-collector.ts';
import type { CollectorContext } from './port.ts';
import { prometheusCollector, prometheusRefusal } from './prometheus-collector.ts';

const world = realWorld({ say: () => undefined, interrupted: new AbortController().signal });
const capture = (name: string): Promise<string> =>
  readFile(new URL(`../../fixtures/captures/${name}`, import.meta.url), 'utf8');
const plan = (url: string): ScrapePlan => ({
  url,
  intervalMs: milliseconds(50),
  timeoutMs: seconds(5),
  maxBytes: mebibytes(1),
});
const noAccess = { headers: {}, secrets: {} };
const sends =
  (code: number, type: string, body: string): Answer =>
  (_, response) =>
    void response.writeHead(code, { 'content-type': type }).end(body);

function contextWith(scrapes: Scrape[]): CollectorContext {
  const record = (scrape: Scrape): void => void scrapes.push(scrape);
  return { world, processId: null, address: null, generatorProcessId: null, record };
}

const login = '<!DOCTYPE html><html><head><title>Sign in</title></head></html>';
const cases: readonly (readonly [name: string, answer: Answer, prometheus: RegExp | null, expvar: RegExp | null])[] = [
  ['a login page', sends(200, 'text/html', login), /page of HTML, not metrics/, /page of HTML, not expvar/],
  ['a page of no type', sends(200, '', `\n ${login}`), /page of HTML/, /page of HTML/],
  ['401', sends(401, 'text/plain', 'no'), /401: it wants credentials.*--admin-auth/, /401/],
  ['403', sends(403, 'text/plain', 'no'), /403: these credentials/, /403/],
  [
    '404',
    sends(404, 'text/plain', 'no'),
    /404: it is not served at this path; the usual one is \/metrics/,
    /\/debug\/vars/,
  ],
  ['500', sends(500, 'text/plain', 'a 1\n'), /500: it failed/, /500/],
  ['503', sends(503, 'text/plain', 'busy'), /503: it shed/, /503/],
  ['nothing', sends(200, 'text/plain', ''), /empty/, /empty/],
  ['metrics', sends(200, 'text/plain', '# HELP a b\na 1\n'), null, /Prometheus metrics, not expvar/],
  ['a bare sample', sends(200, 'text/plain', 'up{job="a b"} 1 1700000000\n'), null, /no JSON object/],
  ['a quoted sample', sends(200, 'text/plain', '{"http.requests",path="/"} 1.5e+06\n'), null, /no JSON object/],
  ['expvar', sends(200, 'application/json', '{\n"cmdline": ["a"],\n"n": 1\n}\n'), /JSON.*expvar/, null],
  ['one line of JSON', sends(200, 'application/json', '{"a": 1, "b": 2}'), /JSON/, null],
  ['half of expvar', sends(200, 'application/json', '{\n"cmdline": ["a"],\n"n'), /JSON/, /no JSON object/],
  ['prose', sends(200, 'text/plain', 'It works!\n'), /no line that looks like a metric/, /no JSON object/],
];

for (const [name, answer, forPrometheus, forExpvar] of cases) {
  test(`the check of ${name}`, async (t) => {
    const server = await startBadServer({ '/it': answer });
    const collectors = [
      [prometheusCollector(plan(`${server.url}/it`), noAccess), forPrometheus],
      [expvarCollector(plan(`${server.url}/it`), noAccess), forExpvar],
    ] as const;
    for (const [collector, expected] of collectors) {
      const reason = await collector.check(contextWith([]));
      if (expected === null) t.is(reason, null);
      else t.regex(reason ?? 'it was accepted', expected);
      await collector.stop();
    }
    await server.close();
  });
}

test('real outputs are accepted', async (t) => {
  for (const name of ['metrics-idle.txt', 'metrics-openmetrics-utf8.txt', 'metrics-utf8.txt', 'metrics-default.txt'])
    t.is(prometheusRefusal(await capture(name), null), null, name);
  t.is(expvarRefusal(await capture('expvar.json'), 'application/json; charset=utf-8'), null);
});

test('a redirect is named without what is secret in it', async (t) => {
  const server = await startBadServer({
    '/metrics': (_, response) =>
      void response.writeHead(302, { location: 'http://user:hunter2@login/?token=hunter2' }).end(),
  });
  const collector = prometheusCollector(plan(`${server.url}/metrics`), noAccess);
  const reason = (await collector.check(contextWith([]))) ?? '';
  t.regex(reason, /302: it redirects to http:\/\/login\/\?token=REDACTED, and redirects are not followed/);
  t.notRegex(reason, /hunter2/);
  await collector.stop();
  await server.close();
});

test('bodies are stored as they came, and the text format is asked for first', async (t) => {
  const text = await capture('metrics-utf8.txt');
  const asked: (string | undefined)[] = [];
  const contentType = 'text/plain; version=0.0.4; charset=utf-8; escaping=allow-utf-8';
  const server = await startBadServer({
    '/metrics': (request, response) => {
      asked.push(request.headers.accept, request.headers['accept-encoding']?.toString());
      response.writeHead(200, { 'content-type': contentType, 'content-encoding': 'gzip' }).end(gzipSync(text));
    },
  });
  const scrapes: Scrape[] = [];
  const collector = prometheusCollector(plan(`${server.url}/metrics?api_key=hunter2`), noAccess);
  collector.start(contextWith(scrapes), world.now());
  await world.sleep(milliseconds(120));
  const summary = await collector.stop();
  await server.close();
  t.true(scrapes.length >= 2);
  for (const scrape of scrapes) {
    t.is(scrape.body, text);
    t.like(scrape, {
      collector: 'prometheus',
      contentType,
      error: null,
      source: `${server.url}/metrics?api_key=REDACTED`,
    });
    t.true(scrape.bytes > 0 && scrape.bytes < text.length / 4, 'bytes are those on the wire');
  }
  t.is(summary.totalBytes, bytes(scrapes.reduce((sum, scrape) => sum + scrape.bytes, 0)));
  t.regex(asked[0] ?? '', /^text\/plain;version=1\.0\.0.*openmetrics/);
  t.is(asked[1], 'identity');
});

test('a target that restarts midway costs only the readings in between', async (t) => {
  const answers = { '/metrics': sends(200, 'text/plain', 'a 1\n') };
  const first = await startBadServer(answers);
  const scrapes: Scrape[] = [];
  const until = async (enough: () => boolean): Promise<void> => {
    while (!enough()) await world.sleep(milliseconds(10));
  };
  const collector = prometheusCollector(plan(`${first.url}/metrics`), noAccess);
  collector.start(contextWith(scrapes), world.now());
  await until(() => scrapes.some(({ body }) => body !== null));
  await first.close();
  await until(() => scrapes.some(({ error }) => error !== null));
  const second = await startBadServer(answers, first.port);
  const failed = scrapes.findLastIndex(({ error }) => error !== null);
  await until(() => scrapes.slice(failed + 1).some(({ body }) => body !== null));
  const summary = await collector.stop();
  await second.close();
  const failures = scrapes.filter(({ error }) => error !== null).length;
  t.deepEqual(summary.status, {
    status: 'captured',
    value: { readings: scrapes.length - failures, failures },
  });
  t.regex(scrapes[failed]?.error ?? '', /connection refused|closed the connection/);
});
