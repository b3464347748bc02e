import type { Client } from 'pg';
import { z } from 'zod';
import { messageOf } from '../../model/message-of.ts';
import { type Milliseconds, seconds } from '../../model/units.ts';
import { ownMark } from './postgres-questions.ts';

const statementTimeout = seconds(1);
/** A little more than the server's own limit, so that it is the server that says so. */
const answerTimeout = seconds(2);

const answers = z.tuple([
  z.unknown(),
  z.object({ rows: z.tuple([z.object({ answer: z.string() })]) }).transform(({ rows }) => rows),
]);

/** A question that PostgreSQL or the way to it did not answer; nothing secret is in its message. */
export class PostgresRefusal extends Error {}

export interface PostgresConnection {
  /** The one value that the question asks for. @throws PostgresRefusal */
  ask<T>(question: string, shape: z.ZodType<T>): Promise<T>;
  /** Bytes of the last answer. */
  readonly answered: number;
  /** Whether it is of no more use. */
  readonly broken: boolean;
  close(): void;
}

/**
 * Two statements in one message are one transaction: what is set for it is gone after it, so that nothing is left behind on a
 * server that a pooler shares among clients. A `begin`, `set` and `commit` of ours would be counted with those of the service.
 */
const limits = `select ${ownMark} set_config('statement_timeout', '${statementTimeout}', true),
  set_config('transaction_read_only', 'on', true)`;

/** A connection for reading alone: each question in a read-only transaction of its own, a second long at most. @throws PostgresRefusal */
export async function connectPostgres(url: string, patience: Milliseconds): Promise<PostgresConnection> {
  // Most runs have no database to ask, and the driver takes its time to load.
  const { Client: PostgresClient } = await import('pg');
  let client: Client;
  try {
    client = new PostgresClient({
      connectionString: url,
      application_name: 'plimsoll',
      connectionTimeoutMillis: patience,
      query_timeout: answerTimeout,
    });
  } catch (error) {
    throw refusal(error, url);
  }
  let broken = false;
  let answered = 0;
  // Without a listener a connection that is cut would end the process.
  client.on('error', () => (broken = true));
  client.on('end', () => (broken = true));
  const close = (): void => {
    broken = true;
    // It ends with the socket; nobody has to wait for that.
    client.end().catch(() => undefined);
  };
  try {
    await client.connect();
  } catch (error) {
    close();
    throw refusal(error, url);
  }
  return {
    get answered() {
      return answered;
    },
    get broken() {
      return broken;
    },
    close,
    async ask(question, shape) {
      let results: unknown;
      try {
        results = await client.query(`${limits}; ${question}`);
      } catch (error) {
        throw refusal(error, url);
      }
      // A list of results, one for each statement, which the types of the driver do not know.
      const [, [{ answer }]] = answers.parse(results);
      answered = Buffer.byteLength(answer);
      return shape.parse(JSON.parse(answer));
    },
  };
}

/** Says why, without the password and the user's name, which the server repeats. */
function refusal(error: unknown, url: string): PostgresRefusal {
  const reasons = error instanceof AggregateError ? error.errors.map(messageOf) : [messageOf(error)];
  const { code } = z.object({ code: z.string() }).safeParse(error).data ?? { code: '' };
  let text = [...new Set(reasons)].join('; ');
  for (const secret of [url, ...passwordsOf(url)]) if (secret !== '') text = text.replaceAll(secret, '[not shown]');
  text = text.replaceAll(/\b(user|role) "[^"]*"/g, '$1 "…"');
  return new PostgresRefusal(text === '' ? code : text);
}

function passwordsOf(url: string): string[] {
  const parsed = URL.parse(url);
  if (parsed === null) return [];
  const given = [parsed.password, parsed.searchParams.get('password') ?? ''];
  return given.flatMap((password) => [password, decoded(password)]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
