import type { Estimate } from '../../model/finding.ts';
import type {
  CellSettings,
  ObservedPool,
  ObservedStage,
  SweepCell,
  SweepEstimate,
  SweepFigures,
} from '../../model/sweep-figures.ts';
import type { Block, Cell, Table } from '../document.ts';
import { type FilledColumn, buildTable, counts, estimates, texts, withoutUnknown } from './build-table.ts';

/** Every cell with what was seen there at the highest load. */
export function cellTable({ factors, cells }: SweepFigures): Table {
  return buildTable('Every cell.', [
    ...settingColumns(factors, cells),
    ...figureColumns(cells.map((cell) => cell.observed)),
    texts('', cells.map(stateCell)),
  ]);
}

export function fewCollections({ cells }: SweepFigures): readonly Block[] {
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
      stages.map((stage) => knownEstimate(stage === null ? null : of(stage))),
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
export function knownEstimate(value: SweepEstimate | null): Estimate | null {
  if (value === null) return null;
  const { estimate, low, high, confidence, method } = value;
  return { estimate, low: low ?? estimate, high: high ?? estimate, confidence: confidence ?? 0, method };
}

/** The same table for each further load. */
export function everyLoad({ factors, cells }: SweepFigures): readonly Block[] {
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

export function runsTable({ factors, cells }: SweepFigures): readonly Block[] {
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

/** The settings of cells, a column each. */
export const settingColumns = (
  factors: SweepFigures['factors'],
  cells: readonly SweepCell[],
): readonly FilledColumn[] =>
  factors.map(({ name }) =>
    texts(
      name,
      cells.map(({ settings }) => settings[name] ?? ''),
    ),
  );

export const settingsWords = (settings: CellSettings): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
