import { z } from 'zod';
import { type Captured, captureFailed, captured } from '../../model/measurements.ts';
import { referredVariable } from '../store/secrets.ts';
import type { PostgresSecrets } from './postgres-collector.ts';
import { type PostgresConnection, PostgresRefusal, connectPostgres } from './postgres-connection.ts';
import { countersQuestion, extensionRefusal } from './postgres-questions.ts';
import { type ServerFacts, askServer, connectPatience } from './postgres-server.ts';

/** What a PostgreSQL lets be known to the role that asks. */
export interface PostgresProbe {
  readonly version: string;
  readonly maxConnections: number;
  /** Of these for administrators. */
  readonly reservedConnections: number;
  /** Whether sessions of other roles are seen as well. */
  readonly seesAllSessions: boolean;
  /** Whether the counters of statements can be read: the version of pg_stat_statements. */
  readonly statements: Captured<string>;
}

/**
 * Asks once, reading only; never throws for what the server or the way to it does.
 *
 * @param url `env:NAME`: the variable that holds the connection string
 */
export async function probePostgres(
  url: string,
  secrets: PostgresSecrets,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Captured<PostgresProbe>> {
  const variable = referredVariable(url);
  const value = variable === null ? '' : (secrets[variable] ?? environment[variable] ?? '');
  if (variable === null) return captureFailed('it has to name a variable, such as env:DATABASE_URL');
  if (value === '') return captureFailed(`${variable} is not set`);
  let connection: PostgresConnection | null = null;
  try {
    connection = await connectPostgres(value, connectPatience);
    const facts = await askServer(connection);
    return captured({
      version: facts.version,
      maxConnections: facts.maxConnections,
      reservedConnections: facts.reservedConnections,
      seesAllSessions: facts.seesAll,
      statements: await statementsOf(connection, facts),
    });
  } catch (error) {
    return captureFailed(reasonOf(error));
  } finally {
    connection?.close();
  }
}

/** They are created in a database and yet of no use where the server does not load them. */
async function statementsOf(connection: PostgresConnection, { statements }: ServerFacts): Promise<Captured<string>> {
  if (statements === null) return captureFailed('pg_stat_statements is not installed in this database');
  const refused = extensionRefusal(statements);
  if (refused !== null) return captureFailed(refused);
  try {
    await connection.ask(countersQuestion(statements), z.array(z.unknown()));
    return captured(statements.version);
  } catch (error) {
    return captureFailed(reasonOf(error));
  }
}

/** What is not about the server is a fault of ours. */
function reasonOf(error: unknown): string {
  if (error instanceof PostgresRefusal) return error.message;
  if (error instanceof z.ZodError) return 'an answer that is not PostgreSQL’s';
  throw error;
}
