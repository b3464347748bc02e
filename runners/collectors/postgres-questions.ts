import { seconds } from '../../model/units.ts';

/**
 * What is asked of PostgreSQL. Each answer is one row with one JSON value as text, so that no type has to be converted. The
 * comment lets a person see in the server's views who asks, and lets us leave ourselves out; the server drops one that stands
 * in front of the first word.
 */
export const ownMark = '/* plimsoll */';

/** `epoch` of an interval is in seconds. */
const inMilliseconds = seconds(1);

const ask = (value: string): string => `select ${ownMark} (${value})::text as answer`;

/** Asked once per connection: none of it changes while the server runs. */
export const factsQuestion = ask(`json_build_object(
  'version', current_setting('server_version'),
  'versionNumber', current_setting('server_version_num')::int,
  'maxConnections', current_setting('max_connections')::int,
  'reservedConnections', current_setting('superuser_reserved_connections')::int
    + coalesce(current_setting('reserved_connections', true), '0')::int,
  'seesAll', pg_has_role(current_user, 'pg_read_all_stats', 'usage'),
  'statements', (select json_build_object('schema', quote_ident(nspname), 'version', extversion)
    from pg_extension join pg_namespace on pg_namespace.oid = extnamespace where extname = 'pg_stat_statements'))`);

/**
 * Sessions of clients other than ours: by state in this database, and how many the whole server has. One without a state is
 * one that this role may not look into, or that is only being opened.
 */
export const sessionsQuestion = `with ${ownMark} clients as materialized (
    select state, xact_start, state_change, query_id, datname = current_database() as here,
      state = 'active' and wait_event_type = 'Lock' as waits, state like 'idle in transaction%' as idles
    from pg_stat_activity
    where pid <> pg_backend_pid()
      and (backend_type = 'client backend' or backend_type is null and datid is not null and usesysid is not null))
  select (json_build_object(
    'sessions', (select json_build_object(
      'connections', count(*),
      'here', count(*) filter (where here),
      'hidden', count(*) filter (where here and state is null),
      'active', count(*) filter (where here and state in ('active', 'fastpath function call')),
      'idle', count(*) filter (where here and state = 'idle'),
      'idleInTransaction', count(*) filter (where here and idles),
      'lockWaits', count(*) filter (where here and waits),
      'longestTransactionMs', max(extract(epoch from clock_timestamp() - xact_start) * ${inMilliseconds}) filter (where here),
      'longestIdleInTransactionMs', max(extract(epoch from clock_timestamp() - state_change) * ${inMilliseconds})
        filter (where here and idles))
      from clients),
    'waitingStatements', (select coalesce(json_agg(json_build_object('id', id, 'sessions', n)), '[]')
      from (select query_id::text as id, count(*) as n from clients
        where here and waits and query_id is not null group by 1 order by n desc limit 5) as waiting),
    'database', (select json_build_object(
      'commits', xact_commit, 'rollbacks', xact_rollback, 'deadlocks', deadlocks, 'temporaryBytes', temp_bytes,
      'activeMs', active_time, 'idleInTransactionMs', idle_in_transaction_time)
      from pg_stat_database where datname = current_database())))::text as answer`;

/** Asked only while somebody waits: looking at all locks takes each of the server's lock tables for a moment. */
export const locksQuestion = `with ${ownMark} waiting as materialized (
    select locktype, mode, waitstart,
      case when database = (select oid from pg_database where datname = current_database()) then relation end as relation
    from pg_locks where not granted)
  select (json_build_object(
    'waiting', (select count(*) from waiting),
    'longestWaitMs', (select max(extract(epoch from clock_timestamp() - waitstart) * ${inMilliseconds}) from waiting),
    'by', (select coalesce(json_agg(json_build_object('kind', locktype, 'mode', mode, 'relation', name, 'waiting', n)), '[]')
      from (select locktype, mode, relation::regclass::text as name, count(*) as n
        from waiting group by 1, 2, 3 order by n desc limit 10) as kinds)))::text as answer`;

export interface StatementsExtension {
  /** Quoted as an identifier. */
  readonly schema: string;
  /** Such as 1.12: that of its objects in the database, which may be older than the server. */
  readonly version: string;
}

const minor = ({ version }: StatementsExtension): number => Number(/^1\.(\d+)$/.exec(version)?.[1] ?? 0);

/** Why its figures cannot be used, or null. Before 1.8 the time of planning is part of the time. */
export const extensionRefusal = (extension: StatementsExtension): string | null =>
  minor(extension) >= 8
    ? null
    : `pg_stat_statements ${extension.version} of this database is older than 1.8: ALTER EXTENSION pg_stat_statements UPDATE`;

/** Only what was asked for itself, not from within a function, so that no time counts twice. */
const ofThisDatabase = (extension: StatementsExtension): string =>
  `dbid = (select oid from pg_database where datname = current_database()) and queryid is not null${minor(extension) >= 9 ? ' and toplevel' : ''}`;

/** Counters of every statement of this database: `[id, calls, total ms, rows]`. Without texts, which lie in a file. */
export const countersQuestion = (extension: StatementsExtension): string =>
  ask(`(select coalesce(json_agg(json_build_array(id, calls, ms, rows)), '[]') from (
    select queryid::text as id, sum(calls) as calls, sum(total_exec_time) as ms, sum(rows) as rows
    from ${extension.schema}.pg_stat_statements(false) where ${ofThisDatabase(extension)} group by 1) as statements)`);

/** Texts by id. @param ids whole numbers as text */
export const textsQuestion = (extension: StatementsExtension, ids: readonly string[]): string =>
  ask(`(select coalesce(json_object_agg(id, text), '{}') from (
    select queryid::text as id, left(min(query), 4000) as text from ${extension.schema}.pg_stat_statements
    where ${ofThisDatabase(extension)} and queryid in (${ids.join(', ')}) group by 1) as statements)`);
