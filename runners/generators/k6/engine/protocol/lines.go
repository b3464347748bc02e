// Package protocol writes the line protocol that every load generator of
// plimsoll speaks, defined in runners/generators/port.ts.
package protocol

// Version of the protocol.
const Version = 1

// Ready is the first line: code warm, connections open.
type Ready struct {
	Kind      string             `json:"kind"`
	Protocol  int                `json:"protocol"`
	Engine    Engine             `json:"engine"`
	ProcessID int                `json:"processId"`
	SelfTest  map[string]float64 `json:"selfTest"`
}

// Engine names what generates the load.
type Engine struct {
	Name    string  `json:"name"`
	Version string  `json:"version"`
	Build   *string `json:"build"`
}

// Started gives the instant of offset 0, in milliseconds since 1970.
type Started struct {
	Kind      string  `json:"kind"`
	StartedAt float64 `json:"startedAt"`
}

// Second is what became known in one second of the clock; counts and cells are
// keyed by the second of the due time.
type Second struct {
	Kind   string  `json:"kind"`
	Second int     `json:"second"`
	Counts []Count `json:"counts"`
	Cells  []Cell  `json:"cells"`
	Health Health  `json:"health"`
	// Steps and Remarks are a script's.
	Steps   []Step   `json:"steps,omitempty"`
	Remarks []string `json:"remarks,omitempty"`
}

// Count of due and sent requests.
type Count struct {
	Second   int    `json:"second"`
	Stage    int    `json:"stage"`
	Endpoint string `json:"endpoint"`
	Due      int    `json:"due"`
	Sent     int    `json:"sent"`
}

// Cell holds the requests that ended alike. Histograms are HdrHistogram V2 in
// base64, in µs, and null where there is nothing to measure.
type Cell struct {
	Second   int     `json:"second"`
	Stage    int     `json:"stage"`
	Endpoint string  `json:"endpoint"`
	Outcome  string  `json:"outcome"`
	Failure  *string `json:"failure"`
	Count    int     `json:"count"`
	// Statuses are answers by code or by its name, where the status decided the outcome.
	Statuses     map[string]int `json:"statuses"`
	ResponseTime *string        `json:"responseTime"`
	ServiceTime  *string        `json:"serviceTime"`
}

// Step holds steps of a script's iterations that ended alike, in the second and
// stage of their iteration.
type Step struct {
	Second      int         `json:"second"`
	Stage       int         `json:"stage"`
	Kind        string      `json:"kind"`
	Name        string      `json:"name"`
	Outcome     string      `json:"outcome"`
	Failure     *string     `json:"failure"`
	Count       int         `json:"count"`
	Statuses    map[int]int `json:"statuses"`
	ServiceTime *string     `json:"serviceTime"`
}

// Health is what the generator says of itself.
type Health struct {
	Second              int     `json:"second"`
	Stage               int     `json:"stage"`
	CPUMs               float64 `json:"cpuMs"`
	Lateness            *string `json:"lateness"`
	ConnectionWait      *string `json:"connectionWait"`
	WaitedForConnection int     `json:"waitedForConnection"`
	QueueLengthMax      int     `json:"queueLengthMax"`
	InFlightMax         int     `json:"inFlightMax"`
	ConnectionsOpen     int     `json:"connectionsOpen"`
	ConnectsTotal       int     `json:"connectsTotal"`
	StallMaxMs          float64 `json:"stallMaxMs"`
	RSSBytes            int64   `json:"rssBytes"`
}

// Failed: something of the generator itself broke. It ends after this.
type Failed struct {
	Kind   string `json:"kind"`
	Reason string `json:"reason"`
	Hint   string `json:"hint"`
}

// Finished is the last line.
type Finished struct {
	Kind    string  `json:"kind"`
	EndedAt float64 `json:"endedAt"`
	Reason  string  `json:"reason"`
}

// Command is a line that the conductor writes.
type Command struct {
	Kind   string `json:"kind"`
	Reason string `json:"reason"`
}
