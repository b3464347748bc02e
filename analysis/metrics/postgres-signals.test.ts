import test from 'ava';
import { postgresBody } from '../../fixtures/records/postgres-body.ts';
import type { Scrape } from '../../model/measurements.ts';
import { bytes, epochMilliseconds, milliseconds } from '../../model/units.ts';
import { decodeScrapes } from './decode-scrapes.ts';
import { postgresSignals } from './postgres-signals.ts';

const scrapes = (bodies: readonly Parameters<typeof postgresBody>[0][]): Scrape[] =>
  bodies.map((body, index) => ({
    collector: 'postgres',
    source: 'PostgreSQL of env:DATABASE_URL',
    at: epochMilliseconds(1000 * (index + 1)),
    durationMs: milliseconds(0),
    bytes: bytes(0),
    contentType: 'application/json',
    body: JSON.stringify(postgresBody(body)),
    error: null,
  }));
const signalsOf = (...bodies: readonly Parameters<typeof postgresBody>[0][]): ReturnType<typeof postgresSignals> =>
  postgresSignals(decodeScrapes(scrapes(bodies)));

const read = (listed: readonly object[], others = 0): { readonly statements: object } => ({
  statements: { status: 'read', listed, others: { statements: others, calls: others, totalMs: others, rows: others } },
});
const statement = (id: string, calls: number, text: string | null = id): object => ({
  id,
  text,
  calls,
  totalMs: 2 * calls,
  rows: calls,
});

test('no database was read', (t) => {
  t.is(postgresSignals(decodeScrapes([])), null);
});

test('a statement that is not listed has not been called, unless some are left out', (t) => {
  const signals = signalsOf(read([]), read([statement('a', 3)]), read([statement('a', 5), statement('b', 1)], 2), {
    statements: { status: 'left out' },
  });
  const [a, b] = ['a', 'b'].map((id) => signals?.statements.find((one) => one.id === id));
  t.deepEqual(a?.calls?.series.values, [0, 3, 5]);
  t.deepEqual(b?.calls?.series.values, [0, 0, 1]);
  t.deepEqual(signals?.statementMs?.series.values, [0, 6, 14]);
  const cut = signalsOf(read([statement('a', 1)], 4), read([statement('a', 2), statement('c', 9)], 4));
  t.deepEqual(cut?.statements.find(({ id }) => id === 'c')?.calls?.series.values, [9]);
});

test('texts may come late, and do not go', (t) => {
  const signals = signalsOf(
    read([statement('a', 1, null)]),
    read([statement('a', 2)]),
    read([statement('a', 3, null)]),
  );
  t.deepEqual([...(signals?.facts.texts ?? [])], [['a', 'a']]);
  t.is(signals?.facts.statementsMissing, null);
});

test('what is missing is said: rights, the extension', (t) => {
  const some = signalsOf({ sees: 'own sessions', sessions: { hidden: 3 } });
  t.is(some?.facts.seesAll, false);
  t.deepEqual(some?.hidden?.series.values, [3]);
  t.regex(some?.facts.statementsMissing ?? '', /not installed/);
});

test('a time that no session has is 0, and none is less', (t) => {
  const signals = signalsOf(
    {},
    { sessions: { longestTransactionMs: -0.2 } },
    { sessions: { longestTransactionMs: 12 } },
  );
  t.deepEqual(signals?.longestTransactionMs?.series.values, [0, 0, 12]);
  t.deepEqual(signals?.longestLockWaitMs?.series.values, [0, 0, 0]);
});
