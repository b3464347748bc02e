// Package output is the k6 output "plimsoll": it opens the stream that the lines
// of the protocol are written to (--out plimsoll=fd:3, or a file) and says on it
// why a run failed. The lines themselves are made by the executor, which alone
// knows what was due.
package output

import (
	"errors"
	"sync/atomic"

	"go.k6.io/k6/errext"
	"go.k6.io/k6/metrics"
	"go.k6.io/k6/output"

	"plimsoll.dev/k6-engine/protocol"
)

func init() { output.RegisterExtension("plimsoll", New) }

var current atomic.Pointer[protocol.Stream] //nolint:gochecknoglobals // k6 hands nothing from output to executor

// Stream is the one that the running output has opened; nil without.
func Stream() *protocol.Stream { return current.Load() }

// Output implements k6's output.Output and WithStopWithTestError.
type Output struct {
	target string
	stream *protocol.Stream
}

// New takes the target from --out plimsoll=TARGET.
func New(params output.Params) (output.Output, error) {
	if params.ConfigArgument == "" {
		return nil, errors.New("needs a target: --out plimsoll=fd:3 or --out plimsoll=FILE")
	}
	return &Output{target: params.ConfigArgument}, nil
}

// Description is shown by k6.
func (o *Output) Description() string { return "plimsoll (" + o.target + ")" }

// Start opens the stream.
func (o *Output) Start() (err error) {
	if o.stream, err = protocol.OpenStream(o.target); err != nil {
		return err
	}
	current.Store(o.stream)
	return nil
}

// AddMetricSamples takes nothing: k6's samples know no due times, and a request
// that is cut has none at all.
func (o *Output) AddMetricSamples([]metrics.SampleContainer) {}

// Stop is for runs that k6 ended without a word.
func (o *Output) Stop() error { return o.StopWithTestError(nil) }

// StopWithTestError writes why the run ended, unless the executor has said how.
func (o *Output) StopWithTestError(runError error) error {
	failed := protocol.Failed{
		Kind:   "failed",
		Reason: "k6 ended without a load",
		Hint:   "the script needs a scenario of the executor open-loop",
	}
	if runError != nil {
		text, fields := errext.Format(runError)
		failed.Reason, failed.Hint = text, "see generator.log in the run folder"
		if hint, ok := fields["hint"].(string); ok && hint != "" {
			failed.Hint = hint
		}
	}
	return o.stream.End(failed)
}
