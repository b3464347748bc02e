import type { AnalysisDetail } from '../../analysis/analysis.ts';
import type { Block, Cell, Table, Tone } from '../document.ts';
import {
  formatCount,
  formatIn,
  formatInterval,
  formatQuantity,
  formatRate,
  formatSetting,
  scaleFor,
  unknownText,
} from '../format-quantity.ts';
import { buildTable, estimate, texts, titled } from './build-table.ts';
import { type RunView, loadText, stageTitle } from './run-view.ts';

type CostAcrossLoad = AnalysisDetail['costs'][number];
type CostLaw = CostAcrossLoad['total'];
type FunctionAcrossLoad = CostAcrossLoad['functions'][number];

/** What functions cost per request and how that goes with the rate; nothing where no stage was profiled. */
export function costsSection(view: RunView): Block[] {
  const costs = view.analysis.detail.costs.filter(({ stages, leftOut }) => stages.length + leftOut.length > 0);
  if (costs.length === 0) return [];
  return [
    { kind: 'heading', level: 2, text: 'Cost per request over the rate', brief: true },
    ...costs.map((cost): Block => totalLine(cost)),
    ...growingLine(costs),
    ...costs.flatMap((cost, index) =>
      cost.total.exponent === null ? [] : [sitesTable(view, cost, index > 0), ...labelTables(view, cost)],
    ),
    ...costs.flatMap((cost) => (cost.total.exponent === null ? [] : [functionsTable(cost)])),
    ...leftOutLines(view, costs),
  ];
}

const names: Readonly<Record<CostAcrossLoad['type'], string>> = {
  cpu: 'CPU time',
  alloc: 'Allocated memory',
  mutex: 'Wait for mutexes',
  block: 'Time blocked',
};

const trends: Readonly<Record<CostLaw['trend'], { readonly words: string; readonly tone: Tone }>> = {
  growing: { words: 'grows with the rate', tone: 'bad' },
  innocent: { words: 'the same at each rate', tone: 'normal' },
  falling: { words: 'falls as the rate grows', tone: 'muted' },
  inconclusive: { words: 'inconclusive', tone: 'muted' },
};

/** CPU and memory are also told where space is short. */
function totalLine({ type, unit, atPerSecond, total }: CostAcrossLoad): Block {
  const brief = type === 'cpu' || type === 'alloc' ? { brief: true as const } : {};
  const { predicted, exponent, trend, reason } = total;
  if (predicted === null || exponent === null)
    return {
      kind: 'text',
      text: `${names[type]} per request: not told over the rate: ${reason ?? 'inconclusive'}.`,
      tone: 'muted',
      ...brief,
    };
  const scale = scaleFor(unit, [predicted.estimate]);
  const at = `${formatQuantity(predicted.estimate, unit)} (${formatInterval(scale, predicted.low, predicted.high)}) at ${formatSetting(atPerSecond, '1/s')}`;
  const why = trend === 'inconclusive' && reason !== null ? `: ${reason}` : '';
  return {
    kind: 'text',
    text: `${names[type]} per request: ${at}, exponent ${exponentText(total)}: ${trends[trend].words}${why}.`,
    ...brief,
  };
}

/** What grows of the service's own code, by CPU; else that nothing was found to. */
function growingLine(costs: readonly CostAcrossLoad[]): Block[] {
  const cpu = costs.find(({ type, total }) => type === 'cpu' && total.exponent !== null);
  if (cpu === undefined) return [];
  const own = cpu.functions.filter(({ origin, site }) => origin !== 'standard' && site.samples > 0);
  const growing = own.filter(({ site, surelyGrows }) => site.trend === 'growing' && surelyGrows);
  const open = own.filter(({ site }) => site.trend === 'inconclusive').length;
  const rest = open === 0 ? '' : ` ${formatCount(open)} of ${formatCount(own.length)} functions are inconclusive.`;
  const text =
    growing.length === 0
      ? `No function of the service’s code was found to cost more CPU per request at a higher rate.${rest}`
      : `Growing: ${growing.slice(0, mostNamed).map(growingText).join('; ')}.${rest}`;
  return [{ kind: 'text', text, brief: true, ...(growing.length === 0 ? {} : { tone: 'warning' as const }) }];
}

const mostNamed = 2;

function growingText({ name, place, site }: FunctionAcrossLoad): string {
  return `${name}${place === null ? '' : ` (${place})`}, exponent ${exponentText(site)}`;
}

function exponentText({ exponent }: CostLaw): string {
  if (exponent === null) return unknownText;
  const [estimated, low, high] = [exponent.estimate, exponent.low, exponent.high].map(twoDecimals);
  return `${estimated} (${low} to ${high})`;
}

/** Exponents are read beside 0, 1 and 2, so that digits behind the point count and not significant ones. */
function twoDecimals(value: number): string {
  const text = value.toFixed(2);
  return text === '-0.00' ? '0.00' : text.replace('-', '−');
}

