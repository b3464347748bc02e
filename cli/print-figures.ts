import type { Document } from '../reports/document.ts';
import { toTerminal } from '../reports/render/to-terminal.ts';
import type { Terminal } from './terminal.ts';

/**
 * The result of a verb that makes no run folder.
 *
 * @param schema names the shape of the figures in JSON, such as `plimsoll/queue/1`
 * @param compose the same figures for a person
 */
export function printFigures<Figures extends object>(
  terminal: Terminal,
  schema: string,
  figures: Figures,
  compose: (figures: Figures) => Document,
): void {
  terminal.out(
    terminal.json
      ? JSON.stringify({ schema, ...figures }, null, 2)
      : toTerminal(compose(figures), { ...terminal, reportPath: null }),
  );
}
