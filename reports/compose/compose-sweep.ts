import type { Estimate } from '../../model/finding.ts';
import type {
  CellPrediction,
  CellSettings,
  ObservedPool,
  ObservedStage,
  SweepCell,
  SweepEstimate,
  SweepFigures,
  Verification,
} from '../../model/sweep-figures.ts';
import type { EpochMilliseconds } from '../../model/units.ts';
import { figureOverFactor } from '../charts/figure-over-factor.ts';
import type { Block, Cell, Chart, Document, Table } from '../document.ts';
import { formatInstant, formatInterval, formatQuantity, scaleFor } from '../format-quantity.ts';
import { poolDecisionsSection } from './pool-decisions-section.ts';
import { type FilledColumn, buildTable, counts, estimates, texts, withoutUnknown } from './build-table.ts';

export interface SweepReport {
  readonly id: string;
  /** Of the scenario. */
  readonly name: string;
  readonly startedAt: EpochMilliseconds;
  /** Why the sweep is not over; null where it is. */
  readonly unfinished: string | null;
  readonly figures: SweepFigures;
}

/** The report of a sweep: the table of cells at the highest load, charts over one or two factors, then every load. */
export function composeSweep({ id, name, startedAt, unfinished, figures }: SweepReport): Document {
  const { repeats, warnings, pool } = figures;
  return {
    title: `${name}: sweep`,
    subtitle: `${formatInstant(startedAt)} · ${id}`,
    blocks: [
      {
        kind: 'text',
        text: `${measuredText(figures)}${atLoad(figures)}.${unfinished === null ? '' : ` ${sentence(unfinished)}`}`,
        brief: true,
        ...(unfinished === null ? {} : { tone: 'warning' as const }),
      },
      ...warnings.map(({ message }): Block => ({
        kind: 'text',
        text: sentence(message),
        tone: 'warning',
        brief: true,
      })),
      { kind: 'heading', level: 2, text: 'Cells', brief: true },
      { ...cellTable(figures), brief: true },
      ...fewCollections(figures),
      { kind: 'text', text: howToRead(repeats, pool !== null), tone: 'muted', brief: true },
      ...(figures.pool === null ? [] : poolDecisionsSection(figures.pool)),
      ...predictionsSection(figures),
      ...recommendationSection(figures),
      ...charts(figures),
      ...everyLoad(figures),
      ...runsTable(figures),
    ],
  };
}

function measuredText({ cells, repeats, pool }: SweepFigures): string {
  const measured = cells.filter(({ observed }) => observed !== null).length;
  return pool === null
    ? `${measured} of ${cells.length} cells measured, ${repeats} ${repeats === 1 ? 'run' : 'runs'} each asked for`
    : `${measured} ${measured === 1 ? 'size' : 'sizes'} measured`;
}

function atLoad({ cells }: SweepFigures): string {
  const observed = cells.find((cell) => cell.observed !== null)?.observed ?? null;
  return observed === null ? '' : `, shown at the highest load that is held, ${observed.name}`;
}

function cellTable({ factors, cells }: SweepFigures): Table {
  return buildTable('Every cell.', [
    ...settingColumns(factors, cells),
    ...figureColumns(cells.map((cell) => cell.observed)),
    texts('', cells.map(stateCell)),
  ]);
}

function fewCollections({ cells }: SweepFigures): readonly Block[] {
  const rough = cells.filter(({ observed }) => observed?.warnings.includes('few-gc-cycles') === true);
  if (rough.length === 0) return [];
  return [
    {
      kind: 'text',
      text: `Fewer than twenty collections were seen at ${rough.map(({ settings }) => settingsWords(settings)).join(', ')}: figures of the collector are rough there, and longer stages make them firm.`,
      tone: 'warning',
      brief: true,
    },
  ];
}

const tones = { measured: 'good', partly: 'warning', invalid: 'warning', failed: 'bad', pending: 'muted' } as const;

function stateCell({ status, reasons }: SweepCell): Cell {
  if (status === 'measured') return '';
  return { text: [status, ...reasons].join(': '), tone: tones[status] };
}

