import type { Options } from 'yargs';
import { metricNamesOf } from '../../analysis/comparison/compare-runs.ts';
import type { ComparisonVerdict } from '../../analysis/comparison/judge-change.ts';
import type { RunSample } from '../../analysis/comparison/run-sample.ts';
import { comparedFields, sayUnlike, unlikeFields } from '../../analysis/comparison/unlike-fields.ts';
import { type RunMetricName, runMetricNames } from '../../model/run-metrics.ts';
import { textOf } from '../../scenarios/load-scenario-file.ts';
import { MisuseError } from '../../scenarios/misuse.ts';
import { Reasons } from '../../scenarios/reasons.ts';
import type { Command } from '../command.ts';
import { type ComparisonFigures, comparisonFigures, runsComparisonFigures } from '../comparison-figures.ts';
import { composeComparison } from '../compose-comparison.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { loadSamples } from '../load-samples.ts';
import { parseSamples } from '../parse-samples.ts';
import { printFigures } from '../print-figures.ts';
import { type FlagValues, withFlags } from '../with-flags.ts';

const options = {
  with: { type: 'string', array: true, default: [] as string[], describe: 'runs of the candidate' },
  paired: {
    type: 'boolean',
    default: false,
    describe: 'the first run of each side were made together, the second, and so on: what pairs share drops out',
  },
  metric: {
    type: 'string',
    array: true,
    default: [] as string[],
    describe: `only these decide: ${runMetricNames.join(', ')}`,
  },
  stage: { type: 'number', array: true, default: [] as number[], describe: 'only these stages, by index' },
  'allow-difference': {
    type: 'string',
    array: true,
    default: [] as string[],
    describe: 'what may differ besides the build, since it is what is compared: gogc, go-version, …',
  },
  samples: { type: 'boolean', default: false, describe: 'the two files hold plain numbers, one run a line' },
  direction: {
    choices: ['lower', 'higher'] as const,
    describe: 'with --samples: which way is better [default: lower]',
  },
} as const satisfies Record<string, Options>;

type Flags = FlagValues<typeof options> & { readonly files: readonly string[] | undefined };

export const comparisonExits: Readonly<Record<ComparisonVerdict, ExitCode>> = {
  same: exitCodes.done,
  better: exitCodes.done,
  worse: exitCodes.missed,
  inconclusive: exitCodes.inconclusive,
};

export const compareCommand: Command<Flags> = {
  examples: [
    [
      'compare 20261121-0913 20261121-0921 20261121-0936 20261121-0944 --with 20261121-0917 20261121-0925 20261121-0932 20261121-0948',
      'four runs of each of two versions, metric by metric and stage by stage',
    ],
    [
      'compare RUN1 RUN2 RUN3 RUN4 --with RUN5 RUN6 RUN7 RUN8 --paired --metric p99 --metric errors',
      'pairs that were made together, and only two metrics, which so few runs can decide',
    ],
    ['compare --samples base.csv candidate.csv', 'plain numbers, one run a line'],
    ['compare --samples base.csv candidate.csv --direction higher', 'of throughput: higher is better'],
  ],
  flags: (yargs) =>
    // `--with` takes all runs behind it, up to the next flag.
    withFlags(yargs.parserConfiguration({ 'greedy-arrays': true }), options).positional('files', {
      type: 'string',
      array: true,
      describe: 'runs of the base; with --samples two CSV files, one run a line below the names of metrics',
    }),
  check: (flags, { runsDirectory }) => comparedBy(flags, runsDirectory),
  run: async (flags, { terminal, runsDirectory }) => {
    const figures = await comparedBy(flags, runsDirectory);
    printFigures(terminal, 'plimsoll/compare/1', figures, composeComparison);
    return comparisonExits[figures.verdict];
  },
};

/** @throws MisuseError with everything that is wrong with flags, files and runs, at once */
function comparedBy(flags: Flags, runsDirectory: string): Promise<ComparisonFigures> {
  return flags.samples ? comparedFiles(flags) : comparedRuns(flags, runsDirectory);
}

