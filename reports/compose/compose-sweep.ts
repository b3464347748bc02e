import type { SweepFigures } from '../../model/sweep-figures.ts';
import type { EpochMilliseconds } from '../../model/units.ts';
import type { Block, Document } from '../document.ts';
import { formatInstant } from '../format-quantity.ts';
import { asSentence } from './as-sentence.ts';
import { poolDecisionsSection } from './pool-decisions-section.ts';
import { cellTable, everyLoad, fewCollections, runsTable } from './sweep-cells.ts';
import { sweepCharts } from './sweep-charts.ts';
import { predictionsSection, recommendationSection } from './sweep-model-section.ts';

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
        text: `${measuredText(figures)}${atLoad(figures)}.${unfinished === null ? '' : ` ${asSentence(unfinished)}`}`,
        brief: true,
        ...(unfinished === null ? {} : { tone: 'warning' as const }),
      },
      ...warnings.map(({ message }): Block => ({
        kind: 'text',
        text: asSentence(message),
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
      ...sweepCharts(figures),
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

function howToRead(repeats: number, adaptive: boolean): string {
  const intervals =
    repeats === 1 && !adaptive
      ? 'Each cell is one run: intervals are those within it, and how far another run would differ is not known; --repeats 3 tells.'
      : `Estimates are means over the valid runs of a cell, with 95% intervals between runs (Student’s t).`;
  const few = repeats === 2 ? ' Of two runs they are wide: how far apart two are says little of all others.' : '';
  return `${intervals}${few} The service was started anew for each run${adaptive ? '' : ', in random order within each repeat'}.`;
}
