import { autocannonEngine } from '../runners/generators/autocannon/engine.ts';
import { buildEngine } from '../runners/generators/k6/build-engine.ts';
import { k6Engine } from '../runners/generators/k6/engine.ts';
import { analysisSize } from './analysis-size.ts';
import { Bench, type Benchmark } from './benchmark.ts';
import { collectingCost } from './collecting-cost.ts';
import { costExponents } from './cost-exponents.ts';
import { enginesCompared } from './engines-compared.ts';
import { flameGraph } from './flame-graph.ts';
import { gcSurface } from './gc-surface.ts';
import { generatorAccounting } from './generator-accounting.ts';
import { generatorArrivals } from './generator-arrivals.ts';
import { generatorCpu } from './generator-cpu.ts';
import { generatorLateness } from './generator-lateness.ts';
import { generatorPoisson } from './generator-poisson.ts';
import { generatorQuantiles } from './generator-quantiles.ts';
import { generatorStall } from './generator-stall.ts';
import { k6Memory } from './k6-memory.ts';
import { k6OutputCost } from './k6-output-cost.ts';
import { k6Start } from './k6-start.ts';
import { plantedFaultsFound } from './planted-faults.ts';
import { poolHeldOut } from './pool-held-out.ts';
import { profileTop } from './profile-top.ts';
import { queueingSpeed } from './queueing-speed.ts';
import { scalabilityRefits } from './scalability-refits.ts';
import { searchAccuracy } from './search-accuracy.ts';
import { searchReal } from './search-real.ts';
import { stageInterval } from './stage-interval.ts';
import { whatifHeldOut } from './whatif-held-out.ts';

// npm run bench -- [NAME…] [--quick] [--repeats=N] [--only=PART,PART] [--engine=k6] [--help]: each figure that was asked for, as measured, and whether it passes.
const benchmarks: readonly Benchmark[] = [
  generatorArrivals,
  generatorLateness,
  generatorPoisson,
  generatorStall,
  generatorQuantiles,
  generatorCpu,
  generatorAccounting,
  enginesCompared,
  k6OutputCost,
  k6Start,
  k6Memory,
  collectingCost,
  costExponents,
  analysisSize,
  queueingSpeed,
  gcSurface,
  plantedFaultsFound,
  poolHeldOut,
  profileTop,
  flameGraph,
  searchAccuracy,
  searchReal,
  scalabilityRefits,
  stageInterval,
  whatifHeldOut,
];

/** Minutes. What takes longer is run only where it is named. */
const longest = 60;
const byName = benchmarks.filter(({ minutes }) => minutes > longest);

const usage = `usage: npm run bench -- [NAME…] [--quick] [--repeats=5] [--only=PART,PART] [--engine=k6]

Rough lengths are those of five repeats; --quick, a first look, takes about a tenth. --only takes the named
parts of planted-faults. Without a name all are run
but ${byName.map(({ name }) => name).join(', ')}.

${benchmarks.map(({ name, about, minutes }) => `  ${name.padEnd(22)}${`~${minutes} min`.padStart(8)}  ${about}`).join('\n')}`;

const flags = process.argv.slice(2);
if (flags.includes('--help')) {
  console.log(usage);
  process.exit(0);
}
const names = flags.filter((flag) => !flag.startsWith('--'));
const quick = flags.includes('--quick');
const repeats = Number(flags.find((flag) => flag.startsWith('--repeats='))?.split('=')[1] ?? (quick ? 1 : 5));
const only = (flags.find((flag) => flag.startsWith('--only='))?.split('=')[1] ?? '')
  .split(',')
  .filter((name) => name !== '');
const unknown = names.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
if (unknown.length > 0 || !Number.isInteger(repeats) || repeats < 1) {
  for (const name of unknown) console.error(`there is no benchmark ${name}`);
  console.error(usage);
  process.exit(2);
}
const wanted = benchmarks.filter((one) => (names.length === 0 ? !byName.includes(one) : names.includes(one.name)));
if (names.length === 0)
  for (const { name, minutes } of byName)
    console.log(`left out, since it takes about ${minutes} min: ${name}; npm run bench -- ${name}`);

const k6 = flags.includes('--engine=k6');
const engine = k6 ? k6Engine(await buildEngine((message) => console.error(message))) : autocannonEngine;

const bench = await Bench.open({ quick, repeats, engine, only });
let missed = 0;
try {
  for (const benchmark of wanted) {
    console.log(`\n${benchmark.name}: ${benchmark.about} (${repeats} × ${quick ? 'quick' : 'full'}, ${engine.name})`);
    for (const { what, asked, measured, pass } of await benchmark.run(bench)) {
      if (pass === false) missed++;
      console.log(
        `  ${pass === null ? '    ' : pass ? 'pass' : 'MISS'}  ${what}: asked ${asked}, measured ${measured}`,
      );
    }
  }
} finally {
  await bench.close();
}
process.exitCode = missed > 0 ? 1 : 0;