/** What is unknown in all cells has no column. */
function figureColumns(stages: readonly (ObservedStage | null)[]): readonly FilledColumn[] {
  const figure = (
    title: string,
    unit: string,
    of: (stage: ObservedStage) => SweepEstimate | null,
    leaves?: number,
  ): FilledColumn =>
    estimates(
      title,
      unit,
      stages.map((stage) => shown(stage === null ? null : of(stage))),
      leaves === undefined ? {} : { leaves },
    );
  const pools = [...new Set(stages.flatMap((stage) => (stage?.pools ?? []).map(({ name }) => name)))];
  const named = (name: string): string => (pools.length === 1 ? 'pool' : name);
  return withoutUnknown([
    figure('done', '1/s', ({ completedPerSecond }) => completedPerSecond),
    figure('errors', 'ratio', ({ errorShare }) => errorShare, 5),
    figure('p50', 'ms', ({ responseTimeMs }) => responseTimeMs['0.5'], 1),
    figure('p99', 'ms', ({ responseTimeMs }) => responseTimeMs['0.99']),
    figure('GC CPU', 'ratio', ({ gcCpuShare }) => gcCpuShare),
    figure('cycles', '1/s', ({ gcCyclesPerSecond }) => gcCyclesPerSecond, 4),
    figure('heap goal', 'B', ({ heapGoalBytes }) => heapGoalBytes, 3),
    figure('peak memory', 'B', ({ rssPeakBytes }) => rssPeakBytes),
    figure('CPU/request', 'ms', ({ cpuMsPerRequest }) => cpuMsPerRequest, 2),
    ...pools.flatMap((name) => [
      figure(
        `${named(name)} in use`,
        '1',
        poolFigure(name, ({ inUse }) => inUse),
        4,
      ),
      figure(
        `${named(name)} wait`,
        'ms',
        poolFigure(name, ({ waitMsPerRequest }) => waitMsPerRequest),
        5,
      ),
    ]),
    ...objectiveColumn(stages),
  ]);
}

const poolFigure =
  (name: string, of: (pool: ObservedPool) => SweepEstimate | null) =>
  (stage: ObservedStage): SweepEstimate | null => {
    const pool = stage.pools.find((each) => each.name === name);
    return pool === undefined ? null : of(pool);
  };

function objectiveColumn(stages: readonly (ObservedStage | null)[]): readonly FilledColumn[] {
  if (stages.every((stage) => (stage?.objectives ?? null) === null)) return [];
  return [
    texts(
      'objectives',
      stages.map((stage): Cell => {
        const objectives = stage?.objectives ?? null;
        if (stage === null || objectives === null) return '';
        const { met, missed, undecided } = objectives;
        const parts = [
          ...(met > 0 ? [`met in ${met}`] : []),
          ...(missed > 0 ? [`missed in ${missed}`] : []),
          ...(undecided > 0 ? [`undecided in ${undecided}`] : []),
        ];
        if (stage.runs > 1)
          return { text: parts.join(', '), tone: missed > 0 ? 'bad' : undecided > 0 ? 'warning' : 'good' };
        return missed > 0
          ? { text: 'missed', tone: 'bad' }
          : undecided > 0
            ? { text: 'undecided', tone: 'warning' }
            : { text: 'met', tone: 'good' };
      }),
      { leaves: 8 },
    ),
  ];
}

/** An interval that is not known is not shown. */
function shown(value: SweepEstimate | null): Estimate | null {
  if (value === null) return null;
  const { estimate, low, high, confidence, method } = value;
  return { estimate, low: low ?? estimate, high: high ?? estimate, confidence: confidence ?? 0, method };
}

function howToRead(repeats: number, adaptive: boolean): string {
  const intervals =
    repeats === 1 && !adaptive
      ? 'Each cell is one run: intervals are those within it, and how far another run would differ is not known; --repeats 3 tells.'
      : `Estimates are means over the valid runs of a cell, with 95% intervals between runs (Student’s t).`;
  const few = repeats === 2 ? ' Of two runs they are wide: how far apart two are says little of all others.' : '';
  return `${intervals}${few} The service was started anew for each run${adaptive ? '' : ', in random order within each repeat'}.`;
}

const compared = [
  { name: 'gcCpuShare', title: 'GC CPU', unit: 'ratio' },
  { name: 'gcCyclesPerSecond', title: 'cycles', unit: '1/s' },
  { name: 'heapGoalBytes', title: 'heap goal', unit: 'B' },
  { name: 'rssPeakBytes', title: 'peak memory', unit: 'B' },
] as const;

