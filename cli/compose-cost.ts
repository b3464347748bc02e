import { type CostLaw, fewestSamples } from '../analysis/profiles/cost-law.ts';
import { estimate, texts, titled, buildTable, counts } from '../reports/compose/build-table.ts';
import type { Block, Cell, Document } from '../reports/document.ts';
import { formatIn, formatSetting, scaleFor, unknownText } from '../reports/format-quantity.ts';
import type { CostFigures } from './cost-figures.ts';

/** What functions cost per request over the rate, for a person. */
export function composeCost(figures: CostFigures): Document {
  const { type, sort, functions, listed, labels, missing, atPerSecond } = figures;
  const shown = functions.length < listed ? `; the first ${functions.length} of ${listed}` : '';
  return {
    title: `${names[type]} per request over the rate`,
    subtitle: figures.runs.join(', '),
    blocks: [
      ...(missing === null ? [] : [note(`Not told over the rate: ${missing}.`, 'warning')]),
      ...(atPerSecond === null
        ? []
        : [
            note(`From ${stageText(figures)}. Exponent 0: the same at each rate; 1: grows as the rate does.`, 'muted'),
            note(
              `By function, ${sorts[sort]}; the largest at ${formatSetting(atPerSecond, '1/s')} first${shown}:`,
              'normal',
            ),
            lawTable(figures, 'function', [
              ['all together', '', figures.total],
              ...functions.map((each): Row => [each.name, lineText(each), each[sort === 'cum' ? 'cumulative' : sort]]),
            ]),
            ...labels.flatMap(({ key, values }) => [
              note(`By the pprof label ${key}:`, 'normal'),
              lawTable(
                figures,
                key,
                values.map(({ value, requestsOf, cost }): Row => [
                  value,
                  requestsOf === 'endpoint' ? 'of its own requests' : 'of all requests',
                  cost,
                ]),
              ),
            ]),
          ]),
      ...figures.leftOut.map(({ stage, reason }) => note(`Stage ${stage} is left out: ${reason}.`, 'muted')),
    ],
  };
}

const names = {
  cpu: 'CPU time',
  alloc: 'Allocated memory',
  mutex: 'Wait for mutexes',
  block: 'Time blocked',
} as const;

const sorts = {
  site: 'the innermost of the service’s own code with what it calls',
  flat: 'of their own (flat)',
  cum: 'with all that they call (cumulative)',
} as const;

/** The name of the function has the folder already. */
const lineText = ({ place }: CostFigures['functions'][number]): string => place?.split('/').at(-1) ?? '';

const note = (text: string, tone: 'warning' | 'muted' | 'normal'): Block => ({ kind: 'text', text, tone, brief: true });

const stageText = ({ stages }: CostFigures): string =>
  `stages ${stages.map(({ stage, ratePerSecond }) => `${stage} (${formatSetting(ratePerSecond, '1/s')})`).join(', ')}`;

type Row = readonly [name: string, place: string, cost: CostLaw];

function lawTable({ unit, total, stages, atPerSecond }: CostFigures, head: string, rows: readonly Row[]): Block {
  const laws = rows.map(([, , law]) => law);
  const scale = scaleFor(unit, [total.predicted?.estimate ?? total.stages.at(-1)?.perRequest ?? null]);
  const ends = [0, ...(stages.length > 1 ? [stages.length - 1] : [])];
  return buildTable(
    `by ${head}`,
    [
      texts(
        head,
        rows.map(([name]) => name),
      ),
      texts(
        'where',
        rows.map(([, place]): Cell => ({ text: place, tone: 'muted' })),
        { leaves: 3 },
      ),
      ...ends.map((end) => ({
        title: titled(`measured at ${formatSetting(stages[end]?.ratePerSecond ?? null, '1/s')}`, scale),
        align: 'decimal' as const,
        leaves: 2,
        cells: laws.map((law) => formatIn(scale, law.stages[end]?.perRequest ?? null)),
      })),
      texts('exponent', laws.map(exponentText)),
      texts('trend', laws.map(trendText)),
      {
        title: titled(`at ${formatSetting(atPerSecond, '1/s')}`, scale),
        align: 'decimal',
        cells: laws.map(({ predicted }) => estimate(scale, predicted)),
      },
      counts(
        'samples',
        laws.map(({ samples }) => Math.round(samples)),
        { leaves: 1 },
      ),
    ],
    { brief: true },
  );
}

function exponentText({ exponent }: CostLaw): string {
  if (exponent === null) return unknownText;
  const [estimated, low, high] = [exponent.estimate, exponent.low, exponent.high].map(twoDecimals);
  return `${estimated} (${low} to ${high})`;
}

const twoDecimals = (value: number): string => value.toFixed(2).replace(/^-0\.00$/, '0.00');

function trendText({ trend, samples }: CostLaw): Cell {
  const tones = { growing: 'bad', innocent: 'normal', falling: 'muted', inconclusive: 'muted' } as const;
  return { text: samples < fewestSamples ? 'few samples' : trend, tone: tones[trend] };
}