const mostFunctions = 15;

function sitesTable(view: RunView, cost: CostAcrossLoad, folded: boolean): Table {
  const rows = cost.functions.filter(({ site }) => site.samples > 0).slice(0, mostFunctions);
  return lawTable(
    view,
    cost,
    `${names[cost.type]} per request by function of the service’s own code, with what it calls; where none is on the stack, by library or the outermost function. Largest at ${formatSetting(cost.atPerSecond, '1/s')} first. 0: the same at each rate, 1: grows as the rate does. Muted: fewer than 300 samples`,
    [
      texts(
        'function',
        rows.map(({ name }) => name),
      ),
      texts(
        'where',
        rows.map(({ place }): Cell => ({ text: place ?? '', tone: 'muted' })),
        { leaves: 1 },
      ),
    ],
    rows.map(({ site }) => site),
    folded,
  );
}

function labelTables(view: RunView, cost: CostAcrossLoad): Table[] {
  return cost.labels.map(({ key, values }) =>
    lawTable(
      view,
      cost,
      `${names[cost.type]} per request by the pprof label “${key}”; of an endpoint’s own requests where its name is the label’s value, else of all`,
      [
        texts(
          key,
          values.map(({ value }) => value),
        ),
        texts(
          'per request of',
          values.map(({ requestsOf }) => (requestsOf === 'endpoint' ? 'this endpoint' : 'all')),
        ),
      ],
      values.map((each) => each.cost),
      true,
    ),
  );
}

/** Rows of costs: what each is in the stages, its exponent, what it means, and the cost at the target rate. */
function lawTable(
  view: RunView,
  { unit, stages, total, atPerSecond }: CostAcrossLoad,
  caption: string,
  heads: Parameters<typeof buildTable>[1],
  laws: readonly CostLaw[],
  folded: boolean,
): Table {
  const scale = scaleFor(unit, [total.predicted?.estimate ?? null]);
  return buildTable(
    caption,
    [
      ...heads,
      ...stages.map(({ stage }, index) => ({
        title: titled(stageTitle(view, stage), scale),
        align: 'decimal' as const,
        leaves: 2,
        cells: laws.map((law) => costCell(law.stages[index] ?? null, (value) => formatIn(scale, value))),
      })),
      texts('exponent (95% interval)', laws.map(exponentText)),
      texts('over the rate', laws.map(trendCell)),
      {
        title: titled(`at ${formatRate(atPerSecond)}`, scale),
        align: 'decimal',
        cells: laws.map(({ predicted }) => estimate(scale, predicted)),
      },
    ],
    { folded },
  );
}

const fewSamples = 300;

function costCell(cost: CostLaw['stages'][number] | null, format: (value: number) => string): Cell {
  if (cost === null || cost.samples === 0) return { text: unknownText, tone: 'muted' };
  return { text: format(cost.perRequest), tone: cost.samples < fewSamples ? 'muted' : 'normal' };
}

function trendCell({ trend, reason }: CostLaw): Cell {
  const { words, tone } = trends[trend];
  return { text: words, tone, ...(reason === null ? {} : { note: reason }) };
}

const costOf = ({ predicted }: CostLaw): number => predicted?.estimate ?? 0;

/** Own cost and that with all callees of those that cost most, as `profile cost --sort flat` has it. */
function functionsTable({ type, unit, atPerSecond, functions, total }: CostAcrossLoad): Table {
  const rows = functions.toSorted((one, other) => costOf(other.flat) - costOf(one.flat)).slice(0, mostFunctions);
  const scale = scaleFor(unit, [total.predicted?.estimate ?? null]);
  const columns = (title: string, laws: readonly CostLaw[]): Parameters<typeof buildTable>[1] => [
    {
      title: titled(`${title} at ${formatRate(atPerSecond)}`, scale),
      align: 'decimal',
      cells: laws.map(({ predicted }) => estimate(scale, predicted)),
    },
    texts(`exponent, ${title}`, laws.map(exponentText)),
    texts(`${title} over the rate`, laws.map(trendCell)),
  ];
  return buildTable(
    `${names[type]} per request of functions: of their own (flat), and with all that they call (cumulative)`,
    [
      texts(
        'function',
        rows.map(({ name }) => name),
      ),
      ...columns(
        'flat',
        rows.map(({ flat }) => flat),
      ),
      ...columns(
        'cumulative',
        rows.map(({ cumulative }) => cumulative),
      ),
    ],
    { folded: true },
  );
}

function leftOutLines(view: RunView, costs: readonly CostAcrossLoad[]): Block[] {
  return costs.flatMap(({ type, leftOut }): Block[] => {
    if (leftOut.length === 0) return [];
    const stages = leftOut.map(({ stage, reason }) => `${stage} (${loadText(view, stage)}): ${reason}`);
    return [{ kind: 'text', text: `${names[type]}, stages left out: ${stages.join('; ')}.`, tone: 'muted' }];
  });
}
