// Command k6-engine is k6 as plimsoll's second load generator: k6 itself, an
// executor that keeps an open schedule (openloop), an output that speaks
// plimsoll's protocol (output), and scripts in TypeScript (tsbundle).
package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"go.k6.io/k6/cmd"

	_ "plimsoll.dev/k6-engine/openloop" // executor "open-loop"
	_ "plimsoll.dev/k6-engine/output"   // --out plimsoll=fd:3
	_ "plimsoll.dev/k6-engine/traffic"  // import … from 'k6/x/plimsoll'
	"plimsoll.dev/k6-engine/tsbundle"
)

// standardOutput stays open: an unreferenced file is closed.
var standardOutput = os.Stdout //nolint:gochecknoglobals

// scriptException is k6's own exit code for a script that can't be run.
const scriptException = 107

func main() {
	forgetSettings()
	if err := tsbundle.Hook(); err != nil {
		fmt.Fprintln(os.Stderr, "plimsoll:", err)
		os.Exit(scriptException)
	}
	// Standard output may be what the lines are written to: k6 shall not add to it.
	os.Stdout = os.Stderr
	defer runtime.KeepAlive(standardOutput)
	cmd.Execute()
}

// forgetSettings removes k6's own variables: one of them (K6_VUS, K6_DURATION …)
// silently replaces all scenarios, others change connections or fetch extensions.
func forgetSettings() {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "K6_") {
			_ = os.Unsetenv(name)
		}
	}
	_ = os.Setenv("K6_AUTO_EXTENSION_RESOLUTION", "false")
	_ = os.Setenv("K6_NO_USAGE_REPORT", "true")
}
