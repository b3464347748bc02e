/**
 * Functions below which a Go process does nothing but tell of itself. A sample with one of them anywhere on its stack is
 * CPU spent on being watched. They are names of functions that serve or write; what merely wraps a service's own work is
 * left out on purpose: `promhttp.InstrumentHandler…` and `runtime/pprof.Do` stand on the stack of every request.
 */
const collecting: readonly RegExp[] = [
  // client_golang: the handler, and the goroutines that gather for it.
  /^github\.com\/prometheus\/client_golang\/prometheus\/promhttp\.HandlerFor/,
  /^github\.com\/prometheus\/client_golang\/prometheus\.\(\*Registry\)\.Gather\b/,
  // Its rival without dependencies.
  /^github\.com\/VictoriaMetrics\/metrics\.(?:\(\*Set\)\.)?Write\w*(?:Prometheus|Metrics)\b/,
  /^expvar\.expvarHandler\b/,
  // The package holds handlers only.
  /^net\/http\/pprof\./,
  // The goroutine that reads a CPU profile's samples is nobody's callee.
  /^runtime\/pprof\.(?:profileWriter|StartCPUProfile|StopCPUProfile|WriteHeapProfile|\(\*Profile\)\.WriteTo)\b/,
  // Metrics pages that were written without a library.
  /^runtime\/metrics\.Read\b/,
  /^runtime\.ReadMemStats\b/,
];

/** Whether a function serves whoever watches the process rather than its users. */
export function isCollecting(functionName: string): boolean {
  return collecting.some((pattern) => pattern.test(functionName));
}
