import type { FlameData } from './flame-graph/flame-data.ts';
import type { FindingStatus, Severity, VerdictStatus } from '../model/finding.ts';

/**
 * A report before it has a form: blocks in reading order, every number already computed and formatted as text, so all
 * renderers show the same figure. Texts may hold anything the target said; renderers escape.
 */
export interface Document {
  readonly title: string;
  /** One line under the title: when, what, where. */
  readonly subtitle: string;
  readonly blocks: readonly Block[];
}

/**
 * `brief` marks what is also shown where space is short (a terminal). The verdict and the findings always are.
 */
export type Block = Heading | Text | VerdictBlock | Table | Chart | FlameGraph | FindingBlock;

export interface Heading {
  readonly kind: 'heading';
  readonly level: 1 | 2 | 3;
  readonly text: string;
  readonly brief?: true;
}

export interface Text {
  readonly kind: 'text';
  readonly text: string;
  readonly tone?: Tone;
  readonly brief?: true;
}

/** The answer first: verdict, water-level, limiter. */
export interface VerdictBlock {
  readonly kind: 'verdict';
  readonly status: VerdictStatus;
  readonly headline: string;
  readonly facts: readonly Fact[];
}

export interface Fact {
  /** `water-level` and `limiter` always exist; the terminal ends with them. */
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly note: string | null;
}

export interface Table {
  readonly kind: 'table';
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** Long evidence tables start folded in HTML and are left out of the terminal. */
  readonly folded?: boolean;
  readonly brief?: true;
}

export interface Column {
  readonly title: string;
  /** Decimal: on the right, the points of its numbers under one another. */
  readonly align: 'left' | 'right' | 'decimal';
  /** Where the table is too wide, columns go in rising order of this; without it a column stays. */
  readonly leaves?: number;
}

/** `note` is secondary: an interval under its estimate, a reason beside a mark. */
export type Cell = string | { readonly text: string; readonly tone: Tone; readonly note?: string };

export type Tone = 'normal' | 'good' | 'warning' | 'bad' | 'muted';

export interface Chart {
  readonly kind: 'chart';
  /** Unique in the document. */
  readonly id: string;
  readonly title: string;
  /** What is drawn, in words: read out instead of the picture. */
  readonly description: string;
  /** Wide: a row of its own. Half: two beside one another where there is room. */
  readonly width: 'wide' | 'half';
  /** A Vega-Lite specification whose colours are those of charts/theme.ts; width and height are set by the renderer. */
  readonly specification: object;
  readonly height: number;
  /** The same data for those who read tables. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Said under the table where it holds less than the chart. */
  readonly rowsNote?: string;
}

/** Drawn by the page's own script; other forms have its table. */
export interface FlameGraph {
  readonly kind: 'flame-graph';
  /** Unique in the document. */
  readonly id: string;
  readonly title: string;
  /** What width and colour mean, and of what they are. */
  readonly legend: string;
  /** Whose functions those of the target's own module are, in the key of colours. */
  readonly ownText: string;
  readonly folded: boolean;
  readonly data: FlameData;
  /** The same view for those who read tables. */
  readonly table: Table;
}

export interface FindingBlock {
  readonly kind: 'finding';
  readonly id: string;
  readonly status: FindingStatus;
  readonly severity: Severity;
  readonly title: string;
  /** The evidence. */
  readonly lines: readonly string[];
  readonly advice: string;
  readonly doubts: readonly string[];
}
