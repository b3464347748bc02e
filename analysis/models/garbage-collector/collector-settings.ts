/** What a Go process is told about its garbage collector, and the processors it has. */
export interface CollectorSettings {
  /** GOGC in per cent, above 0; Infinity: off. */
  readonly gogcPercent: number;
  /** GOMEMLIMIT in bytes; Infinity: none. */
  readonly memoryLimitBytes: number;
  /** GOMAXPROCS. */
  readonly processors: number;
}
