import { createColors } from 'picocolors';
import type { Block, Cell, Document, Fact, FindingBlock, Table, Tone, VerdictBlock } from '../document.ts';
import { alignDecimals } from './align-decimals.ts';
import { printable } from './printable.ts';

export interface TerminalOptions {
  readonly colour: boolean;
  /** Columns of the terminal; lines are wrapped or narrowed to it. */
  readonly width: number;
  /** Where the full report is; null: there is none. */
  readonly reportPath: string | null;
}

type Colours = ReturnType<typeof createColors>;

/**
 * The short report for a terminal: stages, findings, and as its last lines verdict, water-level, limiter and the path of
 * the full report. Ends without a line break.
 */
export function toTerminal(document: Document, { colour, width, reportPath }: TerminalOptions): string {
  const colours = createColors(colour);
  const verdict = document.blocks.find((block) => block.kind === 'verdict');
  const lines = [
    colours.bold(printable(document.title)),
    ...wrap(document.subtitle, width).map(colours.dim),
    ...document.blocks.flatMap((block) => blockLines(block, width, colours)),
    ...(verdict === undefined ? [] : ['', ...verdictLines(verdict, width, colours)]),
    ...(reportPath === null ? [] : [`${label('report')}${reportPath}`]),
  ];
  return lines.join('\n');
}

function blockLines(block: Block, width: number, colours: Colours): string[] {
  switch (block.kind) {
    case 'heading':
      return block.brief === true ? ['', colours.bold(printable(block.text))] : [];
    case 'text':
      return block.brief === true ? wrap(block.text, width).map(toned(block.tone ?? 'normal', colours)) : [];
    case 'table':
      return block.brief === true ? tableLines(block, width, colours) : [];
    case 'finding':
      return findingLines(block, width, colours);
    case 'chart':
    case 'flame-graph':
    case 'verdict':
      return [];
    default:
      return block satisfies never;
  }
}

/** Of the evidence of one finding. */
const mostLines = 4;

function findingLines(finding: FindingBlock, width: number, colours: Colours): string[] {
  const settled = finding.status === 'estimated';
  const left = finding.lines.length - mostLines;
  const tone: Tone =
    !settled || finding.severity === 'info' ? 'normal' : finding.severity === 'critical' ? 'bad' : 'warning';
  const say = (text: string, first: string): string[] =>
    wrap(text, width - 4).map((line, index) => `${index === 0 ? first : '    '}${line}`);
  const doubts = finding.doubts.length === 0 ? '' : ` (${finding.doubts.join('; ')})`;
  return [
    ...say(`${finding.title}${settled ? '' : `: ${finding.status}${doubts}`}`, '').map((line, index) =>
      index === 0 ? toned(tone, colours)(`${settled ? '●' : '○'} ${line}`) : line,
    ),
    ...finding.lines.slice(0, mostLines).flatMap((line) => say(line, '  · ')),
    ...(left > 0 ? say(`and ${left} more in the full report`, '  · ') : []),
    ...say(finding.advice, '  → '),
  ];
}

/** The other facts first, wrapped; then one line each: verdict, water-level, limiter. */
function verdictLines({ status, headline, facts }: VerdictBlock, width: number, colours: Colours): string[] {
  const tone = ({ pass: 'good', fail: 'bad', inconclusive: 'warning' } as const)[status];
  const last = ['water-level', 'limiter'];
  const others = facts.filter(({ id }) => !last.includes(id));
  const hanging = ' '.repeat(labelWidth);
  return [
    ...others.flatMap((fact) =>
      wrap(says(fact), width - labelWidth).map(
        (line, index) => `${index === 0 ? colours.dim(label(fact.label)) : hanging}${line}`,
      ),
    ),
    '',
    `${label('verdict')}${cut(`${status.toUpperCase()}: ${headline}`, width - labelWidth).replace(
      status.toUpperCase(),
      (word) => colours.bold(toned(tone, colours)(word)),
    )}`,
    ...last.flatMap((id) =>
      facts
        .filter((fact) => fact.id === id)
        .map((fact) => `${label(fact.label)}${cut(says(fact), width - labelWidth)}`),
    ),
  ];
}