async function comparedRuns(flags: Flags, runsDirectory: string): Promise<ComparisonFigures> {
  const { with: candidates, paired, allowDifference, direction } = flags;
  const reasons = new Reasons();
  const bases = flags.files ?? [];
  if (direction !== undefined)
    reasons.add('--direction', 'is for plain numbers: of runs it is known which way is better', 'leave it out');
  if (bases.length === 0)
    reasons.add('compare', 'no run of the base is named', 'write plimsoll compare RUN … --with RUN …');
  if (candidates.length === 0)
    reasons.add('--with', 'no run of the candidate is named', 'write plimsoll compare RUN … --with RUN …');
  if (paired && bases.length !== candidates.length)
    reasons.add(
      '--paired',
      `${bases.length} runs of the base and ${candidates.length} of the candidate make no pairs`,
      'name as many of each, in the same order, or leave out --paired',
    );
  const metrics = metricsOf(flags, reasons);
  const loading = { runsDirectory, reasons, seen: new Set<string>() };
  const base = await loadSamples('compare', bases, loading, (sample) => sample);
  const candidate = await loadSamples('--with', candidates, loading, (sample) => sample);
  checkRuns([...base, ...candidate], flags, reasons);
  if (reasons.list.length > 0) throw new MisuseError(reasons.list);
  const stages = flags.stage.length === 0 ? null : flags.stage;
  return runsComparisonFigures(base, candidate, { paired, metrics, stages }, allowDifference);
}

function metricsOf({ metric }: Flags, reasons: Reasons): readonly RunMetricName[] | null {
  if (metric.length === 0) return null;
  const names = metricNamesOf(metric);
  if (names === null)
    for (const name of metric)
      if (metricNamesOf([name]) === null)
        reasons.add('--metric', `"${name}" is none`, `the metrics are ${runMetricNames.join(', ')}`);
  return names;
}

/** Runs of other machines, settings or loads differ by more than the build. */
function checkRuns(runs: readonly RunSample[], { allowDifference, stage }: Flags, reasons: Reasons): void {
  const fields = new Set(runs.flatMap((run) => Object.keys(comparedFields(run))));
  for (const field of allowDifference)
    if (runs.length > 0 && !fields.has(field))
      reasons.add('--allow-difference', `there is no "${field}"`, `the fields are ${[...fields].join(', ')}`);
  for (const unlike of unlikeFields(runs, allowDifference))
    reasons.add(
      'compare',
      sayUnlike(unlike),
      `make all runs alike, or say that this is what is compared: --allow-difference ${unlike.field}`,
    );
  const indices = new Set(runs.flatMap(({ stages }) => stages.map(({ index }) => index)));
  for (const index of stage)
    if (runs.length > 0 && !indices.has(index))
      reasons.add('--stage', `no run has a hold stage ${index}`, `there are ${[...indices].join(', ')}`);
}

async function comparedFiles(flags: Flags): Promise<ComparisonFigures> {
  const reasons = new Reasons();
  const files = flags.files ?? [];
  const hint = 'write plimsoll compare --samples base.csv candidate.csv';
  const ofRuns = {
    '--with': flags.with.length > 0,
    '--paired': flags.paired,
    '--metric': flags.metric.length > 0,
    '--stage': flags.stage.length > 0,
    '--allow-difference': flags.allowDifference.length > 0,
  };
  for (const [where, given] of Object.entries(ofRuns))
    if (given) reasons.add(where, 'is for saved runs, and --samples reads plain numbers', hint);
  if (files.length !== 2) reasons.add('--samples', `needs two files, not ${files.length}`, hint);
  const [base, candidate] = await Promise.all(
    files.slice(0, 2).map((file) => reasons.gather(file, null, async () => parseSamples(file, await textOf(file)))),
  );
  if (base != null && candidate != null && base.hasHeader !== candidate.hasHeader)
    reasons.add(
      '--samples',
      'one file has a header line, the other has none',
      'metrics are matched by name: both or none',
    );
  if (reasons.list.length > 0 || base == null || candidate == null) throw new MisuseError(reasons.list);
  return comparisonFigures(base, candidate, flags.direction ?? 'lower');
}
