import test from 'ava';
import { z } from 'zod';
import {
  buildAbortedAnalysis,
  buildClosedAnalysis,
  buildNothingAnalysis,
  buildPlainUrlAnalysis,
  buildStairAnalysis,
} from '../../fixtures/records/build-analysis.ts';
import { toJson } from './to-json.ts';

/** The keys that other programs rely on; more are allowed, other types are not. */
const figure = z.number().nullable();
const estimate = z.object({ estimate: z.number(), low: figure, high: figure }).nullable();
const quantiles = z.object({ '0.5': estimate, '0.9': estimate, '0.99': estimate, '0.999': estimate, max: figure });
const whole = z.number().int().min(0);
const bracket = z.object({ estimate: z.number(), low: z.number(), high: figure }).nullable();
const contract = z.object({
  schema: z.literal('plimsoll/analyze/1'),
  runs: z.array(z.string()),
  environment: z.record(z.string(), z.unknown()),
  outcome: z.object({ status: z.enum(['completed', 'aborted', 'failed']) }),
  stages: z.array(
    z.object({
      index: whole,
      name: z.string(),
      kind: z.enum(['warm-up', 'hold', 'ramp', 'cool-down']),
      offeredPerSecond: z.number(),
      achievedPerSecond: z.number(),
      completedPerSecond: figure,
      validity: z.object({ status: z.enum(['valid', 'invalid', 'excluded']), reasons: z.array(z.string()) }),
      due: whole,
      sent: whole,
      done: whole,
      failed: whole,
      shed: whole,
      dropped: whole,
      inFlightAtEnd: whole,
      failures: z.record(z.string(), whole),
      statuses: z.record(z.string(), whole).nullable(),
      latenessMs: z.object({ '0.5': figure, '0.99': figure }),
      responseTimeMs: quantiles,
      serviceTimeMs: quantiles,
      endpoints: z.array(
        z.object({
          name: z.string(),
          due: whole,
          done: whole,
          failed: whole,
          statuses: z.record(z.string(), whole).nullable(),
          responseTimeMs: quantiles,
        }),
      ),
      target: z.object({
        cpuMsPerRequest: figure,
        allocBytesPerRequest: figure,
        gcCpuShare: figure,
        gcCyclesPerSecond: figure,
        liveHeapBytes: figure,
        rssBytes: figure,
        goroutines: figure,
        threads: figure,
        schedulingLatencyMs: z.object({ '0.99': figure }),
        mutexWaitMsPerSecond: figure,
        pools: z.array(
          z.object({
            name: z.string(),
            maxOpen: figure,
            inUse: figure,
            waitCountPerSecond: figure,
            waitMsPerRequest: figure,
            holdMs: figure,
          }),
        ),
      }),
    }),
  ),
  capacity: z.object({
    waterLevelPerSecond: bracket,
    limiter: z.object({ signal: z.string(), value: z.number(), limit: z.number(), firstStage: whole }).nullable(),
    saturationPerSecond: bracket,
    levels: z.object({ greenPerSecond: z.number(), yellowPerSecond: z.number(), redPerSecond: z.number() }).nullable(),
    model: z.object({ name: z.string() }),
  }),
  findings: z.array(
    z.object({
      id: z.string(),
      status: z.enum(['estimated', 'inconclusive', 'not-applicable']),
      severity: z.enum(['info', 'warning', 'critical']),
      title: z.string(),
      estimate,
      evidence: z.array(
        z.object({
          source: z.string(),
          statement: z.string(),
          value: figure,
          unit: z.string().nullable(),
          stage: whole.nullable(),
        }),
      ),
      recommendation: z.string(),
      warnings: z.array(z.string()),
    }),
  ),
  verdict: z.object({
    status: z.enum(['pass', 'fail', 'inconclusive']),
    objectives: z.array(
      z.object({
        objective: z.string(),
        stage: whole,
        status: z.enum(['pass', 'fail', 'inconclusive']),
        measured: estimate,
      }),
    ),
  }),
});

const runs = {
  stair: buildStairAnalysis,
  'plain URL': buildPlainUrlAnalysis,
  closed: buildClosedAnalysis,
  aborted: buildAbortedAnalysis,
  nothing: buildNothingAnalysis,
};

for (const [name, build] of Object.entries(runs))
  test(`${name}: the keys of the contract, schema first`, (t) => {
    const text = toJson(build().analysis, 'plimsoll/analyze/1');
    t.true(text.startsWith('{\n  "schema": "plimsoll/analyze/1"'));
    const result = contract.safeParse(JSON.parse(text));
    t.true(result.success, result.success ? '' : z.prettifyError(result.error));
    t.false(text.includes('"detail"'), 'pictures are not part of it');
  });

test('of a stage that was not reached the completed rate is unknown, not 0', (t) => {
  const text = toJson(buildAbortedAnalysis().analysis, 'plimsoll/analyze/1');
  t.deepEqual(
    contract.parse(JSON.parse(text)).stages.map(({ completedPerSecond }) => completedPerSecond === null),
    [false, false, false, true, true, true, true, true],
  );
});

test('NaN and infinities become null', (t) => {
  const { analysis } = buildStairAnalysis();
  const odd = {
    ...analysis,
    capacity: {
      ...analysis.capacity,
      levels: null,
      waterLevelPerSecond: { estimate: Number.NaN, low: 1, high: Number.POSITIVE_INFINITY },
    },
  };
  const text = toJson(odd, 'plimsoll/run/1');
  t.false(/NaN|Infinity/.test(text));
  t.true(/"estimate": null,\s+"low": 1,\s+"high": null/.test(text));
});
