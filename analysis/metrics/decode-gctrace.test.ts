import { readFile } from 'node:fs/promises';
import test from 'ava';
import * as fc from 'fast-check';
import { type EpochMilliseconds, epochMilliseconds } from '../../model/units.ts';
import { decodeGcTrace } from './decode-gctrace.ts';
import { gcCpuOf, readGcTraceLine } from './gctrace-line.ts';
import type { Reading } from './reading.ts';

const capturedLines = (await readFile(new URL('../../fixtures/captures/gctrace.txt', import.meta.url), 'utf8'))
  .split('\n')
  .filter((line) => line.startsWith('gc '));
const readingsOf = (lines: readonly string[], at: (line: string, index: number) => number): Reading[] =>
  lines.map((body, index) => ({ at: epochMilliseconds(at(body, index)), body, contentType: 'text/plain' }));

const line =
  'gc 3 @1.407s 2%: 0.80+0.65+0.006 ms clock, 1.6+0.10/0.81/0.2+0.013 ms cpu, 3->4->1 MB, 5 MB goal, 6 MB stacks, 7 MB globals, 2 P';

test('every field of a line', (t) => {
  t.deepEqual(readGcTraceLine(line) as unknown, {
    cycle: 3,
    sinceStartMs: 1407,
    cpuShareSinceStart: 0.02,
    clock: { sweepTerminationMs: 0.8, markMs: 0.65, markTerminationMs: 0.006 },
    cpu: { sweepTerminationMs: 1.6, assistMs: 0.1, backgroundMs: 0.81, idleMs: 0.2, markTerminationMs: 0.013 },
    heapAtStartBytes: 3 * 1024 ** 2,
    heapAtEndBytes: 4 * 1024 ** 2,
    heapMarkedBytes: 1024 ** 2,
    heapGoalBytes: 5 * 1024 ** 2,
    stacksBytes: 6 * 1024 ** 2,
    globalsBytes: 7 * 1024 ** 2,
    processors: 2,
    forced: false,
  });
});

test('forced cycles, leak checks, older and newer runtimes', (t) => {
  t.true(readGcTraceLine(`${line} (forced)`)?.forced);
  t.is(readGcTraceLine(`${line} (forced) (something new)\r`)?.forced, true);
  t.is(readGcTraceLine(`${line}, 3 more`)?.processors, 2);
  t.is(readGcTraceLine(line.replace('2%:', '2% (checking for goroutine leaks):'))?.cycle, 3);
  t.like(readGcTraceLine(line.replace(', 6 MB stacks, 7 MB globals', '')), {
    stacksBytes: null,
    globalsBytes: null,
    processors: 2,
  });
});

test('another line is none', (t) => {
  for (const other of [
    '',
    'gc',
    'gc 3 @',
    line.replace(' ms cpu', ''),
    line.slice(0, 80),
    `x${line}`,
    'scvg: 8 MB released',
  ])
    t.is(readGcTraceLine(other), null, other);
});

test('every line of a real process is read', (t) => {
  const cycles = capturedLines.map(readGcTraceLine);
  t.is(cycles.length, 175);
  t.deepEqual(
    cycles.map((each) => each?.cycle),
    Array.from({ length: 175 }, (_, index) => index + 1),
  );
  t.is(cycles.filter((each) => each?.forced).length, capturedLines.filter((text) => text.endsWith('(forced)')).length);
});

const started = 1_700_000_000_000;
/** When the line was written, and a delay that changes from line to line. */
const arrival = (text: string, index: number): number => {
  const read = readGcTraceLine(text);
  const length =
    (read?.clock.sweepTerminationMs ?? 0) + (read?.clock.markMs ?? 0) + (read?.clock.markTerminationMs ?? 0);
  return started + (read?.sinceStartMs ?? 0) + length + ((index * 7) % 20);
};

test('instants are the ends of cycles, whatever the delay of the pipe', (t) => {
  const { gcCycles = [], refusals } = decodeGcTrace('stderr', readingsOf(capturedLines, arrival));
  t.true(refusals.every((reason) => reason === null));
  for (const { at, sinceStartMs, clock } of gcCycles) {
    const truth = started + sinceStartMs + clock.sweepTerminationMs + clock.markMs + clock.markTerminationMs;
    t.true(Math.abs(at - truth) < 0.001);
  }
});

const cpuOf = (lines: readonly string[]): number =>
  lines.map(readGcTraceLine).reduce((sum, each) => sum + (each === null ? 0 : gcCpuOf(each)), 0);

test('counters add up the lines and begin anew with another process', (t) => {
  const again = [...capturedLines, ...capturedLines.slice(0, 3)];
  const { series = [] } = decodeGcTrace(
    'stderr',
    readingsOf(again, (text, index) => arrival(text, 0) + (index < 175 ? 0 : 60_000)),
  );
  const valuesOf = (name: string): readonly number[] => series.find((each) => each.name === name)?.values ?? [];
  t.true(Math.abs((valuesOf('gcCpuMs')[174] ?? 0) - cpuOf(capturedLines)) < 1e-6);
  t.true(Math.abs((valuesOf('gcCpuMs')[177] ?? 0) - cpuOf(capturedLines.slice(0, 3))) < 1e-6);
  t.deepEqual(valuesOf('cycles').slice(173), [174, 175, 1, 2, 3]);
  t.deepEqual(valuesOf('processors').slice(0, 2), [2, 2]);
});

test('damaged lines are refused or read, and leave the others alone', (t) => {
  const sample = capturedLines.slice(0, 20);
  fc.assert(
    fc.property(fc.nat(19), fc.nat(150), fc.string({ unit: 'binary', maxLength: 6 }), (index, place, insert) => {
      const text = sample[index] ?? '';
      const damaged = sample.with(index, text.slice(0, place) + insert + text.slice(place + insert.length));
      const decoded = decodeGcTrace('stderr', readingsOf(damaged, arrival));
      t.is(decoded.refusals.length, 20);
      t.is(decoded.gcCycles?.length, decoded.refusals.filter((reason) => reason === null).length);
      t.true((decoded.gcCycles?.length ?? 0) >= 19);
      t.true(decoded.gcCycles?.every(({ at }: { at: EpochMilliseconds }) => Number.isFinite(at)));
    }),
    { seed: 20_261_121, numRuns: 300 },
  );
});
