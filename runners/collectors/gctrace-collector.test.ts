import { readFile } from 'node:fs/promises';
import test from 'ava';
import type { Scrape } from '../../model/measurements.ts';
import { epochMilliseconds } from '../../model/units.ts';
import { realWorld } from '../world.ts';
import { gctraceCollector } from './gctrace-collector.ts';

const world = realWorld({ say: () => undefined, interrupted: new AbortController().signal });

function contextWith(scrapes: Scrape[]) {
  const record = (scrape: Scrape): void => void scrapes.push(scrape);
  return { world, processId: null, address: null, generatorProcessId: null, record };
}

test('every line of a real trace is kept, also those before the start, at the instant it came', async (t) => {
  const text = await readFile(new URL('../../fixtures/captures/gctrace.txt', import.meta.url), 'utf8');
  const lines = text.trim().split('\n');
  const scrapes: Scrape[] = [];
  let clock = 0;
  const collector = gctraceCollector({ now: () => epochMilliseconds(++clock) });
  for (const line of lines.slice(0, 3)) collector.line(line);
  collector.start(contextWith(scrapes), epochMilliseconds(0));
  for (const line of lines.slice(3)) collector.line(line);
  const summary = await collector.stop();
  t.deepEqual(
    scrapes.map(({ body }) => body),
    lines,
  );
  t.deepEqual(
    scrapes.map(({ at }) => at),
    lines.map((_, nth) => epochMilliseconds(nth + 1)),
  );
  t.deepEqual(summary.status, { status: 'captured', value: { readings: lines.length, failures: 0 } });
});

test('other lines are left out; a trace behind a line without its end is found', async (t) => {
  const scrapes: Scrape[] = [];
  const collector = gctraceCollector(world);
  collector.start(contextWith(scrapes), world.now());
  const trace = 'gc 1 @0.010s 0%: 0.1+0.6+0.0 ms clock, 0.2+0/0/0+0.0 ms cpu, 4->4->1 MB, 4 MB goal, 2 P (forced)';
  for (const line of ['order gc 7 @home', 'scav 1 KiB', '', 'x'.repeat(100_000), `stage done${trace}\r`])
    collector.line(line);
  t.deepEqual(
    scrapes.map(({ body }) => body),
    [trace],
  );
  await collector.stop();
  collector.line(trace);
  t.is(scrapes.length, 1, 'nothing is recorded after the end');
});

test('no line at all is a failure with what to do', async (t) => {
  const collector = gctraceCollector(world);
  t.is(await collector.check(contextWith([])), null);
  collector.start(contextWith([]), world.now());
  const { status } = await collector.stop();
  t.regex(status.status === 'failed' ? status.reason : '', /GODEBUG=gctrace=1/);
});
