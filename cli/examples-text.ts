import type { Example } from './command.ts';

const indent = '  ';

/** Examples below the flags: what each does, then the command, cut at its flags where it is too long for a line. */
export function examplesText(examples: readonly Example[], width: number): string {
  const shown = examples.flatMap(([command, what]) => [`${indent}${what}:`, ...cut(`plimsoll ${command}`, width)]);
  return ['Examples:', ...shown].join('\n');
}

function cut(command: string, width: number): string[] {
  const lines: string[] = [];
  let line = indent.repeat(2);
  for (const part of command.split(/ (?=--[a-z])/)) {
    const joined = line.trim() === '' ? line + part : `${line} ${part}`;
    // Room for the sign that the command goes on.
    if (line.trim() === '' || joined.length + 2 <= width) {
      line = joined;
      continue;
    }
    lines.push(`${line} \\`);
    line = indent.repeat(3) + part;
  }
  return [...lines, line];
}
