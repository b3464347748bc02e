import type { Capacity, OpenEstimate, SignalForecast } from '../../analysis/analysis.ts';
import { metOverLoad } from '../charts/met-over-load.ts';
import { type Residual, residualsOverLoad } from '../charts/residuals-over-load.ts';
import { throughputOverConcurrency } from '../charts/throughput-over-concurrency.ts';
import type { Block, Cell } from '../document.ts';
import {
  formatDuration,
  formatInterval,
  formatPercent,
  formatQuantity,
  formatRate,
  formatSetting,
  scaleFor,
  unknownText,
} from '../format-quantity.ts';
import { sayLaw, sayLimiter, sayMeasure } from '../wording.ts';
import { buildTable, texts } from './build-table.ts';
import { type RunView, loadText } from './run-view.ts';

/** What models make of the stages: how likely the objectives are met, what comes next, and which law throughput follows. */
export function capacitySection(view: RunView): Block[] {
  const blocks = [...met(view), ...forecasts(view), ...scalability(view), ...residuals(view)];
  return blocks.length === 0 ? [] : [{ kind: 'heading', level: 2, text: 'Capacity' }, ...blocks];
}

/** "846/s (801–921/s)"; an open end is said. */
function rateWithInterval({ estimate, low, high }: OpenEstimate): string {
  const scale = scaleFor('1/s', [estimate]);
  return `${formatRate(estimate)} (${formatInterval(scale, low, high)})`;
}

function met(view: RunView): Block[] {
  const { capacity } = view.analysis;
  const { objectivesMet, levels, waterLevelPerSecond } = capacity;
  if (view.plan.objectives.length === 0 || view.plan.loadProfile.kind === 'closed') return [];
  if (objectivesMet.status === 'inconclusive')
    return objectivesMet.objectives.length === 0
      ? []
      : [
          {
            kind: 'text',
            text: `How likely the objectives are met at a rate is not told: ${objectivesMet.note}. The water-level is the bracket of stages.`,
            tone: 'muted',
          },
        ];
  const { w95PerSecond, w50PerSecond, windowMs, objective, note } = objectivesMet;
  const window = windowMs === null ? 'a stage’s steady window' : formatDuration(windowMs);
  const sentence = [
    w95PerSecond === null
      ? 'no rate in range is met in 95 of 100'
      : `in 95 of 100 up to ${rateWithInterval(w95PerSecond)}`,
    ...(w50PerSecond === null ? [] : [`in half of them up to ${rateWithInterval(w50PerSecond)}`]),
  ].join(', ');
  const lines = [
    ...(levels === null
      ? []
      : [
          { load: levels.greenPerSecond, text: 'green to', style: 'level' as const },
          { load: levels.yellowPerSecond, text: 'yellow to', style: 'level' as const },
        ]),
    ...(waterLevelPerSecond === null
      ? []
      : [{ load: waterLevelPerSecond.low, text: 'water-level', style: 'level' as const }]),
    ...(w95PerSecond === null ? [] : [{ load: w95PerSecond.estimate, text: 'W.95', style: 'model' as const }]),
    ...(w50PerSecond === null ? [] : [{ load: w50PerSecond.estimate, text: 'W.50', style: 'model' as const }]),
  ];
  return [
    {
      kind: 'text',
      text: `${objective ?? 'The objectives'} in windows of ${window}: met ${sentence}. Of this run alone; the next one may differ by more.`,
      brief: true,
    },
    {
      kind: 'chart',
      id: 'met-over-load',
      title: 'How likely the objectives are met',
      description: `P(${objective ?? 'all objectives'} met in a window of ${window}) by the offered rate, with its 95% band; ${note}. Solid lines: levels from the bracket of stages. Dashed: where the curve falls to 95% and 50%.`,
      width: 'half',
      height: 300,
      specification: metOverLoad({
        curve: objectivesMet.curve.map(({ ratePerSecond, estimate, low, high }) => ({
          load: ratePerSecond,
          value: estimate,
          low,
          high,
        })),
        loadLines: lines,
      }),
      columns: ['rate', 'P(met)', '95% interval'],
      rows: objectivesMet.curve.map(({ ratePerSecond, estimate, low, high }) => [
        formatRate(ratePerSecond),
        chanceText(estimate),
        `${chanceText(low)} to ${chanceText(high)}`,
      ]),
    },
    ...otherObjectives(capacity),
  ];
}

