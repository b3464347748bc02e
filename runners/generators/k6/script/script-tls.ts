/** How the script talks https; which authorities are trusted is settled outside of it. */
export interface ScriptTls {
  /** PEM files of the client, both or none. */
  readonly certificateFile: string | null;
  readonly keyFile: string | null;
  /** Certificates are not checked. */
  readonly insecure: boolean;
}
