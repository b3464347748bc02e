import type { Block, Cell, Chart, Document, FindingBlock, Table, VerdictBlock } from '../document.ts';
import { printable } from './printable.ts';

/**
 * The whole report as GitHub-flavoured Markdown, for a pull request or a job summary. Charts become their tables, folded;
 * pictures are in the HTML report.
 */
export function toMarkdown(document: Document): string {
  return [
    `# ${escape(document.title)}`,
    escape(document.subtitle),
    ...document.blocks.flatMap((block) => blockMarkdown(block)),
    '',
  ].join('\n\n');
}

function blockMarkdown(block: Block): string[] {
  switch (block.kind) {
    case 'heading':
      return [`${'#'.repeat(block.level)} ${escape(block.text)}`];
    case 'text':
      return [escape(block.text)];
    case 'verdict':
      return [verdictMarkdown(block)];
    case 'table':
      return block.folded === true
        ? [folded(block.caption, grid(block))]
        : [`${escape(block.caption)}\n\n${grid(block)}`];
    case 'chart':
      return [chartMarkdown(block)];
    case 'flame-graph':
      return [folded(`${block.table.caption}. ${block.legend}`, grid(block.table))];
    case 'finding':
      return [findingMarkdown(block)];
    default:
      return block satisfies never;
  }
}

function verdictMarkdown({ status, headline, facts }: VerdictBlock): string {
  const lines = facts.map(({ label, value, note }) => {
    const more = note === null ? '' : `: ${escape(note)}`;
    return `- ${escape(label)} **${escape(value)}**${more}`;
  });
  return `**${status.toUpperCase()}**: ${escape(headline)}\n\n${lines.join('\n')}`;
}

function findingMarkdown({ id, status, severity, title, lines, advice, doubts }: FindingBlock): string {
  const kind = [status === 'estimated' ? severity : status, ...doubts, id].map(escape).join(' · ');
  return `**${escape(title)}** (${kind})\n\n${lines.map((text) => `- ${escape(text)}`).join('\n')}\n\n${escape(advice)}`;
}

function chartMarkdown({ title, description, columns, rows, rowsNote }: Chart): string {
  const table = gridOf(
    columns.map((name, index) => ({ title: name, right: index > 0 })),
    rows,
  );
  return folded(`${title}. ${description}`, rowsNote === undefined ? table : `${table}\n\n${escape(rowsNote)}`);
}

function folded(summary: string, content: string): string {
  return `<details><summary>${escape(summary)}</summary>\n\n${content}\n\n</details>`;
}

function grid({ columns, rows }: Table): string {
  return gridOf(
    columns.map(({ title, align }) => ({ title, right: align !== 'left' })),
    rows,
  );
}

function gridOf(
  columns: readonly { readonly title: string; readonly right: boolean }[],
  rows: readonly (readonly Cell[])[],
): string {
  return [
    line(columns.map(({ title }) => escape(title))),
    line(columns.map(({ right }) => (right ? '--:' : ':--'))),
    ...rows.map((row) => line(row.map(cellText))),
  ].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function cellText(cell: Cell): string {
  if (typeof cell === 'string') return escape(cell);
  const text = cell.tone === 'bad' || cell.tone === 'good' ? `**${escape(cell.text)}**` : escape(cell.text);
  return cell.note === undefined ? text : `${text} (${escape(cell.note)})`;
}

/** Everything that Markdown or the HTML inside it could take for a command. */
function escape(text: string): string {
  return printable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_[\]|~#!@]/g, (sign) => `\\${sign}`);
}