/** Nobody knows a chance to more than a tenth of a per cent. */
function chanceText(chance: number): string {
  if (chance > surest) return `> ${formatPercent(surest)}`;
  return chance < 1 - surest ? `< ${formatPercent(Number((1 - surest).toPrecision(1)))}` : formatPercent(chance);
}

const surest = 0.999;

/** What became of the objectives whose curve is not the one that is drawn. */
function otherObjectives({ objectivesMet }: Capacity): Block[] {
  const others = objectivesMet.objectives.filter(({ objective }) => objective !== objectivesMet.objective);
  if (others.length === 0) return [];
  return [
    {
      kind: 'text',
      text: others
        .map(({ objective, status, w95PerSecond, note }) =>
          status === 'estimated' && w95PerSecond !== null
            ? `${objective}: in 95 of 100 windows up to ${rateWithInterval(w95PerSecond)}.`
            : `${objective}: ${note}.`,
        )
        .join(' '),
      tone: 'muted',
    },
  ];
}

function forecasts(view: RunView): Block[] {
  const { forecasts: all, nextLimiter, limiter } = view.analysis.capacity;
  if (all.length === 0) return [];
  const next =
    nextLimiter === null
      ? []
      : [
          {
            kind: 'text',
            text: `${limiter === null ? 'The first limit to expect' : 'Behind the limiter'}: ${sayLimiter(nextLimiter.signal)} at ${rateWithInterval(nextLimiter.ratePerSecond)}.`,
            brief: true,
          } as const,
        ];
  return [
    ...next,
    buildTable(
      'At which rate each signal reaches its limit; nothing is said beyond 1.25 times the highest steady load',
      [
        texts(
          'signal',
          all.map(({ signal, of }) => (of === null ? sayLimiter(signal) : `${sayLimiter(signal)}, ${of}`)),
        ),
        texts(
          'limit',
          all.map(({ limit, unit, signal }) => `${formatSetting(limit, unit)} ${sayMeasure(signal)}`.trimEnd()),
        ),
        texts(
          'highest measured',
          all.map((forecast) => highestText(view, forecast)),
          { leaves: 1 },
        ),
        texts(
          'reached at (95% interval)',
          all.map(({ ratePerSecond, status }): Cell =>
            ratePerSecond === null
              ? { text: status === 'not-reached' ? 'not in range' : 'inconclusive', tone: 'muted' }
              : status === 'bracketed'
                ? `${formatRate(ratePerSecond.low)} to ${formatRate(ratePerSecond.high)}`
                : rateWithInterval(ratePerSecond),
          ),
        ),
        texts(
          'how',
          all.map(({ note }): Cell => ({ text: note, tone: 'muted' })),
          { leaves: 2 },
        ),
      ],
    ),
  ];
}

function highestText(view: RunView, { points, unit }: SignalForecast): string {
  const highest = points.reduce<SignalForecast['points'][number] | null>(
    (best, point) => (best === null || point.value > best.value ? point : best),
    null,
  );
  return highest === null ? unknownText : `${formatQuantity(highest.value, unit)} at ${loadText(view, highest.stage)}`;
}

