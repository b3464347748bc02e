import type { VerdictStatus } from '../model/finding.ts';

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

export type Block =
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly text: string }
  | { readonly kind: 'text'; readonly text: string; readonly tone?: Tone }
  /** The answer first: verdict, water-level, limiter. */
  | {
      readonly kind: 'verdict';
      readonly status: VerdictStatus;
      readonly headline: string;
      readonly facts: readonly { readonly label: string; readonly value: string; readonly note: string | null }[];
    }
  | {
      readonly kind: 'table';
      readonly caption: string;
      readonly columns: readonly { readonly title: string; readonly align: 'left' | 'right' }[];
      readonly rows: readonly (readonly Cell[])[];
      /** Long evidence tables start folded in HTML and are left out of the terminal. */
      readonly folded?: boolean;
    }
  | Chart
  | { readonly kind: 'finding'; readonly id: string; readonly severity: 'info' | 'warning' | 'critical'; readonly title: string; readonly lines: readonly string[] };

export type Tone = 'normal' | 'good' | 'warning' | 'bad' | 'muted';
export type Cell = string | { readonly text: string; readonly tone: Tone };

export interface Chart {
  readonly kind: 'chart';
  readonly title: string;
  readonly description: string;
  /** A Vega-Lite specification without its data's styling for dark or light; see charts/theme.ts. */
  readonly specification: object;
  /** The same data for those who read tables. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}
