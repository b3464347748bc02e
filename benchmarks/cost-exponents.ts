import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { buildTestProgram } from '../fixtures/build-test-program.ts';
import { startPlimsoll } from '../fixtures/run-program.ts';
import type { Bench, Benchmark, Figure } from './benchmark.ts';

/*
 * Exponents of costs over the rate, at a real Go service of which they are known (fixtures/programs/growing-costs): from its
 * CPU profiles and its profiles of allocations, stage by stage.
 */
const rates = [25, 50, 100, 150, 200] as const;
const planted = {
  cpu: { 'main.constant': 0, 'main.linear': 1, 'main.quadratic': 2 },
  alloc: { 'main.allocateConstant': 0, 'main.allocateLinear': 1 },
} as const;

export const costExponents: Benchmark = {
  name: 'cost-exponents',
  about: 'constant, linear and quadratic costs of a real service told apart by the profiles of its stages',
  minutes: 30,
  run: async (bench) => {
    const binary = await buildTestProgram('growing-costs');
    const seen: Seen[] = [];
    for (let run = 1; run <= bench.repeats; run++) {
      await measure(bench, binary, run);
      for (const type of ['cpu', 'alloc'] as const) seen.push(...(await exponents(bench, type, run)));
    }
    return [...seen.map(({ figure }) => figure), allTogether(seen)];
  },
};

/** What was told of a planted cost, and whether its interval holds the exponent. */
interface Seen {
  readonly figure: Figure;
  readonly holds: boolean;
}

async function measure(bench: Bench, binary: string, run: number): Promise<void> {
  const file = join(bench.folder, 'cost-exponents.ts');
  const scenario = {
    name: 'cost-exponents',
    target: { launch: [binary], listening: String.raw`^listening on (http://\S+)$`, environment: { GOMAXPROCS: '1' } },
    engine: bench.engine.name,
    seed: run,
    traffic: { endpoints: [{ name: 'work', path: '/work' }] },
    load: { warmUp: '5s', stages: rates.map((hold) => ({ hold, for: bench.quick ? '12s' : '60s' })) },
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

async function exponents(bench: Bench, type: keyof typeof planted, run: number): Promise<readonly Seen[]> {
  const args = ['profile', 'cost', 'last', '--type', type, '--sort', 'cum', '--nodecount', '0'];
  const { out, err } = await startPlimsoll([...args, '--json', '--runs', bench.folder]).ended;
  if (out === '') throw new Error(`no costs: ${err.slice(-500)}`);
  const { functions, missing } = answer.parse(JSON.parse(out));
  return Object.entries(planted[type]).map(([name, truth]) => {
    const what = `run ${run}, ${type}: ${name}`;
    const cost = functions.find((each) => each.name === name)?.cumulative;
    return seenOf(what, truth, cost, missing ?? `${name} is in no profile`);
  });
}

type Cost = z.infer<typeof answer>['functions'][number]['cumulative'];

function seenOf(what: string, truth: number, cost: Cost | undefined, missing: string): Seen {
  const others = exponentsPlanted.filter((value) => value !== truth);
  const asked = `${truth}, and neither of ${others.join(' and ')}`;
  if (cost === undefined || cost.exponent === null)
    return { figure: { what, asked, measured: missing, pass: false }, holds: false };
  const { estimate: seen, low, high } = cost.exponent;
  const isInside = (value: number): boolean => low <= value && value <= high;
  const texts = [
    `${seen.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`,
    cost.trend,
    `${Math.round(cost.samples)} samples`,
    `dispersion ${cost.dispersion?.toFixed(1) ?? 'unknown'}`,
  ];
  const pass = !others.some(isInside) && Math.abs(seen - truth) < 1 / 2;
  return { figure: { what, asked, measured: texts.join(', '), pass }, holds: isInside(truth) };
}

const exponentsPlanted = [0, 1, 2] as const;

/** An interval of 95 % misses one in twenty. */
function allTogether(seen: readonly Seen[]): Figure {
  const held = seen.filter(({ holds }) => holds).length;
  return {
    what: 'intervals that hold the planted exponent',
    asked: 'at least 90 %',
    measured: `${held} of ${seen.length}`,
    pass: held >= 0.9 * seen.length,
  };
}
