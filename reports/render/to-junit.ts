import { printable } from './printable.ts';

/** A question with its answer, as servers for continuous integration show them. */
export interface TestCase {
  readonly name: string;
  /** `unknown`: evidence is missing, invalid or too weak; an error there, never a pass. `not-asked`: skipped. */
  readonly status: 'pass' | 'fail' | 'unknown' | 'not-asked';
  /** Why it did not pass, in a sentence. */
  readonly message: string;
  /** What it rests on, line by line. */
  readonly lines: readonly string[];
}

export interface TestSuite {
  readonly name: string;
  /** UTC, to the second: 2026-11-21T09:13:00. */
  readonly timestamp: string;
  readonly seconds: number;
  readonly properties: Readonly<Record<string, string>>;
  readonly cases: readonly TestCase[];
}

/**
 * One suite as JUnit's XML, in the order and with the names that Jenkins' xunit plug-in asks for (its junit-10.xsd), which
 * GitLab, Azure and Buildkite read as well.
 */
export function toJunit({ name, timestamp, seconds, properties, cases }: TestSuite): string {
  const count = (status: TestCase['status']): number => cases.filter((one) => one.status === status).length;
  const counts = { tests: cases.length, failures: count('fail'), errors: count('unknown') };
  const time = seconds.toFixed(3);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'plimsoll', ...counts, time })}>`,
    `  <testsuite${attributes({ name, ...counts, skipped: count('not-asked'), time, timestamp })}>`,
    '    <properties>',
    ...Object.entries(properties).map(([key, value]) => `      <property${attributes({ name: key, value })}/>`),
    '    </properties>',
    ...cases.flatMap((one) => caseLines(name, one)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

const elements = { fail: 'failure', unknown: 'error', 'not-asked': 'skipped' } as const;
const types = { fail: 'objective-missed', unknown: 'inconclusive', 'not-asked': 'not-asked' } as const;

function caseLines(suite: string, { name, status, message, lines }: TestCase): readonly string[] {
  const output = lines.length === 0 ? [] : [`      <system-out>${lines.map(escaped).join('\n')}</system-out>`];
  const result =
    status === 'pass' ? [] : [`      <${elements[status]}${attributes({ type: types[status], message })}/>`];
  const head = `    <testcase${attributes({ classname: `plimsoll.${suite}`, name })}`;
  return result.length + output.length === 0 ? [`${head}/>`] : [`${head}>`, ...result, ...output, '    </testcase>'];
}

const attributes = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
    .join('');

/** XML 1.0 has no sign for most control characters at all: `printable` has made them visible. */
function escaped(text: string): string {
  return printable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
