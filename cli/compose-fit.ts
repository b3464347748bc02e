import type { OpenEstimate } from '../analysis/models/scalability/scalability-point.ts';
import type { Block, Document, Table } from '../reports/document.ts';
import type { ContestFigures, FitWarning, UslFigures } from './fit-figures.ts';
import { left, right } from './table-columns.ts';

/** A fit for a terminal: the same figures as its JSON. */
export function composeUsl(figures: UslFigures): Document {
  const { parameters, peak, asymptote } = figures;
  return {
    title: 'Universal Scalability Law',
    subtitle: `${figures.rows} rows; ${figures.method}`,
    blocks: [
      ...(parameters === null
        ? []
        : [
            table(
              'Parameters',
              ['', 'estimate', '95 %', 'standard error'],
              [
                ['gamma (throughput of one)', parameters.gamma] as const,
                ['alpha (contention)', parameters.alpha] as const,
                ['beta (coherency)', parameters.beta] as const,
              ].map(([name, value]) => [name, ...estimateCells(value), numberText(value.standardError)]),
            ),
            table(
              'Derived',
              ['', 'estimate', '95 %'],
              [
                ['concurrency at the peak', ...estimateCells(peak?.concurrency ?? null)],
                ['throughput at the peak', ...estimateCells(peak?.throughput ?? null)],
                ['asymptote gamma / alpha', ...estimateCells(asymptote)],
                ['residual standard error', numberText(figures.residualStandardError), ''],
              ],
            ),
          ]),
      ...(figures.predictions.length === 0
        ? []
        : [
            table(
              'Throughput',
              ['at concurrency', 'estimate', '95 %'],
              figures.predictions.map((each) => [numberText(each.concurrency), ...estimateCells(each.throughput)]),
            ),
          ]),
      ...(figures.inverse.length === 0
        ? []
        : [
            table(
              'Concurrency and latency',
              ['at throughput', 'concurrency', '95 %', 'latency, ms', '95 %'],
              figures.inverse.map((each) => [
                numberText(each.throughput),
                ...estimateCells(each.concurrency),
                ...estimateCells(each.latencyMs),
              ]),
            ),
          ]),
      ...notes(figures.warnings),
    ],
  };
}

export function composeContest(figures: ContestFigures): Document {
  const { chosen, knee, candidates } = figures;
  return {
    title: chosen === null ? 'No model chosen' : `Chosen: ${chosen}`,
    subtitle: `${figures.rows} rows; ${figures.method}`,
    blocks: [
      ...(candidates.length === 0
        ? []
        : [
            table(
              'Models',
              ['model', 'AICc − best', 'weight', 'parameters'],
              candidates.map(({ model, deltaAicc, weight, parameters }) => [
                model,
                numberText(deltaAicc),
                weight === null ? '–' : weight.toFixed(3),
                Object.entries(parameters)
                  .map(([name, value]) => `${name} ${numberText(value?.estimate ?? null)}`)
                  .join(', '),
              ]),
            ),
          ]),
      ...(knee === null
        ? []
        : [table('Knee', ['', 'estimate', '95 %'], [['concurrency', ...estimateCells(knee.concurrency)]])]),
      ...notes(figures.warnings),
    ],
  };
}

function table(caption: string, titles: readonly string[], rows: readonly (readonly string[])[]): Table {
  const columns = titles.map((title, index) => (index === 0 ? left(title) : right(title)));
  return { kind: 'table', caption, brief: true, columns, rows };
}

function estimateCells(value: OpenEstimate | null): readonly [string, string] {
  if (value === null) return ['–', ''];
  return [
    numberText(value.estimate),
    `${numberText(value.low)} to ${value.high === null ? 'open' : numberText(value.high)}`,
  ];
}

/** Four significant digits: the units are the user's own. */
function numberText(value: number | null): string {
  return value === null ? '–' : String(Number(value.toPrecision(4)));
}

const notes = (warnings: readonly FitWarning[]): readonly Block[] =>
  warnings.map(({ code, message }) => ({ kind: 'text', brief: true, tone: 'warning', text: `${code}: ${message}` }));
