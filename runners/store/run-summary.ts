import type { RunRecord } from '../../model/run-record.ts';
import { type RunSummary, decodeSummary } from './run-record-shape.ts';
import { mapStrings, withoutSecrets, withoutUrlCredentials } from './secrets.ts';

/** What `run.json` says besides the record: whether the run got to its end. */
export type RunState = 'partial' | 'complete';

/** The part of a record that goes into `run.json`, with nothing secret in it. */
export function summaryOf(record: RunRecord, redact: (text: string) => string): RunSummary {
  const { traffic, scrapes: _, ...rest } = record;
  const hide = (text: string): string => withoutUrlCredentials(redact(text));
  const { target } = record.environment;
  return {
    ...rest,
    plan: withoutSecrets(record.plan),
    environment: {
      ...record.environment,
      target: { ...target, command: mapStrings(target.command, hide), notes: mapStrings(target.notes, hide) },
    },
    outcome: mapStrings(record.outcome, hide),
    collectors: mapStrings(record.collectors, hide),
    profiles: record.profiles.map((profile) => ({ ...profile, content: mapStrings(profile.content, hide) })),
    traffic:
      traffic.status === 'captured'
        ? { status: 'captured', value: headerOf(traffic.value) }
        : mapStrings(traffic, hide),
  };
}

function headerOf<T extends { cells: unknown; counts: unknown; health: unknown }>(
  traffic: T,
): Omit<T, 'cells' | 'counts' | 'health'> {
  const { cells: _cells, counts: _counts, health: _health, ...header } = traffic;
  return header;
}

/**
 * The text of `run.json`. It is decoded first, so that a record which could not be read back (a NaN in it) is
 * found by whoever wrote it. @throws z.ZodError
 */
export function encodeSummary(summary: RunSummary, state: RunState): string {
  // Decoded, its keys stand in the order of the shape, so that equal records give equal files.
  const { formatVersion, ...rest } = decodeSummary(JSON.parse(JSON.stringify(summary)));
  return `${JSON.stringify({ formatVersion, state, ...rest }, null, 2)}\n`;
}
