import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { startPlimsoll } from '../fixtures/run-program.ts';
import { cachedGoProgram } from '../runners/cached-go-program.ts';
import { packageRoot } from '../runners/package-root.ts';
import type { Bench, Benchmark, Figure } from './benchmark.ts';

/*
 * Exponents of costs over the rate, at a real Go service of which they are known (fixtures/programs/growing-costs): from its
 * CPU profiles and its profiles of allocations, stage by stage.
 */
const rates = [50, 100, 200, 300, 400] as const;
const planted = {
  cpu: { 'main.constant': 0, 'main.linear': 1, 'main.quadratic': 2 },
  alloc: { 'main.allocateConstant': 0, 'main.allocateLinear': 1 },
} as const;

export const costExponents: Benchmark = {
  name: 'cost-exponents',
  about: 'constant, linear and quadratic costs of a real service told apart by the profiles of its stages',
  minutes: 20,
  run: async (bench) => {
    const directory = join(packageRoot(), 'fixtures/programs/growing-costs');
    const program = { name: 'growing-costs', directory, place: 'services', estimate: 'half a minute' } as const;
    const { file: binary } = await cachedGoProgram(program, console.error);
    const figures: Figure[] = [];
    for (let run = 1; run <= bench.repeats; run++) {
      await measure(bench, binary, run);
      for (const type of ['cpu', 'alloc'] as const) figures.push(...(await exponents(bench, type, run)));
    }
    return [...figures, held(figures)];
  },
};

async function measure(bench: Bench, binary: string, run: number): Promise<void> {
  const file = join(bench.folder, 'cost-exponents.ts');
  const scenario = {
    name: 'cost-exponents',
    target: { launch: [binary], listening: String.raw`^listening on (http://\S+)$`, environment: { GOMAXPROCS: '1' } },
    engine: bench.engine.name,
    seed: run,
    traffic: { endpoints: [{ name: 'work', path: '/work' }] },
    load: { warmUp: '5s', stages: rates.map((hold) => ({ hold, for: bench.quick ? '12s' : '42s' })) },
    collect: { pprof: '/debug/pprof', profiles: 'light' },
  };
  await writeFile(file, `export default ${JSON.stringify(scenario)};\n`);
  const { code, err } = await startPlimsoll(['run', file, '--quiet', '--json', '--runs', bench.folder]).ended;
  if (code !== 0) throw new Error(`the run ended with ${String(code)}: ${err.slice(-500)}`);
}

const estimate = z.object({ estimate: z.number(), low: z.number(), high: z.number() });
const answer = z.object({
  missing: z.string().nullable(),
  functions: z.array(
    z.object({
      name: z.string(),
      // With all callees: what burns the time is one function that all three call.
      cumulative: z.object({
        trend: z.string(),
        samples: z.number(),
        dispersion: z.number().nullable(),
        exponent: estimate.nullable(),
      }),
    }),
  ),
});

async function exponents(bench: Bench, type: keyof typeof planted, run: number): Promise<readonly Figure[]> {
  const args = ['profile', 'cost', 'last', '--type', type, '--sort', 'cum', '--nodecount', '0'];
  const { out, err } = await startPlimsoll([...args, '--json', '--runs', bench.folder]).ended;
  if (out === '') throw new Error(`no costs: ${err.slice(-500)}`);
  const { functions, missing } = answer.parse(JSON.parse(out));
  return Object.entries(planted[type]).map(([name, truth]): Figure => {
    const cost = functions.find((each) => each.name === name)?.cumulative;
    const exponent = cost?.exponent ?? null;
    const holds = (value: number): boolean => exponent !== null && exponent.low <= value && value <= exponent.high;
    const apart = [0, 1, 2].filter((value) => value !== truth).every((value) => !holds(value));
    return {
      what: `run ${run}, ${type}: ${name}`,
      asked: `${truth}, and neither of ${[0, 1, 2].filter((value) => value !== truth).join(' and ')}`,
      measured:
        exponent === null || cost === undefined
          ? (missing ?? 'no exponent')
          : `${exponent.estimate.toFixed(2)} (${exponent.low.toFixed(2)} to ${exponent.high.toFixed(2)}), ${cost.trend}, ${Math.round(cost.samples)} samples, dispersion ${cost.dispersion?.toFixed(1) ?? ''}${holds(truth) ? '' : '; the interval does not hold it'}`,
      pass: exponent === null ? false : apart && Math.abs(exponent.estimate - truth) < 1 / 2,
    };
  });
}

/** Intervals of 95 % miss one in twenty: of all together, and what other work of the machine did to the clock is in them. */
function held(figures: readonly Figure[]): Figure {
  const missed = figures.filter(({ measured }) => measured.includes('does not hold')).length;
  return {
    what: 'intervals that hold the planted exponent',
    asked: 'at least 90 %',
    measured: `${figures.length - missed} of ${figures.length}`,
    pass: missed <= figures.length / 10,
  };
}
