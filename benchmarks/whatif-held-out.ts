import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { startPlimsoll } from '../fixtures/run-program.ts';
import { openDatabase } from '../fixtures/services/embedded-postgres.ts';
import { buildGroupBuy, groupBuyTarget } from '../fixtures/services/group-buy-service.ts';
import type { Bench, Benchmark, Figure } from './benchmark.ts';

/*
 * A prediction for a rate that was held out: stages up to R measured at the real service with a planted pool (eight
 * connections, each held 12 ms: some 600/s), 1.25 R predicted from that run alone, then run and compared.
 */
const knobs = { DB_POOL: '8', DB_HOLD: '12ms', BLOCK_PROFILE_RATE: '0' };
const levels = [80, 200, 320, 400] as const;
const heldOut = 1.25 * levels[3];

export const whatifHeldOut: Benchmark = {
  name: 'whatif-held-out',
  about: 'response times predicted at 1.25 times the highest measured rate of the real group-buy service, then run',
  minutes: 30,
  run: async (bench) => {
    const database = await openDatabase({ say: console.error, processors: bench.theirs });
    try {
      const binary = await buildGroupBuy(console.error);
      const target = groupBuyTarget({ binary, database, downstreamUrl: null, knobs });
      const figures: Figure[] = [];
      for (let run = 1; run <= (bench.quick ? 1 : bench.repeats); run++)
        figures.push(...(await measuredAndPredicted(bench, target, run)));
      return figures;
    } finally {
      await database.stop();
    }
  },
};

const compared = z.object({ predicted: z.number(), observed: z.number().nullable(), ratio: z.number().nullable() });
const answerShape = z.object({
  refused: z.string().nullable(),
  verified: z
    .object({
      throughputPerSecond: compared,
      responseTimeMs: z.object({ mean: compared, '0.99': compared }).nullable(),
    })
    .nullable(),
});

async function measuredAndPredicted(bench: Bench, target: object, run: number): Promise<readonly Figure[]> {
  const file = join(bench.folder, 'whatif-held-out.ts');
  const scenario = {
    name: 'whatif-held-out',
    target,
    engine: bench.engine.name,
    seed: run,
    traffic: { endpoints: [{ path: '/orders/1' }] },
    load: {
      arrivals: 'poisson',
      warmUp: '5s',
      stages: levels.map((hold) => ({ hold, for: bench.quick ? '15s' : '60s' })),
    },
    collect: { metrics: '/metrics' },
  };
  await writeFile(file, `export default ${JSON.stringify(scenario)};\n`);
  const ask = (...args: readonly string[]) =>
    startPlimsoll([...args, '--json', '--quiet', '--runs', bench.folder]).ended;
  const measured = await ask('run', file);
  if (measured.code !== 0) throw new Error(`the run ended with ${String(measured.code)}: ${measured.err.slice(-500)}`);
  const { out, err } = await ask('whatif', 'last', '--rate', `${heldOut}/s`, '--verify', '--seed', String(run));
  if (out === '') throw new Error(`nothing was predicted: ${err.slice(-500)}`);
  const { refused, verified } = answerShape.parse(JSON.parse(out));
  const what = `run ${run}: ${heldOut}/s from stages up to ${levels[3]}/s`;
  if (refused !== null) return [{ what, asked: 'predicted, or refused', measured: `refused: ${refused}`, pass: true }];
  return [
    ratioOf(`${what}, throughput`, verified?.throughputPerSecond ?? null, 0.1),
    ratioOf(`${what}, mean response`, verified?.responseTimeMs?.mean ?? null, 0.1),
    ratioOf(`${what}, p99`, verified?.responseTimeMs?.['0.99'] ?? null, 0.2),
  ];
}

function ratioOf(what: string, figure: z.infer<typeof compared> | null, most: number): Figure {
  const ratio = figure?.ratio ?? null;
  return {
    what: `${what}, observed to predicted`,
    asked: `within ${100 * most} %`,
    measured:
      figure === null || ratio === null
        ? 'not observed'
        : `${ratio.toFixed(3)} (${figure.predicted.toPrecision(3)} predicted, ${figure.observed?.toPrecision(3)} observed)`,
    pass: ratio === null ? false : Math.abs(ratio - 1) <= most,
  };
}