/** What the model of the collector says of each cell, beside what was seen there. */
function predictionsSection({ factors, cells, unpredictedReason, pool }: SweepFigures): readonly Block[] {
  if (pool !== null) return [];
  const heading: Block = { kind: 'heading', level: 2, text: 'Predicted beside observed', brief: true };
  if (unpredictedReason !== null)
    return [heading, { kind: 'text', text: `No prediction: ${unpredictedReason}.`, tone: 'muted', brief: true }];
  const predicted = cells.filter((cell) => cell.predicted !== null);
  if (predicted.length === 0) return [];
  const refused = predicted.filter((cell) => cell.predicted?.status === 'refused');
  const own = predicted.some((cell) => cell.predicted?.basis === 'all-cells');
  return [
    heading,
    {
      ...buildTable('The garbage collector by its model, at the load that each cell answered, beside what was seen.', [
        ...settingColumns(factors, predicted),
        texts(
          'ends by',
          predicted.map((cell) => cell.predicted?.regime ?? ''),
          { leaves: 1 },
        ),
        ...compared.flatMap(({ name, title, unit }) => [
          estimates(
            `${title}: model`,
            unit,
            predicted.map((cell) => shown(cell.predicted?.[name] ?? null)),
          ),
          estimates(
            'seen',
            unit,
            predicted.map((cell) => shown(cell.observed?.[name] ?? null)),
          ),
        ]),
      ]),
      brief: true,
    },
    ...refused.map(({ settings, predicted: said }): Block => ({
      kind: 'text',
      text: sentence(`${settingsWords(settings)}: ${said?.reason ?? ''}`),
      tone: 'warning',
      brief: true,
    })),
    {
      kind: 'text',
      text: own
        ? 'Where the other cells do not determine the model, it was fitted with the very cell that it predicts: that is no test of it.'
        : 'Each cell is predicted from the runs of the other cells alone, so its own measurement tests the model.',
      tone: own ? 'warning' : 'muted',
      brief: true,
    },
  ];
}

function recommendationSection(figures: SweepFigures): readonly Block[] {
  const { recommended, recommendedReason: reason, unpredictedReason, verification, pool } = figures;
  if (recommended === null) {
    // Without a model there is no recommendation either, and its reason has been said.
    const because = pool === null && reason === unpredictedReason ? '' : `, ${reason ?? ''}`;
    return [{ kind: 'text', text: `Recommended: none${because}.`, brief: true }];
  }
  const { settings, predicted, doubts } = recommended;
  return [
    { kind: 'heading', level: 2, text: 'Recommended', brief: true },
    { kind: 'text', text: `${settingsWords(settings)}${expectation(predicted)}.`, brief: true },
    ...doubts.map((text): Block => ({ kind: 'text', text: sentence(text), tone: 'warning', brief: true })),
    ...(predicted === null ? [] : [verificationText(verification)]),
  ];
}

function expectation(predicted: CellPrediction | null): string {
  if (predicted === null) return '';
  const parts = compared.flatMap(({ name, title, unit }) => {
    const figure = predicted[name];
    if (figure === null) return [];
    const scale = scaleFor(unit, [figure.estimate]);
    return [
      `${title} ${formatQuantity(figure.estimate, unit)} (95%: ${formatInterval(scale, figure.low, figure.high)})`,
    ];
  });
  return `, predicted: ${parts.join(', ')}`;
}

function verificationText(verification: Verification | null): Block {
  if (verification === null)
    return {
      kind: 'text',
      text: 'No run was made at these settings: a prediction only. --verify makes one.',
      tone: 'warning',
      brief: true,
    };
  const { status, reason, observed, run } = verification;
  const seen = compared.flatMap(({ name, title, unit }) => {
    const figure = observed?.[name] ?? null;
    return figure === null ? [] : [`${title} ${formatQuantity(figure.estimate, unit)}`];
  });
  const words = { agrees: 'it agrees', differs: 'it differs', inconclusive: 'inconclusive' } as const;
  return {
    kind: 'text',
    text: `Verified by a run at exactly these settings (${run}): ${words[status]}${reason === '' ? '' : `, ${reason}`}${seen.length === 0 ? '' : `; observed: ${seen.join(', ')}`}.`,
    tone: ({ agrees: 'good', differs: 'bad', inconclusive: 'warning' } as const)[status],
    brief: true,
  };
}

