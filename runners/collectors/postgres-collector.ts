import { z } from 'zod';
import type { PostgresPlan } from '../../model/plan.ts';
import {
  type Bytes,
  type EpochMilliseconds,
  type Ratio,
  after,
  between,
  bytes,
  epochMilliseconds,
  milliseconds,
  percent,
  seconds,
} from '../../model/units.ts';
import { referredVariable } from '../store/secrets.ts';
import type { World } from '../world.ts';
import { type Reading, intervalCollector } from './interval-collector.ts';
import type { Collector } from './port.ts';
import { type PostgresConnection, PostgresRefusal, connectPostgres } from './postgres-connection.ts';
import {
  type StatementsExtension,
  countersQuestion,
  extensionRefusal,
  locksQuestion,
  ownMark,
  sessionsQuestion,
  textsQuestion,
} from './postgres-questions.ts';
import { type ServerFacts, askServer, connectPatience } from './postgres-server.ts';
import { shownStatement } from './shown-statement.ts';
import { StatementGrowth } from './statement-growth.ts';

/** Of the time that may go into reading the counters of statements: a server may keep thousands. */
const usualStatementsShare = percent(2);
/** However slow they are, a short stage should see them more than once. */
const longestWithoutStatements = seconds(2);

const count = z.number();
const time = z.number().nullable();

const state = z.object({
  sessions: z.object({
    connections: count,
    here: count,
    hidden: count,
    active: count,
    idle: count,
    idleInTransaction: count,
    lockWaits: count,
    longestTransactionMs: time,
    longestIdleInTransactionMs: time,
  }),
  waitingStatements: z.array(z.object({ id: z.string(), sessions: count })),
  database: z
    .object({
      commits: count,
      rollbacks: count,
      deadlocks: count,
      temporaryBytes: count,
      activeMs: count,
      idleInTransactionMs: count,
    })
    .nullable(),
});
const locks = z.object({
  waiting: count,
  longestWaitMs: time,
  by: z.array(z.object({ kind: z.string(), mode: z.string(), relation: z.string().nullable(), waiting: count })),
});
const counters = z.array(z.tuple([z.string().regex(/^-?\d+$/), count, count, count]));
const texts = z.record(z.string(), z.string().nullable());

/** Values of `env:NAME` references that are not in the environment; they win over it. Never recorded. */
export type PostgresSecrets = Readonly<Record<string, string>>;

/**
 * Reads what PostgreSQL says of its sessions, locks and statements, over one connection of its own: docs/run-record.md,
 * "PostgreSQL". Reads only; a role without rights sees its own sessions, and the reading says so. Statements are left out
 * of some readings, so that they take `statementsShare` of the time.
 */
export function postgresCollector(
  plan: PostgresPlan,
  secrets: PostgresSecrets,
  statementsShare: Ratio = usualStatementsShare,
): Collector {
  let session: PostgresSession | null = null;
  const variable = referredVariable(plan.url);
  return intervalCollector({
    name: 'postgres',
    source: `PostgreSQL of ${variable === null ? 'the plan' : plan.url}`,
    intervalMs: plan.intervalMs,
    // A connection that comes late has its own limit.
    stopWithinMs: milliseconds(connectPatience + seconds(1)),
    busyShare: percent(10),
    async read({ world }): Promise<Reading> {
      const url = variable === null ? undefined : (secrets[variable] ?? world.environment[variable]);
      if (url === undefined || url === '')
        return failed(variable === null ? 'the plan refers to no variable' : `${variable} is not set`);
      try {
        session ??= new PostgresSession(url, world, statementsShare);
        const { body, size } = await session.read();
        return { bytes: size, contentType: 'application/json', body: JSON.stringify(body), error: null };
      } catch (error) {
        // Opened again at the next reading: nobody knows what is under way on it yet.
        session?.close();
        // What its own questions answer is ours: an answer of another shape is that of an unknown server.
        if (error instanceof PostgresRefusal) return failed(error.message);
        if (error instanceof z.ZodError) return failed('an answer that is not PostgreSQL’s');
        throw error;
      }
    },
    close: () => session?.close(),
  });
}

const failed = (error: string): Reading => ({ bytes: bytes(0), contentType: null, body: null, error });

