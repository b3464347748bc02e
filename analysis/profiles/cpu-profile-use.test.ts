import { readFileSync } from 'node:fs';
import test from 'ava';
import { type ProfileCapture, captured, notCollected } from '../../model/measurements.ts';
import { bytes, epochMilliseconds, milliseconds, seconds } from '../../model/units.ts';
import { isCollecting } from './collecting-functions.ts';
import { collectingSamples, cpuProfileUse } from './cpu-profile-use.ts';
import type { Profile, ProfileLocation } from './profile.ts';

const read = (file: string): Uint8Array =>
  readFileSync(new URL(`../../fixtures/captures/${file}.pb.gz`, import.meta.url));

function capture(file: string, more: Partial<ProfileCapture> = {}): ProfileCapture {
  return {
    source: null,
    stage: 0,
    label: 'stage',
    kind: 'cpu',
    startedAt: epochMilliseconds(5_000),
    durationMs: seconds(5),
    cumulative: false,
    content: captured({ file, bytes: bytes(1) }),
    ...more,
  };
}

test('counts the samples that go tool pprof -focus counts', (t) => {
  t.deepEqual(cpuProfileUse([capture('cpu-collected')], read), [
    {
      stage: 0,
      startedAt: epochMilliseconds(5_000),
      durationMs: seconds(5),
      samples: captured({ all: 200, collecting: 28 }),
    },
  ]);
});

test('a profile while nobody watched holds none, however it is instrumented', (t) => {
  const [loaded, other] = cpuProfileUse([capture('cpu-loaded'), capture('cpu-type-checker')], read);
  t.deepEqual(loaded?.samples, captured({ all: 84, collecting: 0 }));
  t.deepEqual(other?.samples, captured({ all: 1351, collecting: 0 }));
});

test('what is no CPU profile of a stage is left out; one that cannot be read keeps its reason', (t) => {
  const uses = cpuProfileUse(
    [
      capture('heap-idle', { kind: 'heap' }),
      capture('cpu-loaded', { stage: null }),
      capture('cpu-loaded', { content: notCollected('never due') }),
      capture('gone', { stage: 3 }),
    ],
    read,
  );
  t.is(uses.length, 1);
  t.is(uses[0]?.stage, 3);
  t.regex(uses[0]?.samples.status === 'failed' ? uses[0].samples.reason : '', /ENOENT/);
});

test('functions that serve collectors, and those that only wrap the work of a service', (t) => {
  for (const name of [
    'github.com/prometheus/client_golang/prometheus/promhttp.HandlerForTransactional.func1',
    'github.com/prometheus/client_golang/prometheus.(*Registry).Gather.func1',
    'github.com/VictoriaMetrics/metrics.WritePrometheus',
    'github.com/VictoriaMetrics/metrics.(*Set).WritePrometheus',
    'expvar.expvarHandler',
    'net/http/pprof.handler.ServeHTTP',
    'runtime/pprof.profileWriter',
    'runtime/pprof.(*Profile).WriteTo',
    'runtime/metrics.Read',
    'runtime.ReadMemStats',
  ])
    t.true(isCollecting(name), name);
  for (const name of [
    'github.com/prometheus/client_golang/prometheus/promhttp.InstrumentHandlerDuration.func1',
    'github.com/prometheus/client_golang/prometheus.(*histogram).Observe',
    'github.com/VictoriaMetrics/metrics.(*Histogram).Update',
    'runtime/pprof.Do',
    'runtime/pprof.SetGoroutineLabels',
    'expvar.(*Int).Add',
    'example.com/shop/net/http/pprof.Handler',
    'runtime/metrics.All',
    'runtime.gcBgMarkWorker',
  ])
    t.false(isCollecting(name), name);
});

/** Stacks of function names, leaf first; a list within a stack is inlined there. */
function profileOf(stacks: readonly { stack: readonly (string | readonly string[])[]; samples: number }[]): Profile {
  const names: string[] = [];
  const locations: ProfileLocation[] = [];
  const stack: number[] = [];
  const stackStart = [0];
  for (const each of stacks) {
    for (const frame of each.stack) {
      const lines = [frame].flat().map((name) => ({ function: names.push(name) - 1, line: 1, column: 0 }));
      stack.push(locations.push({ address: 0, mapping: null, isFolded: false, lines }) - 1);
    }
    stackStart.push(stack.length);
  }
  return {
    sampleTypes: [
      { type: 'samples', unit: 'count' },
      { type: 'cpu', unit: 'nanoseconds' },
    ],
    defaultSampleType: 1,
    periodType: { type: 'cpu', unit: 'nanoseconds' },
    period: 0,
    dropFrames: '',
    keepFrames: '',
    functions: names.map((name) => ({ name, systemName: name, file: '', startLine: 0 })),
    locations,
    samples: {
      count: stacks.length,
      stackStart: Uint32Array.from(stackStart),
      stack: Uint32Array.from(stack),
      values: Float64Array.from(stacks.flatMap(({ samples }) => [samples, samples * 1e7])),
      labels: stacks.map(() => []),
    },
    startedAt: null,
    durationMs: milliseconds(0),
  };
}

test('a sample counts once however many of its functions match, inlined ones too', (t) => {
  const seen = collectingSamples(
    profileOf([
      {
        stack: ['runtime.mallocgc', 'runtime/metrics.Read', 'expvar.expvarHandler', 'net/http.(*conn).serve'],
        samples: 7,
      },
      { stack: [['bytes.Write', 'net/http/pprof.Index'], 'net/http.(*conn).serve'], samples: 2 },
      { stack: ['main.work', 'runtime/pprof.Do', 'net/http.(*conn).serve'], samples: 40 },
      { stack: [], samples: 1 },
    ]),
  );
  t.deepEqual(seen, { all: 50, collecting: 9 });
});

test('a profile that counts no samples is refused', (t) => {
  const profile = profileOf([{ stack: ['main.work'], samples: 1 }]);
  t.throws(() => collectingSamples({ ...profile, sampleTypes: [{ type: 'cpu', unit: 'nanoseconds' }] }), {
    message: /how many samples/,
  });
});
