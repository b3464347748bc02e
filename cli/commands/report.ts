import { writeFile } from 'node:fs/promises';
import { systemCause } from '../../model/system-cause.ts';
import { loadRun } from '../../runners/store/load-run.ts';
import { readSeries } from '../../runners/store/series-folder.ts';
import { readRun } from '../analyze-run.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../present-failure.ts';
import { exitCodes } from '../exit-codes.ts';
import { type Saved, findSaved } from '../find-saved.ts';
import type { RenderedRun } from '../render-run.ts';
import { readSearch } from '../search/analyze-search.ts';
import { resultOfSaved, withoutTrials } from '../search/result-of-saved.ts';
import { readSearchFolder } from '../search/search-folder.ts';
import { readSweep } from '../sweep/analyze-sweep.ts';
import { outcomeOfSaved } from '../sweep/outcome-of-saved.ts';
import { sweepSeries } from '../sweep/sweep-folder.ts';

const formats = ['html', 'md', 'json', 'junit', 'svg', 'terminal'] as const;

interface Flags {
  readonly run: string;
  readonly format: (typeof formats)[number];
  readonly out: string | undefined;
}

function noChart(): never {
  throw new UsageError('no stage was measured, so there is no chart', 'try --format terminal');
}

export const reportCommand: Command<Flags> = {
  examples: [
    ['report last --format md --out report.md', 'Markdown of the newest run'],
    ['report last --format junit --out verdict.xml', 'the verdict as tests, for a CI server'],
    ['report last --format svg --out load-line.svg', 'the main chart alone'],
  ],
  flags: (yargs) =>
    yargs
      .positional('run', {
        type: 'string',
        demandOption: true,
        describe: 'id, unique prefix, folder, or "last"; of a run, a search or a sweep',
      })
      .option('format', { choices: formats, default: 'terminal' as const, describe: 'format' })
      .option('out', { type: 'string', describe: 'file to write; default: standard output' }),
  run: async ({ run, format, out }, { terminal, runsDirectory }) => {
    const rendered = await renderedOf(await findSaved(run, runsDirectory));
    const text = await render();
    if (out === undefined) terminal.out(text);
    else {
      await writeFile(out, text.endsWith('\n') ? text : `${text}\n`).catch((error: unknown) => {
        throw new UsageError(`${out} cannot be written: ${systemCause(error)}`, 'choose another file with --out FILE');
      });
      terminal.note(`written to ${out}`);
    }
    return exitCodes.done;

    async function render(): Promise<string> {
      switch (format) {
        case 'html':
          return await rendered.html();
        case 'md':
          return rendered.markdown();
        case 'json':
          return rendered.json('analyze');
        case 'junit':
          return rendered.junit();
        case 'svg':
          return (await rendered.svg()) ?? noChart();
        case 'terminal':
          return rendered.terminal(terminal, null);
        default:
          return format satisfies never;
      }
    }
  },
};

async function renderedOf({ kind, folder }: Saved): Promise<RenderedRun> {
  switch (kind) {
    case 'run':
      return readRun(await loadRun(folder), folder).rendered;
    case 'search': {
      const saved = await readSearchFolder(folder);
      const read = await readSearch(saved, resultOfSaved(saved));
      if (read === null) throw withoutTrials(saved);
      return read.rendered;
    }
    case 'sweep': {
      const saved = await readSeries(sweepSeries, folder);
      return readSweep(saved, outcomeOfSaved(saved)).rendered;
    }
    default:
      return kind satisfies never;
  }
}
