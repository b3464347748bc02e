import { type Labels, noLabels } from './series-table.ts';

/** A part of a line that was understood, and where the next part begins; or why it was not understood. */
type Part<T> = { readonly value: T; readonly end: number };
type Reason = string;

/** Name and labels of a sample, and where its value begins in the line. */
export interface SampleHead {
  readonly name: string;
  readonly labels: Labels;
  readonly end: number;
}

const blanks = /[ \t]*/y;
const metricName = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const labelName = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const token = /[^ \t]+/y;

function matchAt(pattern: RegExp, line: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(line)?.[0] ?? '';
}

const skipBlanks = (line: string, at: number): number => at + matchAt(blanks, line, at).length;

/**
 * Name and labels of one sample line of the Prometheus text format 0.0.4 or OpenMetrics 1.0, also in the newer form with
 * the name quoted inside the braces (`{"my.metric",a="b"} 1`).
 *
 * @param line without its line end, so that no search can leave it.
 * @returns why the line is not a sample, as a sentence, where it is none.
 */
export function readSampleHead(line: string): SampleHead | Reason {
  const start = skipBlanks(line, 0);
  const bareName = matchAt(metricName, line, start);
  const nameEnd = start + bareName.length;
  const open = skipBlanks(line, nameEnd);
  const set = line[open] === '{' ? readLabelSet(line, open + 1) : noLabelSet(open);
  if (typeof set === 'string') return set;
  const { name: quotedName, labels } = set.value;
  if (bareName !== '' && quotedName !== null) return 'a metric with two names';
  const name = bareName === '' ? quotedName : bareName;
  if (name === null || name === '') return 'no metric name at the begin of the line';
  const end = skipBlanks(line, set.end);
  if (end === line.length) return 'no value';
  if (set.end === nameEnd) return 'a metric name with a character that must be quoted';
  return { name, labels, end };
}

const noLabelSet = (end: number): Part<{ name: string | null; labels: Labels }> => ({
  value: { name: null, labels: noLabels },
  end,
});

/** From behind `{` to behind `}`. */
function readLabelSet(line: string, start: number): Part<{ name: string | null; labels: Labels }> | Reason {
  const labels: [string, string][] = [];
  let name: string | null = null;
  let at = skipBlanks(line, start);
  while (line[at] !== '}') {
    const quoted = line[at] === '"' ? readQuoted(line, at) : null;
    if (typeof quoted === 'string') return quoted;
    const key = quoted?.value ?? matchAt(labelName, line, at);
    const afterKey = skipBlanks(line, quoted?.end ?? at + key.length);
    if (line[afterKey] === '=') {
      const value = readQuoted(line, skipBlanks(line, afterKey + 1));
      if (typeof value === 'string') return value;
      if (key === '') return 'a label without a name';
      if (labels.some(([known]) => known === key)) return `two labels named ${key}`;
      labels.push([key, value.value]);
      at = skipBlanks(line, value.end);
    } else if (quoted !== null && name === null) {
      name = quoted.value;
      at = afterKey;
    } else {
      return afterKey >= line.length ? 'labels without an end' : 'a label without a value';
    }
    if (line[at] === ',') at = skipBlanks(line, at + 1);
    else if (line[at] !== '}') return at >= line.length ? 'labels without an end' : 'no comma between two labels';
  }
  return { value: { name, labels: Object.fromEntries(labels) }, end: at + 1 };
}

/** A text in double quotes; only `\\`, `\"` and `\n` are escapes, any other backslash stands for itself. */
function readQuoted(line: string, start: number): Part<string> | Reason {
  if (line[start] !== '"') return 'a label value without quotes';
  let text = '';
  let from = start + 1;
  for (let at = from; at < line.length; at++) {
    const character = line[at];
    if (character === '"') return { value: text + line.slice(from, at), end: at + 1 };
    if (character !== '\\') continue;
    const escaped = escapes[line[at + 1] ?? ''];
    if (escaped !== undefined) {
      text += line.slice(from, at) + escaped;
      from = at + 2;
    }
    at++;
  }
  return 'quotes without an end';
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\', '"': '"', n: '\n' };

/** HELP texts know the escapes of label values. */
export const unescapeHelp = (text: string): string =>
  text.replaceAll(/\\([\\"n])/g, (whole, character: string) => escapes[character] ?? whole);

/**
 * What follows name and labels: a value, perhaps a timestamp, perhaps an exemplar. The exemplar's own content is not used,
 * but has to look like one.
 */
export function readSampleValue(line: string, start: number): number | Reason {
  const valueText = matchAt(token, line, start);
  const value = parseMetricNumber(valueText);
  if (value === undefined) return `"${valueText.slice(0, 40)}" is not a number`;
  let at = skipBlanks(line, start + valueText.length);
  if (at < line.length && line[at] !== '#') {
    const timestamp = matchAt(token, line, at);
    if (parseMetricNumber(timestamp) === undefined) return `"${timestamp.slice(0, 40)}" is not a timestamp`;
    at = skipBlanks(line, at + timestamp.length);
  }
  if (at >= line.length) return value;
  return isExemplar(line, at) ? value : 'something behind the value that is neither timestamp nor exemplar';
}

function isExemplar(line: string, start: number): boolean {
  if (line[start] !== '#') return false;
  const open = skipBlanks(line, start + 1);
  if (line[open] !== '{') return false;
  const labels = readLabelSet(line, open + 1);
  if (typeof labels === 'string') return false;
  const numbers = line
    .slice(labels.end)
    .trim()
    .split(/[ \t]+/);
  return numbers.length <= 2 && numbers.every((text) => parseMetricNumber(text) !== undefined);
}

const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const special: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Infinity,
  '+inf': Infinity,
  '-inf': -Infinity,
  infinity: Infinity,
  '+infinity': Infinity,
  '-infinity': -Infinity,
};

/** Decimal numbers, NaN and the infinities in any case; undefined for anything else, also for what overflows. */
export function parseMetricNumber(text: string): number | undefined {
  if (!decimal.test(text)) return Object.hasOwn(special, text.toLowerCase()) ? special[text.toLowerCase()] : undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
