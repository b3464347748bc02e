import { z } from 'zod';
import { type Milliseconds, seconds } from '../../model/units.ts';
import { type PostgresConnection, PostgresRefusal } from './postgres-connection.ts';
import { factsQuestion } from './postgres-questions.ts';

const count = z.number();
const factsShape = z.object({
  version: z.string(),
  versionNumber: count,
  maxConnections: count,
  reservedConnections: count,
  seesAll: z.boolean(),
  statements: z.object({ schema: z.string(), version: z.string() }).nullable(),
});

/** What does not change while a server runs. */
export type ServerFacts = z.infer<typeof factsShape>;

/** Its columns of times and query ids are what all questions rest on. */
const oldestVersion = 140_000;

/** How long a server may take to accept a connection. */
export const connectPatience: Milliseconds = seconds(5);

/** @throws PostgresRefusal for a server that is too old, too */
export async function askServer(connection: Pick<PostgresConnection, 'ask'>): Promise<ServerFacts> {
  const known = await connection.ask(factsQuestion, factsShape);
  if (known.versionNumber < oldestVersion) throw new PostgresRefusal(`PostgreSQL ${known.version} is older than 14`);
  return known;
}
