import type { Analysis } from '../analysis/analysis.ts';
import type { Plan } from '../model/plan.ts';
import { composeRun } from '../reports/compose/compose-run.ts';
import { runSuite } from '../reports/compose/verdict-suite.ts';
import type { Document } from '../reports/document.ts';
import { toJson } from '../reports/render/to-json.ts';
import { type TestSuite, toJunit } from '../reports/render/to-junit.ts';
import { toMarkdown } from '../reports/render/to-markdown.ts';
import { toTerminal } from '../reports/render/to-terminal.ts';
import type { Terminal } from './terminal.ts';

/** An analysis of a run, or of several as one, in every form; the plan goes beside it, since an analysis does not repeat it. */
export interface RenderedRun {
  json(verb: string): string;
  html(): Promise<string>;
  markdown(): string;
  /** The main chart alone; null where nothing was measured that could be drawn. */
  svg(): Promise<string | null>;
  /** The verdict as tests. */
  junit(): string;
  terminal(terminal: Pick<Terminal, 'colour' | 'width'>, reportPath: string | null): string;
}

export function renderRun(analysis: Analysis, plan: Plan): RenderedRun {
  return renderDocument(composeRun(analysis, plan), {
    json: (schema) => toJson(analysis, schema),
    suite: () => runSuite(analysis, plan),
  });
}

/** What a document does not hold: its figures under a schema's name, and its verdict. */
export interface Figures {
  readonly json: (schema: string) => string;
  readonly suite: () => TestSuite;
}

export function renderDocument(document: Document, { json, suite }: Figures): RenderedRun {
  return {
    json: (verb) => json(`plimsoll/${verb}/1`),
    junit: () => toJunit(suite()),
    // These draw charts, and the library for that takes longer to load than all else that is needed.
    html: async () => (await import('../reports/render/to-html.ts')).toHtml(document),
    markdown: () => toMarkdown(document),
    svg: async () => (await import('../reports/render/to-svg.ts')).toSvg(document),
    terminal: ({ colour, width }, reportPath) => toTerminal(document, { colour, width, reportPath }),
  };
}