function says({ value, note }: Fact): string {
  return note === null ? value : `${value}: ${note}`;
}

const labelWidth = 13;

function label(text: string): string {
  return printable(text).padEnd(labelWidth);
}

function cut(text: string, width: number): string {
  const whole = printable(text);
  return whole.length <= width ? whole : `${whole.slice(0, Math.max(1, width - 1))}…`;
}

function tableLines(table: Table, width: number, colours: Colours): string[] {
  let kept = table.columns.map((_, index) => index);
  const laidOut = table.columns.map((_, index) => columnOf(table, index));
  const total = (): number => kept.reduce((sum, index) => sum + (laidOut[index]?.width ?? 0) + gap.length, -gap.length);
  while (total() > width) {
    const leaver = kept
      .filter((index) => table.columns[index]?.leaves !== undefined)
      .toSorted((left, right) => (table.columns[left]?.leaves ?? 0) - (table.columns[right]?.leaves ?? 0))[0];
    if (leaver === undefined) break;
    kept = kept.filter((index) => index !== leaver);
  }
  const line = (row: number, paint: (text: string, tone: Tone) => string): string =>
    kept
      .map((index) => {
        const column = laidOut[index];
        const text = row === -1 ? (column?.title ?? '') : (column?.texts[row] ?? '');
        const padded =
          table.columns[index]?.align === 'left' ? text.padEnd(column?.width ?? 0) : text.padStart(column?.width ?? 0);
        // Colours would hide blanks at the end of the line from being trimmed.
        const shown = index === kept.at(-1) ? padded.trimEnd() : padded;
        return paint(shown, row === -1 ? 'muted' : toneOf(table.rows[row]?.[index] ?? ''));
      })
      .join(gap)
      .trimEnd();
  const paint = (text: string, tone: Tone): string => toned(tone, colours)(text);
  const head = table.columns.every(({ title }) => title === '') ? [] : [line(-1, paint)];
  return [...head, ...table.rows.map((_, row) => line(row, paint))];
}

const gap = '  ';

interface LaidOut {
  readonly title: string;
  readonly texts: readonly string[];
  readonly width: number;
}

/** Intervals are shown only in columns that never leave: elsewhere they are in the full report. */
function columnOf(table: Table, index: number): LaidOut {
  const column = table.columns[index];
  const cells = table.rows.map((row) => row[index] ?? '');
  const plain = cells.map((cell) => printable(typeof cell === 'string' ? cell : cell.text));
  const values = column?.align === 'decimal' ? alignDecimals(plain, { point: ' ', digit: ' ' }) : plain;
  const notes = cells.map((cell) =>
    typeof cell === 'string' || cell.note === undefined || column?.leaves !== undefined ? '' : printable(cell.note),
  );
  const noteWidth = Math.max(0, ...notes.map((note) => note.length));
  const texts = values.map((value, row) =>
    noteWidth === 0 ? value : `${value}  ${(notes[row] ?? '').padStart(noteWidth)}`,
  );
  const title = printable(column?.title ?? '') + (noteWidth === 0 ? '' : ' (95%)');
  return { title, texts, width: Math.max(title.length, ...texts.map((text) => text.length)) };
}

function toneOf(cell: Cell): Tone {
  return typeof cell === 'string' ? 'normal' : cell.tone;
}

function toned(tone: Tone, colours: Colours): (text: string) => string {
  switch (tone) {
    case 'normal':
      return (text) => text;
    case 'good':
      return colours.green;
    case 'warning':
      return colours.yellow;
    case 'bad':
      return colours.red;
    case 'muted':
      return colours.dim;
    default:
      return tone satisfies never;
  }
}

/** Lines of at most `width`, broken between words and indented as the text is; a longer word stays whole. */
function wrap(text: string, width: number): string[] {
  const indent = /^ */.exec(text)?.[0] ?? '';
  const lines: string[] = [];
  let line = '';
  for (const word of printable(text).trim().split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = `${indent}${word}`;
    } else line = line === '' ? `${indent}${word}` : `${line} ${word}`;
  }
  return [...lines, line];
}
