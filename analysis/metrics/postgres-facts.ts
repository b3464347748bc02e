/** What the readings of a database say that is no series. */
export interface PostgresFacts {
  readonly version: string;
  /** False: the role may look into its own sessions only. */
  readonly seesAll: boolean;
  /** Texts of statements by their id; null where the server did not give it. */
  readonly texts: ReadonlyMap<string, string | null>;
  /** Why statements were not read; null where they were. */
  readonly statementsMissing: string | null;
}
