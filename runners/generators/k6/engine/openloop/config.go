// Package openloop is the k6 executor "open-loop": requests come due on the
// plan's schedule whether or not earlier ones were answered, wait for a free VU
// (one connection each) in a bounded queue, and are counted from their due time.
// It writes the lines of plimsoll's protocol to the output "plimsoll" and takes
// its commands from standard input.
package openloop

import (
	"errors"
	"fmt"
	"time"

	"github.com/sirupsen/logrus"
	"go.k6.io/k6/lib"
	"go.k6.io/k6/lib/executor"
	"gopkg.in/guregu/null.v3"

	"plimsoll.dev/k6-engine/arrivals"
	"plimsoll.dev/k6-engine/calls"
	"plimsoll.dev/k6-engine/ledger"
)

const kind = "open-loop"

func init() {
	lib.RegisterExecutorConfigType(kind, func(name string, raw []byte) (lib.ExecutorConfig, error) {
		config := &Config{BaseConfig: executor.NewBaseConfig(name, kind)}
		return config, lib.StrictJSONUnmarshal(raw, config)
	})
}

// Config of a scenario, from the plan.
type Config struct {
	executor.BaseConfig
	Profile arrivals.Profile `json:"profile"`
	Seed    int64            `json:"seed"`
	// Connections is the number of VUs that send, each with one connection.
	Connections int64 `json:"connections"`
	// Address (host:port) that connections are opened to ahead; "" opens none.
	Address string `json:"address"`
	// QueueLimit is how many may wait for a connection; null is no limit.
	QueueLimit null.Int `json:"queueLimit"`
	GraceMs    float64  `json:"graceMs"`
	// Endpoint is the name of all requests; null where they have several.
	Endpoint null.String `json:"endpoint"`
	// Rehearse before the load, on a server of the engine's own. The script must send
	// no more than its one request by k6/http, whatever answers.
	Rehearse bool `json:"rehearse"`
	// Script is null where each iteration is one request.
	Script *ScriptConfig `json:"script"`
	// Calls is what is known of the gRPC service; null where requests are HTTP.
	Calls *calls.Config `json:"calls"`
	// Build of the engine, for the record.
	Build null.String `json:"build"`
}

// Validate gives every fault.
func (c *Config) Validate() []error {
	faults := append(c.BaseConfig.Validate(), c.Profile.Validate()...)
	if c.Connections < 1 {
		faults = append(faults, errors.New("connections must be 1 or more"))
	}
	if c.QueueLimit.Int64 < 0 || !(c.GraceMs >= 0) {
		faults = append(faults, errors.New("queueLimit and graceMs must not be negative"))
	}
	return faults
}

func (c *Config) length() time.Duration {
	return milliseconds(c.Profile.Starts()[len(c.Profile.Stages)])
}
func (c *Config) grace() time.Duration { return milliseconds(c.GraceMs) }

// vus: one more asks for the names of requests that wait.
func (c *Config) vus() uint64 { return uint64(c.Connections) + 1 } //nolint:gosec // 1 or more

// GetDescription is shown by k6.
func (c *Config) GetDescription(*lib.ExecutionTuple) string {
	return fmt.Sprintf("%s arrivals, %d stages, %s (connections: %d)",
		c.Profile.Kind, len(c.Profile.Stages), c.length(), c.Connections)
}

// GetExecutionRequirements asks for the VUs. k6 sets no deadline by it.
func (c *Config) GetExecutionRequirements(*lib.ExecutionTuple) []lib.ExecutionStep {
	return []lib.ExecutionStep{{PlannedVUs: c.vus()}, {TimeOffset: c.length() + c.grace()}}
}

// IsDistributable: execution segments would each drive the whole schedule.
func (c *Config) IsDistributable() bool { return false }

// HasWork is always so.
func (c *Config) HasWork(*lib.ExecutionTuple) bool { return true }

// NewExecutor is called once a run.
func (c *Config) NewExecutor(state *lib.ExecutionState, log *logrus.Entry) (lib.Executor, error) {
	return &Executor{BaseExecutor: executor.NewBaseExecutor(c, state, log), config: c, state: state, steps: ledger.NewSteps()}, nil
}

func milliseconds(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

func inMilliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
