import { writeFile } from 'node:fs/promises';
import { findRun } from '../../runners/store/find-run.ts';
import { loadRun } from '../../runners/store/load-run.ts';
import { analyzeRun } from '../carry-out-run.ts';
import type { Command } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { renderHtml, renderJson, renderMarkdown, renderSvg, renderTerminal } from '../render-analysis.ts';

const formats = ['html', 'md', 'json', 'svg', 'terminal'] as const;

interface Flags {
  readonly run: string;
  readonly format: (typeof formats)[number];
  readonly out: string | undefined;
}

export const reportCommand: Command<Flags> = {
  usage: 'report <run>',
  describe: 'a report of a saved run in any format',
  examples: [
    ['report last --format md --out report.md', 'Markdown of the newest run'],
    ['report last --format svg --out load-line.svg', 'the main chart alone'],
  ],
  flags: (yargs) =>
    yargs
      .positional('run', { type: 'string', demandOption: true, describe: 'id, unique prefix, folder, or "last"' })
      .option('format', { choices: formats, default: 'terminal' as const, describe: 'format' })
      .option('out', { type: 'string', describe: 'file to write; default: standard output' }),
  run: async ({ run, format, out }, { terminal, runsDirectory }) => {
    const folder = await findRun(run, runsDirectory);
    const analysis = analyzeRun(await loadRun(folder), folder);
    const text = await render();
    if (out === undefined) terminal.out(text);
    else {
      await writeFile(out, text.endsWith('\n') ? text : `${text}\n`);
      terminal.note(`written to ${out}`);
    }
    return exitCodes.done;

    async function render(): Promise<string> {
      switch (format) {
        case 'html':
          return await renderHtml(analysis);
        case 'md':
          return renderMarkdown(analysis);
        case 'json':
          return renderJson(analysis, 'analyze');
        case 'svg':
          return await renderSvg(analysis);
        case 'terminal':
          return renderTerminal(analysis, terminal, null);
        default:
          return format satisfies never;
      }
    }
  },
};