function scalability({ analysis }: RunView): Block[] {
  const { model } = analysis.capacity;
  const curves = analysis.detail.scalabilityCurves;
  if (model.points.length < 2) return [];
  const note: Block = { kind: 'text', text: `Throughput over concurrency: ${model.note}.` };
  if (curves.length === 0) return [note];
  return [
    note,
    {
      kind: 'chart',
      id: 'throughput-over-concurrency',
      title: 'Throughput over concurrency',
      description: `Points are valid stages: completed per second against requests in the service at once (throughput × mean service time, Little’s law). Lines are the laws of the contest, drawn to 1.25 times the highest concurrency measured. ${model.name === 'none' ? 'None was chosen' : `Chosen: ${sayLaw(model.name)}`}.`,
      width: 'half',
      height: 300,
      specification: throughputOverConcurrency({
        points: model.points.map(({ concurrency, throughputPerSecond }) => ({
          concurrency,
          throughput: throughputPerSecond,
        })),
        curves: curves.map((curve) => ({
          name: sayLaw(curve.model),
          points: curve.points.map(({ concurrency, throughputPerSecond }) => ({
            concurrency,
            throughput: throughputPerSecond,
          })),
        })),
      }),
      columns: ['stage', 'concurrency', 'throughput', 'by the most favoured law', 'left over'],
      rows: model.points.map(({ stage, concurrency, throughputPerSecond, fittedPerSecond }) => [
        String(stage),
        formatQuantity(concurrency, '1'),
        formatRate(throughputPerSecond),
        formatRate(fittedPerSecond),
        formatPercent(fittedPerSecond === null ? null : throughputPerSecond / fittedPerSecond - 1),
      ]),
    },
    buildTable('Laws of throughput over concurrency, by how much the stages favour them (AICc)', [
      texts(
        'law',
        model.candidates.map((candidate) => sayLaw(candidate.model)),
      ),
      texts(
        'parameters (95% interval)',
        model.candidates.map(({ parameters }) => parametersText(parameters)),
        { leaves: 1 },
      ),
      texts(
        'why',
        model.candidates.map(({ reason }) => reason),
      ),
    ]),
  ];
}

function parametersText(parameters: Capacity['model']['candidates'][number]['parameters']): string {
  const parts = Object.entries(parameters).map(([name, value]) => {
    if (value === null) return `${name} not reached`;
    const scale = scaleFor('1', [value.estimate]);
    return `${name} ${formatQuantity(value.estimate, '1')} (${formatInterval(scale, value.low, value.high)})`;
  });
  return parts.length === 0 ? unknownText : parts.join(', ');
}

function residuals({ analysis }: RunView): Block[] {
  const names = { '0.5': 'p50', '0.9': 'p90', '0.99': 'p99', '0.999': 'p99.9' } as const;
  const latency = analysis.detail.latencyCurves.flatMap(({ quantile, residuals: list }): Residual[] =>
    list.map(({ ratePerSecond, share }) => ({ name: `response time, ${names[quantile]}`, load: ratePerSecond, share })),
  );
  const { points } = analysis.capacity.model;
  const throughput = points.flatMap(({ stage, throughputPerSecond, fittedPerSecond }): Residual[] =>
    fittedPerSecond === null
      ? []
      : [
          {
            name: 'throughput by concurrency',
            load: analysis.stages[stage]?.offeredPerSecond ?? throughputPerSecond,
            share: throughputPerSecond / fittedPerSecond - 1,
          },
        ],
  );
  const all = [...latency, ...throughput];
  if (new Set(all.map(({ load }) => load)).size < 2) return [];
  return [
    {
      kind: 'chart',
      id: 'residuals-over-load',
      title: 'What the curves leave over',
      description:
        'Measured less fitted, as a share of the fitted. Scattered round the line: the curve fits. A bow or a trend: it does not, and nothing should be read off it beyond the stages.',
      width: 'half',
      height: 300,
      specification: residualsOverLoad(all),
      columns: ['curve', 'load', 'measured − fitted'],
      rows: all.map(({ name, load, share }) => [name, formatRate(load), formatPercent(share)]),
    },
  ];
}
