import type { Estimate } from '../model/finding.ts';
import type { Block, Document } from '../reports/document.ts';
import {
  formatBytes,
  formatCount,
  formatInterval,
  formatPercent,
  formatQuantity,
  formatRate,
  formatSetting,
  scaleFor,
  unknownText,
} from '../reports/format-quantity.ts';
import type { GcFigures } from './gc-figures.ts';
import { left, right } from './table-columns.ts';

/** GOGC and GOMEMLIMIT for a terminal: the same figures as its JSON. */
export function composeGc(figures: GcFigures): Document {
  const { recommended, asked, regime } = figures;
  const load = `${formatSetting(asked.requestsPerSecond, '1/s')} in ${formatSetting(asked.memoryLimitBytes, 'B')}`;
  if (recommended === null)
    return {
      title: regime === 'thrash' ? 'Garbage collector: no setting is safe' : 'Garbage collector: no answer',
      subtitle: load,
      blocks: [...notes(figures), ...stages(figures)],
    };
  const { environment } = recommended;
  return {
    title: `Garbage collector: ${environment.join(' ')}`,
    subtitle: `${load}: ${meaning[regime ?? 'gogc']}`,
    blocks: [
      ...environment.map((text): Block => ({ kind: 'text', brief: true, text })),
      predictedTable(figures),
      pareto(figures),
      ...rates(figures),
      ...stages(figures),
      parameters(figures),
      { kind: 'text', brief: true, text: `Method: ${figures.method}` },
      ...figures.assumptions.map((text): Block => ({ kind: 'text', brief: true, text: `Assumed: ${text}` })),
      ...notes(figures),
      {
        kind: 'text',
        brief: true,
        text: `Next: run the same stages at exactly this setting, and compare GC CPU, cycles and peak memory with the table above.`,
      },
    ],
  };
}

const meaning = {
  floor: 'the least heap there is (4 MiB × GOGC/100) decides when it is collected',
  gogc: 'GOGC decides when the heap is collected, the limit is an emergency brake',
  limit: 'the memory limit decides when the heap is collected',
  thrash: '',
} as const;

const notes = ({ warnings }: GcFigures): readonly Block[] =>
  warnings.map(({ message }): Block => ({ kind: 'text', brief: true, tone: 'warning', text: `note: ${message}` }));

const intervalOf = (value: Estimate | null, unit: string): string =>
  value === null ? unknownText : formatInterval(scaleFor(unit, [value.estimate]), value.low, value.high);

function predictedTable({ predicted: figures }: GcFigures): Block {
  const rows: readonly (readonly [string, Estimate | null, string])[] = [
    ['GC CPU', figures.gcCpuShare, 'ratio'],
    ['collections', figures.gcCyclesPerSecond, '1/s'],
    ['peak memory (Go)', figures.peakMemoryBytes, 'B'],
    ['live heap', figures.liveHeapBytes, 'B'],
    ['heap goal', figures.heapGoalBytes, 'B'],
    ['allocation', figures.allocatedBytesPerSecond, 'B/s'],
  ];
  return {
    kind: 'table',
    caption: 'Predicted',
    brief: true,
    columns: [left(''), right('estimate'), right('95 %')],
    rows: rows.map(([name, value, unit]) => [
      name,
      formatQuantity(value?.estimate ?? null, unit),
      intervalOf(value, unit),
    ]),
  };
}

function pareto({ pareto: rows, recommended, enoughGogc }: GcFigures): Block {
  return {
    kind: 'table',
    caption: 'Memory against GC CPU',
    brief: true,
    columns: [right('GOGC'), right('peak memory'), right('95 %'), right('GC CPU'), right('95 %'), left('')],
    rows: rows.map(({ gogc, peakMemoryBytes, gcCpuShare, regime }) => [
      String(gogc),
      formatBytes(peakMemoryBytes?.estimate ?? null),
      intervalOf(peakMemoryBytes, 'B'),
      formatPercent(gcCpuShare?.estimate ?? null),
      intervalOf(gcCpuShare, 'ratio'),
      gogc === recommended?.gogc
        ? { text: 'recommended', tone: 'good' }
        : gogc === enoughGogc
          ? { text: 'from here on 10 % more memory save less than 1 %', tone: 'muted' }
          : regime === 'limit'
            ? { text: 'the limit decides', tone: 'muted' }
            : '',
    ]),
  };
}

const text = (line: string): Block => ({ kind: 'text', brief: true, text: line });

