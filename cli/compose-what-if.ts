import type { Compared } from '../analysis/what-if/compare-prediction.ts';
import type { Estimate } from '../model/finding.ts';
import type { Block, Document } from '../reports/document.ts';
import {
  formatInterval,
  formatLatency,
  formatPercent,
  formatQuantity,
  formatRate,
  formatSetting,
  scaleFor,
  unknownText,
} from '../reports/format-quantity.ts';
import type { WhatIfFigures } from './what-if-figures.ts';
import { left, right } from './table-columns.ts';

/** A prediction for a terminal: the same figures as its JSON. */
export function composeWhatIf(figures: WhatIfFigures): Document {
  const { predictions, refused, measured, instancePerSecond, model, warnings } = figures;
  const range =
    measured === null
      ? ''
      : `; measured ${formatSetting(measured.fromPerSecond, '1/s')} to ${formatSetting(measured.toPerSecond, '1/s')} in ${measured.stages} stages`;
  return {
    title: refused === null ? 'What if' : 'What if: refused',
    subtitle: `run ${figures.runs.join(', ')}${refused === null ? `: ${formatRate(instancePerSecond)} per instance` : ''}${range}`,
    blocks: [
      ...(refused === null ? [] : [{ kind: 'text', brief: true, tone: 'warning', text: refused } as const]),
      ...(refused === null ? predicted(predictions) : []),
      ...(model === null
        ? []
        : [
            {
              kind: 'text',
              brief: true,
              text: `The stages look like ${model.servers} servers, each held ${formatLatency(model.heldMs)} by a request that takes ${formatLatency(model.aloneMs)} alone; ${model.plausible} such queues reproduce them, and the intervals are what they all allow.`,
            } as const,
          ]),
      ...verification(figures),
      ...warnings.map(({ message }): Block => ({
        kind: 'text',
        text: `note: ${message}`,
        tone: 'warning',
        brief: true,
      })),
    ],
  };
}

function predicted({
  responseTimeMs,
  throughputPerSecond,
  headroomShare,
  limiter,
}: WhatIfFigures['predictions']): readonly Block[] {
  const rows = [
    ['throughput', throughputPerSecond, '1/s'] as const,
    ['mean response', responseTimeMs?.mean ?? null, 'ms'] as const,
    ['p50', responseTimeMs?.['0.5'] ?? null, 'ms'] as const,
    ['p90', responseTimeMs?.['0.9'] ?? null, 'ms'] as const,
    ['p99', responseTimeMs?.['0.99'] ?? null, 'ms'] as const,
    ['left to saturation', headroomShare, 'ratio'] as const,
  ];
  return [
    {
      kind: 'table',
      caption: 'Predicted',
      brief: true,
      columns: [left(''), right('estimate'), right('95 %')],
      rows: rows.map(([name, value, unit]) => [
        name,
        formatQuantity(value?.estimate ?? null, unit),
        interval(value, unit),
      ]),
    },
    ...(responseTimeMs === null
      ? [
          {
            kind: 'text',
            brief: true,
            tone: 'bad',
            text: 'Beyond saturation: the queue grows as long as it lasts, so there is no response time to tell.',
          } as const,
        ]
      : []),
    ...(limiter === null
      ? []
      : [
          {
            kind: 'text',
            brief: true,
            tone: limiter.reached ? 'bad' : 'normal',
            text: `${limiter.reached ? 'Limiter' : 'Nearest to its limit'}: ${limiter.name ?? limiter.signal}, ${formatQuantity(limiter.value, limiter.unit)} of ${formatSetting(limiter.limit, limiter.unit)}.`,
          } as const,
        ]),
  ];
}

function interval(value: Estimate | null, unit: string): string {
  return value === null ? unknownText : formatInterval(scaleFor(unit, [value.estimate]), value.low, value.high);
}

function verification({ verified }: WhatIfFigures): readonly Block[] {
  if (verified === null) return [];
  if (verified.status === 'not-run')
    return [{ kind: 'text', brief: true, tone: 'warning', text: `not verified: ${verified.reason}` }];
  const { throughputPerSecond, responseTimeMs, agrees, run } = verified;
  const rows: readonly (readonly [string, Compared | null, string])[] = [
    ['throughput', throughputPerSecond, '1/s'],
    ['mean response', responseTimeMs?.mean ?? null, 'ms'],
    ['p50', responseTimeMs?.['0.5'] ?? null, 'ms'],
    ['p90', responseTimeMs?.['0.9'] ?? null, 'ms'],
    ['p99', responseTimeMs?.['0.99'] ?? null, 'ms'],
  ];
  return [
    {
      kind: 'table',
      caption: `Verified: run ${run}`,
      brief: true,
      columns: [left(''), right('predicted'), right('observed'), right('observed / predicted')],
      rows: rows.map(([name, value, unit]) => [
        name,
        formatQuantity(value?.predicted ?? null, unit),
        formatQuantity(value?.observed ?? null, unit),
        formatPercent(value?.ratio ?? null),
      ]),
    },
    {
      kind: 'text',
      brief: true,
      tone: agrees === true ? 'good' : agrees === false ? 'bad' : 'warning',
      text:
        agrees === null
          ? 'The run tells nothing of it: its stage is not valid.'
          : agrees
            ? 'It was as predicted: throughput and mean within 10 %, p99 within 20 %.'
            : 'It was not as predicted: throughput and mean should be within 10 %, p99 within 20 %.',
    },
  ];
}