const settingColumns = (factors: SweepFigures['factors'], cells: readonly SweepCell[]): readonly FilledColumn[] =>
  factors.map(({ name }) =>
    texts(
      name,
      cells.map(({ settings }) => settings[name] ?? ''),
    ),
  );

const settingsWords = (settings: CellSettings): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

const charted = [
  { id: 'p99', title: 'p99 response time', unit: 'ms', of: (stage: ObservedStage) => stage.responseTimeMs['0.99'] },
  { id: 'done', title: 'completed', unit: '1/s', of: (stage: ObservedStage) => stage.completedPerSecond },
  { id: 'gc-cpu', title: 'GC share of CPU', unit: 'ratio', of: (stage: ObservedStage) => stage.gcCpuShare },
  { id: 'peak-memory', title: 'peak memory', unit: 'B', of: (stage: ObservedStage) => stage.rssPeakBytes },
] as const;

/** Over the factor with more values, a line for each value of the other; three factors make no picture. */
function charts(figures: SweepFigures): readonly Chart[] {
  const [along, other, third] = figures.factors.toSorted((a, b) => b.values.length - a.values.length);
  if (along === undefined || third !== undefined) return [];
  return charted.flatMap(({ id, title, unit, of }): readonly Chart[] => {
    const series = (other?.values ?? ['']).map((value) => ({
      name: other === undefined ? title : `${other.name}=${value}`,
      points: figures.cells.flatMap(({ settings, observed }) => {
        const figure = observed === null ? null : of(observed);
        if (figure === null || (other !== undefined && settings[other.name] !== value)) return [];
        return [{ at: settings[along.name] ?? '', value: figure.estimate, low: figure.low, high: figure.high }];
      }),
    }));
    const points = series.flatMap((each) => each.points.map((point) => ({ ...point, name: each.name })));
    if (points.length < 2) return [];
    const scale = scaleFor(
      unit,
      points.map(({ value }) => value),
    );
    return [
      {
        kind: 'chart',
        id: `sweep-${id}`,
        title: `${title.charAt(0).toUpperCase()}${title.slice(1)} over ${along.name}`,
        description: `A point for each measured cell at its highest load${other === undefined ? '' : `, a line for each ${other.name}`}; uprights are 95% intervals.`,
        width: 'half',
        height: 260,
        specification: figureOverFactor({ title, unit, factor: along.name, values: along.values, series }),
        columns: [along.name, ...(other === undefined ? [] : [other.name]), title, '95%'],
        rows: points.map(({ at, name, value, low, high }) => [
          at,
          ...(other === undefined ? [] : [name.slice(other.name.length + 1)]),
          formatQuantity(value, unit),
          formatInterval(scale, low, high),
        ]),
      },
    ];
  });
}

/** The same table for each further load. */
function everyLoad({ factors, cells }: SweepFigures): readonly Block[] {
  const indices = [...new Set(cells.flatMap(({ stages }) => stages.map(({ index }) => index)))].toSorted(
    (a, b) => a - b,
  );
  if (indices.length < 2) return [];
  return [
    { kind: 'heading', level: 2, text: 'Every load' },
    ...indices.map((index) => {
      const stages = cells.map((cell) => cell.stages.find((stage) => stage.index === index) ?? null);
      return buildTable(stages.find((stage) => stage !== null)?.name ?? '', [
        ...settingColumns(factors, cells),
        ...figureColumns(stages),
      ]);
    }),
  ];
}

function runsTable({ factors, cells }: SweepFigures): readonly Block[] {
  const rows = cells.flatMap(({ settings, runs, observed }) =>
    runs.map((run) => ({ settings, run, valid: observed?.runs ?? 0 })),
  );
  if (rows.length === 0) return [];
  return [
    { kind: 'heading', level: 2, text: 'Runs' },
    {
      ...buildTable('The run folders, each of which "plimsoll analyze" reads by itself.', [
        ...factors.map(({ name }) =>
          texts(
            name,
            rows.map(({ settings }) => settings[name] ?? ''),
          ),
        ),
        texts(
          'run',
          rows.map(({ run }) => run),
        ),
        counts(
          'valid runs of the cell',
          rows.map(({ valid }) => valid),
        ),
      ]),
      folded: true,
    },
  ];
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
