import type { GateCheck } from '../../analysis/gate/gate-check.ts';
import type { GateFigures } from './gate-figures.ts';

/** Of each kind GitHub shows so many a step, and drops the rest without a word. */
const mostOfKind = 10;

/**
 * Annotations as GitHub's runner reads them from a step's output: an error for each check that was missed, a warning for
 * each that is open, at its line of the policy. Where there are more than are shown the last one says how many.
 */
export function annotations({ checks, policy, verdict }: GateFigures): readonly string[] {
  const missed = checks.filter(({ status }) => status === 'fail');
  const open = checks.filter(({ status }) => status === 'inconclusive');
  const passed = verdict.status === 'pass';
  return [
    // What was outweighed fails nothing.
    ...ofKind(passed ? 'warning' : 'error', missed, policy.file),
    ...ofKind('warning', open, policy.file),
  ];
}

function ofKind(kind: 'error' | 'warning', checks: readonly GateCheck[], file: string): readonly string[] {
  const say = ({ id, reason, line }: GateCheck): string =>
    command(kind, { file, ...(line === null ? {} : { line: String(line) }), title: id }, reason ?? id);
  if (checks.length <= mostOfKind) return checks.map(say);
  const more = checks.length - mostOfKind + 1;
  return [
    ...checks.slice(0, mostOfKind - 1).map(say),
    command(
      kind,
      { file, title: `${more} more` },
      checks
        .slice(mostOfKind - 1)
        .map(({ id }) => id)
        .join(', '),
    ),
  ];
}

function command(kind: string, properties: Readonly<Record<string, string>>, message: string): string {
  const said = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(value)}`);
  return `::${kind} ${said.join(',')}::${escapeMessage(message)}`;
}

/** A line feed would end the command, and begin one of whatever a target said. */
const escapeMessage = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const escapeProperty = (text: string): string => escapeMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