function rates({ crossoverRatePerSecond, assistFreeRatePerSecond, gogcOff, memory }: GcFigures): readonly Block[] {
  return [
    ...(crossoverRatePerSecond === null
      ? []
      : [
          text(
            `From ${formatRate(crossoverRatePerSecond.estimate)} (${intervalOfRate(crossoverRatePerSecond)}) on the limit decides: collections then grow faster than the load.`,
          ),
        ]),
    ...(assistFreeRatePerSecond === null
      ? []
      : [
          text(
            `Up to ${formatRate(assistFreeRatePerSecond.estimate)} (${intervalOfRate(assistFreeRatePerSecond)}) goroutines need not help marking.`,
          ),
        ]),
    ...(memory === null
      ? []
      : [
          text(
            `Of the container ${formatBytes(memory.headroomBytes)} are head-room and ${memory.nonGoBytes === null ? 'an unknown part' : formatBytes(memory.nonGoBytes)} is memory that Go does not count.`,
          ),
        ]),
    ...(gogcOff === null
      ? []
      : [text(gogcOff.allowed ? 'GOGC=off would be safe as well.' : `Not GOGC=off: ${gogcOff.against.join('; ')}.`)]),
  ];
}

const intervalOfRate = ({ estimate, low, high }: NonNullable<GcFigures['crossoverRatePerSecond']>): string =>
  formatInterval(scaleFor('1/s', [estimate]), low, high);

function stages({ stages: rows }: GcFigures): readonly Block[] {
  if (rows.length === 0) return [];
  return [
    {
      kind: 'table',
      caption: 'Measured',
      brief: true,
      columns: [
        left('stage'),
        right('GOGC'),
        right('requests'),
        right('collections'),
        right('live heap'),
        right('goal'),
        right('peak memory'),
        right('GC CPU'),
        left(''),
      ],
      rows: rows.map((stage) => [
        stage.name,
        gogcText(stage),
        formatRate(stage.requestsPerSecond),
        formatCount(stage.cycles),
        formatBytes(stage.liveHeapBytes),
        formatBytes(stage.heapGoalBytes),
        formatBytes(stage.peakMemoryBytes),
        formatPercent(stage.gcCpuShare),
        stage.regime,
      ]),
    },
    ...heldOutTable(rows),
  ];
}

const ratio = (observed: number | null, predicted: number | null): string =>
  formatPercent(observed === null || predicted === null ? null : observed / predicted);

/** Each run as the others predict it. */
function heldOutTable(rows: GcFigures['stages']): readonly Block[] {
  const told = rows.flatMap((stage) => (stage.heldOut === null ? [] : [{ stage, heldOut: stage.heldOut }]));
  if (told.length === 0) return [];
  return [
    {
      kind: 'table',
      caption: 'Observed / predicted, each run from the others',
      brief: true,
      columns: [
        left('stage'),
        right('GOGC'),
        right('collections'),
        right('live heap'),
        right('goal'),
        right('peak memory'),
        right('GC CPU'),
        left(''),
      ],
      rows: told.map(({ stage, heldOut: predicted }) => [
        stage.name,
        gogcText(stage),
        ratio(stage.cyclesPerSecond, predicted.cyclesPerSecond),
        ratio(stage.liveHeapBytes, predicted.liveHeapBytes),
        ratio(stage.heapGoalBytes, predicted.heapGoalBytes),
        ratio(stage.peakMemoryBytes, predicted.peakMemoryBytes),
        ratio(stage.gcCpuShare, predicted.gcCpuShare),
        stage.regime === predicted.regime ? '' : { text: `${predicted.regime} was predicted`, tone: 'warning' },
      ]),
    },
  ];
}

const gogcText = ({ gogc }: GcFigures['stages'][number]): string => (gogc === null ? 'off' : String(gogc));

/** Unit of a parameter by the words in its name; shares and ratios have none. */
const units: readonly (readonly [RegExp, string])[] = [
  [/^allocBytesPerSecond/, 'B/s'],
  [/PerGoalByte$|OverMean$|Share|Runway$/, '1'],
  [/Nanoseconds/, 'nanoseconds'],
  [/Ms/, 'ms'],
  [/Bytes/, 'B'],
];

function parameters({ parameters: list }: GcFigures): Block {
  const rows = Object.entries(list ?? {}).flatMap(([name, value]) => (value === null ? [] : [{ name, value }]));
  return {
    kind: 'table',
    caption: 'Parameters',
    brief: true,
    columns: [left(''), right('estimate'), right('95 %')],
    rows: rows.map(({ name, value }) => {
      const unit = units.find(([pattern]) => pattern.test(name))?.[1] ?? '1';
      const words = name.replaceAll(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
      return [words, formatQuantity(value.estimate, unit), intervalOf(value, unit)];
    }),
  };
}
