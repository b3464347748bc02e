import type { Analysis } from '../analysis/analysis.ts';
import type { Plan } from '../model/plan.ts';
import { composeRun } from '../reports/compose/compose-run.ts';
import { toHtml } from '../reports/render/to-html.ts';
import { toTerminal } from '../reports/render/to-terminal.ts';
import type { Terminal } from './terminal.ts';

/** An analysis in every form; the plan goes beside it, since an analysis does not repeat it. */
export interface RenderedRun {
  json(verb: string): string;
  html(): Promise<string>;
  markdown(): string;
  /** The main chart alone. */
  svg(): Promise<string>;
  terminal(terminal: Pick<Terminal, 'colour' | 'width'>, reportPath: string | null): string;
}

export function renderRun(analysis: Analysis, plan: Plan): RenderedRun {
  const document = composeRun(analysis, plan);
  return {
    json: (verb) => JSON.stringify({ schema: verb, ...analysis, detail: undefined }),
    html: () => toHtml(document),
    markdown: () => '',
    svg: () => Promise.resolve(''),
    terminal: ({ colour, width }, reportPath) => toTerminal(document, { colour, width, reportPath }),
  };
}
