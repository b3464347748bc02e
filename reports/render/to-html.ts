import type {
  Block,
  Cell,
  Chart,
  Column,
  Document,
  Fact,
  FindingBlock,
  Heading,
  Table,
  Tone,
  VerdictBlock,
} from '../document.ts';
import { alignDecimals } from './align-decimals.ts';
import { chartToSvg } from './chart-to-svg.ts';
import { escapeHtml as escape } from './escape-html.ts';
import { flameGraphHtml } from './flame-graph-html.ts';
import { pageScript } from './page-script.ts';
import { pageStyle } from './page-style.ts';

/**
 * The report as one file that needs nothing else: no font, no network, and no script but one of its own for flame graphs,
 * by whose hash its policy knows it; all else it forbids. Every text is escaped, since the target may have written it.
 */
export async function toHtml(document: Document): Promise<string> {
  const blocks: string[] = [];
  // One after the other: charts are pictures of a single thread anyway.
  for (const group of grouped(document.blocks)) {
    // oxlint-disable-next-line no-await-in-loop -- in reading order
    blocks.push(Array.isArray(group) ? await chartsHtml(group) : blockHtml(group));
  }
  const hasScript = document.blocks.some(({ kind }) => kind === 'flame-graph');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; ${hasScript ? `script-src '${pageScript.hash}'; ` : ''}style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="plimsoll">
<link rel="icon" href="data:,">
<title>${escape(document.title)} · plimsoll</title>
<style>${pageStyle()}</style>
</head>
<body>
<a class="skip" href="#report">Skip to the report</a>
<div class="page">
<header>
<div class="plate">${plimsollMark}<span class="name">plimsoll</span><span class="about">load line of a service</span>${themes}</div>
<h1>${escape(document.title)}</h1>
<p class="subtitle">${escape(document.subtitle)}</p>
</header>
<main id="report">
${blocks.join('\n').replace(navigationPlace, navigation(document))}
</main>
<footer>Made by plimsoll. No network${hasScript ? '' : ', no script'}: this file can be kept and sent.</footer>
</div>${hasScript ? `\n<script>${pageScript.text}</script>` : ''}
</body>
</html>
`;
}

/** Stands behind the verdict until the blocks are joined; no text can contain it, since texts are escaped. */
const navigationPlace = '<navigation-place>';

/** The load line of a ship: a ring crossed by a line. */
const plimsollMark =
  '<svg viewBox="0 0 42 25" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2.6"><circle cx="21" cy="12.5" r="10"/><path d="M1 12.5H41"/></svg>';

const themes = `<fieldset class="themes"><legend class="quiet">Colours of this page</legend>${['auto', 'light', 'dark']
  .map(
    (name) =>
      `<label><input type="radio" name="theme" id="theme-${name}"${name === 'auto' ? ' checked' : ''}><span>${name}</span></label>`,
  )
  .join('')}</fieldset>`;

function navigation({ blocks }: Document): string {
  const links = blocks
    .filter((block): block is Heading => block.kind === 'heading' && block.level === 2)
    .map(({ text }) => `<li><a href="#${anchor(text)}">${escape(text)}</a></li>`);
  return links.length < 2 ? '' : `<nav aria-label="Parts of the report"><ul>${links.join('')}</ul></nav>`;
}

/** Charts that follow one another share a grid. */
function grouped(blocks: readonly Block[]): (Block | Chart[])[] {
  const groups: (Block | Chart[])[] = [];
  for (const block of blocks) {
    const last = groups.at(-1);
    if (block.kind !== 'chart') groups.push(block);
    else if (Array.isArray(last)) last.push(block);
    else groups.push([block]);
  }
  return groups;
}

function blockHtml(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return headingHtml(block);
    case 'text':
      return `<p class="text${toneClass(block.tone ?? 'normal')}">${withFlags(escape(block.text))}</p>`;
    case 'verdict':
      return `${verdictHtml(block)}\n${navigationPlace}`;
    case 'table':
      return tableHtml(block);
    case 'finding':
      return findingHtml(block);
    case 'flame-graph':
      return flameGraphHtml(block, tableHtml(block.table));
    case 'chart':
      throw new Error('charts are rendered in groups');
    default:
      return block satisfies never;
  }
}

function headingHtml({ level, text }: Heading): string {
  return level === 3 ? `<h3>${escape(text)}</h3>` : `<h2 id="${anchor(text)}">${escape(text)}</h2>`;
}

function verdictHtml({ status, headline, facts }: VerdictBlock): string {
  return `<section class="verdict ${status}" aria-labelledby="verdict">
<h2 class="quiet" id="verdict">Verdict</h2>
<p class="says"><span class="status">${status.toUpperCase()}</span><span>${escape(headline)}</span></p>
<dl class="facts">${facts.map((fact, index) => factHtml(fact, index)).join('')}</dl>
</section>`;
}

/** The answer itself is set large; a fourth fact has a row of its own, or most of one. */
function factHtml({ id, label, value, note }: Fact, index: number): string {
  const large = id === 'water-level' || id === 'limiter' || id === 'load-to-plan';
  const shape = large ? ' class="large"' : index === 3 ? ' class="span"' : '';
  const more = note === null ? '' : `<dd class="note">${escape(note)}</dd>`;
  return `<div${shape}><dt>${escape(label)}</dt><dd class="value">${escape(value)}</dd>${more}</div>`;
}

function findingHtml({ id, status, severity, title, lines, advice, doubts }: FindingBlock): string {
  const settled = status === 'estimated';
  const kind = [settled ? severity : status, ...doubts, id].map(escape).join(' · ');
  return `<section class="finding ${settled ? severity : 'info'}">
<h3>${escape(title)}</h3>
<p class="kind">${kind}</p>
<ul>${lines.map((line) => `<li>${escape(line)}</li>`).join('')}</ul>
<p class="advice">${escape(advice)}</p>
</section>`;
}

/** Natural widths of charts, in pixels: on a wide page, in a column of two, on a phone. */
const widths = { wide: 1104, half: 532, narrow: 358 } as const;

async function chartsHtml(charts: readonly Chart[]): Promise<string> {
  const figures: string[] = [];
  for (const chart of charts) {
    const { specification, width, height } = chart;
    // oxlint-disable-next-line no-await-in-loop -- in reading order
    const roomy = await chartToSvg(specification, { width: widths[width], height });
    // oxlint-disable-next-line no-await-in-loop -- in reading order
    const narrow = await chartToSvg(specification, { width: widths.narrow, height: Math.min(height, 280) });
    const label = `<svg role="img" aria-labelledby="${chart.id}-title ${chart.id}-text" `;
    figures.push(`<figure class="${width}" id="${chart.id}">
<figcaption><strong id="${chart.id}-title">${escape(chart.title)}</strong><span id="${chart.id}-text">${escape(chart.description)}</span></figcaption>
<div class="roomy">${roomy.replace('<svg ', label)}</div>
<div class="narrow">${narrow.replace('<svg ', label)}</div>
${chartData(chart)}
</figure>`);
  }
  return `<div class="charts">${figures.join('\n')}</div>`;
}

function chartData({ title, columns, rows, rowsNote }: Chart): string {
  const table: Table = {
    kind: 'table',
    caption: `${title}: data`,
    columns: columns.map((name, index) => ({
      title: name,
      align: index === 0 || !isNumeric(rows, index) ? 'left' : 'decimal',
    })),
    rows,
  };
  const note = rowsNote === undefined ? '' : `<p class="text muted">${escape(rowsNote)}</p>`;
  return `<details><summary>Data as a table</summary>${plainTable(table)}${note}</details>`;
}

function isNumeric(rows: readonly (readonly string[])[], index: number): boolean {
  return rows.every((row) => /^[−–\d]/.test(row[index] ?? '–'));
}

function tableHtml(table: Table): string {
  if (table.folded !== true) return plainTable(table);
  return `<details class="block"><summary>${escape(table.caption)}</summary>${plainTable(table, true)}</details>`;
}

/** Figure and punctuation space: as wide as a digit and a point. */
const blanks = { point: '\u2008', digit: '\u2007' };

function plainTable(table: Table, captionSaid = false): string {
  const { caption, columns, rows } = table;
  const cells = columns.map((column, index) => columnCells(column, rows, index));
  const isList = columns.length === 2 && columns.every(({ title }) => title === '');
  const head = isList
    ? ''
    : `<thead><tr>${columns.map(({ title, align }) => `<th scope="col"${alignClass(align)}>${escape(title)}</th>`).join('')}</tr></thead>`;
  const body = rows.map((_, row) => `<tr>${cells.map((column) => column[row] ?? '').join('')}</tr>`).join('\n');
  const label = escape(caption);
  // Seen above the table, where it does not scroll away with it; read out as its caption.
  const shown = captionSaid ? '' : `<p class="caption" aria-hidden="true">${label}</p>`;
  return `${shown}<div class="scroll" role="region" tabindex="0" aria-label="${label}"><table${isList ? ' class="list"' : ''}><caption class="quiet">${label}</caption>${head}<tbody>${body}</tbody></table></div>`;
}

function columnCells(column: Column, rows: readonly (readonly Cell[])[], index: number): string[] {
  const cells = rows.map((row): Exclude<Cell, string> => {
    const cell = row[index] ?? '';
    return typeof cell === 'string' ? { text: cell, tone: 'normal' } : cell;
  });
  const right = column.align !== 'left';
  const texts =
    column.align === 'decimal'
      ? alignDecimals(
          cells.map(({ text }) => text),
          blanks,
        )
      : cells.map(({ text }) => text);
  return cells.map(({ tone, note }, row) => {
    const text = texts[row] ?? '';
    const more = note === undefined ? '' : `<small>${escape(note)}</small>`;
    if (index === 0) return `<th scope="row"${alignClass(column.align)}>${escape(text)}${more}</th>`;
    const names = [right ? 'right' : text.length > 24 ? 'free' : '', toneClass(tone).trim()].filter(
      (name) => name !== '',
    );
    return `<td${names.length === 0 ? '' : ` class="${names.join(' ')}"`}>${escape(text)}${more}</td>`;
  });
}

/** A flag such as --metrics is not broken behind its hyphens. */
function withFlags(escaped: string): string {
  return escaped.replaceAll(/--[a-z][a-z-]*/g, '<span class="flag">$&</span>');
}

function alignClass(align: Column['align']): string {
  return align !== 'left' ? ' class="right"' : '';
}

function toneClass(tone: Tone): string {
  return tone === 'normal' ? '' : ` ${tone}`;
}

function anchor(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}