/** What is known of the server from one reading to the next; the connection is opened again where it was lost. */
class PostgresSession {
  readonly #url: string;
  readonly #world: World;
  readonly #statementsShare: Ratio;
  #connection: PostgresConnection | null = null;
  #facts: ServerFacts | null = null;
  readonly #growth = new StatementGrowth();
  readonly #texts = new Map<string, string | null>();
  readonly #own = new Set<string>();
  #statementsFrom: EpochMilliseconds = epochMilliseconds(0);

  constructor(url: string, world: World, statementsShare: Ratio) {
    this.#url = url;
    this.#world = world;
    this.#statementsShare = statementsShare;
  }

  close(): void {
    this.#connection?.close();
    this.#connection = null;
  }

  async read(): Promise<{ body: Record<string, unknown>; size: Bytes }> {
    if (this.#connection?.broken !== false) {
      this.#connection = await connectPostgres(this.#url, connectPatience);
      this.#facts = null;
    }
    const connection = this.#connection;
    let size = 0;
    const ask = async <T>(question: string, shape: z.ZodType<T>): Promise<T> => {
      const answer = await connection.ask(question, shape);
      size += connection.answered;
      return answer;
    };
    const known = (this.#facts ??= await askServer({ ask }));
    const { sessions, waitingStatements, database } = await ask(sessionsQuestion, state);
    const waits = sessions.lockWaits > 0 || sessions.hidden > 0 ? await ask(locksQuestion, locks) : null;
    const body = {
      format: 1,
      server: {
        version: known.version,
        maxConnections: known.maxConnections,
        reservedConnections: known.reservedConnections,
      },
      sees: known.seesAll ? 'all sessions' : 'own sessions',
      sessions,
      waitingStatements,
      database,
      locks: waits,
      statements: await this.#statements(
        known,
        ask,
        waitingStatements.map(({ id }) => id),
      ),
    };
    return { body, size: bytes(size) };
  }

  async #statements(known: ServerFacts, ask: Ask, waiting: readonly string[]): Promise<Record<string, unknown>> {
    const extension = known.statements;
    if (extension === null) return missing('pg_stat_statements is not installed in this database');
    const refused = extensionRefusal(extension);
    if (refused !== null) return missing(refused);
    const began = this.#world.now();
    if (began < this.#statementsFrom) return { status: 'left out' };
    try {
      const rows = await ask(countersQuestion(extension), counters);
      this.#growth.look(rows.map(([id, calls, totalMs, of]) => ({ id, calls, totalMs, rows: of })));
      await this.#learnTexts(extension, ask, waiting);
    } catch (error) {
      // Without it the sessions are still worth recording: such as where it is not in shared_preload_libraries.
      if (error instanceof PostgresRefusal) return missing(error.message);
      throw error;
    }
    const spent = between(began, this.#world.now());
    const pause = Math.min(spent / this.#statementsShare, longestWithoutStatements);
    this.#statementsFrom = after(began, milliseconds(pause));
    const { listed, others } = this.#growth.grown(this.#own);
    return {
      status: 'read',
      listed: listed.map((statement) => ({ ...statement, text: this.#texts.get(statement.id) ?? null })),
      others,
    };
  }

  /** Each text is asked for once: they lie in a file that the server reads as a whole. One that never ended has none yet. */
  async #learnTexts(extension: StatementsExtension, ask: Ask, waiting: readonly string[]): Promise<void> {
    const { listed } = this.#growth.grown(this.#own);
    const wanted = [...new Set([...listed.map(({ id }) => id), ...waiting.filter((id) => this.#growth.knows(id))])];
    const unknown = wanted.filter((id) => !this.#texts.has(id));
    if (unknown.length === 0) return;
    const found = await ask(textsQuestion(extension, unknown), texts);
    for (const id of unknown) {
      const text = found[id] ?? null;
      if (text?.includes(ownMark) === true) this.#own.add(id);
      this.#texts.set(id, text === null ? null : shownStatement(text));
    }
  }
}

const missing = (reason: string): Record<string, unknown> => ({ status: 'missing', reason });

type Ask = <T>(question: string, shape: z.ZodType<T>) => Promise<T>;
