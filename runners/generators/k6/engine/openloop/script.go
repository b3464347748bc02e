package openloop

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.k6.io/k6/errext"
	"go.k6.io/k6/lib/netext/httpext"
	"go.k6.io/k6/metrics"

	"plimsoll.dev/k6-engine/ledger"
	"plimsoll.dev/k6-engine/traffic"
	"plimsoll.dev/k6-engine/wire"
)

// ScriptConfig is set where the load is a user's script, each iteration of which
// is one entry of the books.
type ScriptConfig struct {
	// TimeoutMs bounds each of its HTTP requests.
	TimeoutMs float64 `json:"timeoutMs"`
	// Headers that each of them carries, beside StageHeader.
	Headers     map[string]string `json:"headers"`
	StageHeader string            `json:"stageHeader"`
	// Root is what the paths of the user's files begin with in a stack.
	Root string `json:"root"`
}

// Kinds of failure that only a script has.
const (
	scriptError = "script-error"
	failedCheck = "failed-check"
)

// script follows one VU through the iterations of a user's script: what k6 says of
// each step is counted in the second and stage of its iteration, and the first
// thing that went wrong is what the iteration ends as.
type script struct {
	config  *ScriptConfig
	turn    *traffic.Script
	steps   *ledger.Steps
	samples chan metrics.SampleContainer
	headers map[int]map[string]string

	mu    sync.Mutex
	at    ledger.StepKey
	fault *fault
	// over: what was under way when the load ended is counted, and ends no second time.
	over bool
}

type fault struct {
	outcome ledger.Outcome
	failure string
	status  string
}

// samplesAtOnce lets a script go on while its samples are looked at.
const samplesAtOnce = 64

func newScript(config *ScriptConfig, steps *ledger.Steps, connections *wire.Connections) *script {
	samples := make(chan metrics.SampleContainer, samplesAtOnce)
	s := &script{
		config: config, steps: steps, samples: samples, headers: map[int]map[string]string{},
		turn: &traffic.Script{Flow: wire.NewFlow(connections, milliseconds(config.TimeoutMs)), Samples: samples},
	}
	go s.follow() // as long as the process: k6 waits for whoever takes its samples
	return s
}

// begin is called before each iteration.
func (s *script) begin(r *request) {
	headers := s.headers[r.Stage]
	if headers == nil {
		headers = wire.Headers(s.config.Headers, s.config.StageHeader, strconv.Itoa(r.Stage))
		s.headers[r.Stage] = headers
	}
	s.turn.Flow.Begin(headers)
	s.turn.Forget()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at, s.fault = ledger.StepKey{Second: r.Second, Stage: r.Stage}, nil
}

// judge says what an iteration was that has returned, with its error or nil. Its
// state counts from the start of the load; thinking is taken out of it.
func (s *script) judge(state wire.State, err error) judged {
	s.settle()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		if !errext.IsInterruptError(err) { // the run's own end says it
			s.steps.Remark("the script threw: " + s.config.exceptionText(err))
		}
		s.blame(fault{ledger.Failed, scriptError, ""})
	}
	state.Ended -= s.turn.Thought()
	if s.fault == nil {
		return judged{state: state, outcome: string(ledger.Done)}
	}
	return judged{state: state, outcome: string(s.fault.outcome), failure: s.fault.failure, status: s.fault.status}
}

// cut counts what an iteration still has under way when the load is over.
func (s *script) cut() {
	s.settle()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	for _, each := range s.turn.Flow.UnderWay() {
		at := s.at
		at.Kind, at.Name = "http", routeOf(each[0], each[1])
		s.steps.Add(at, ledger.InFlight, "", 0, -1)
	}
}

// blame: with the lock held. The first fault is the cause, later ones its consequences.
func (s *script) blame(f fault) {
	if s.fault == nil {
		s.fault = &f
	}
}

// mark is a container without samples: when it is through, so is all before it.
type mark chan struct{}

func (mark) GetSamples() []metrics.Sample { return nil }

// settle returns when every sample that was pushed is counted.
func (s *script) settle() {
	passed := make(mark)
	s.samples <- passed
	<-passed
}

func (s *script) follow() {
	for container := range s.samples {
		switch c := container.(type) {
		case mark:
			close(c)
		case *httpext.Trail:
			s.answered(c)
		default:
			for _, sample := range c.GetSamples() {
				s.sampled(sample)
			}
		}
	}
}

// answered: an HTTP request has ended.
func (s *script) answered(trail *httpext.Trail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return
	}
	at := s.at
	at.Kind, at.Name = "http", stepName(tag(trail.Tags, "method"), tag(trail.Tags, "name"))
	status, _ := strconv.Atoi(tag(trail.Tags, "status"))
	switch {
	case status == 0:
		s.unanswered(at, s.turn.Flow.Failure())
	case !trail.Failed.Bool:
		s.steps.Add(at, ledger.Done, "", 0, trail.Duration)
	default:
		s.unexpected(at, status, trail.Duration)
	}
}

// unanswered: with the lock held, as is the next.
func (s *script) unanswered(at ledger.StepKey, failure string) {
	s.steps.Add(at, ledger.Failed, failure, 0, -1)
	s.blame(fault{ledger.Failed, failure, ""})
}

func (s *script) unexpected(at ledger.StepKey, status int, took time.Duration) {
	f := fault{ledger.Failed, wire.UnexpectedStatus, strconv.Itoa(status)}
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		f = fault{ledger.Shed, "", strconv.Itoa(status)}
	}
	s.steps.Add(at, f.outcome, f.failure, status, took)
	s.blame(f)
}

// sampled: a step of another kind has ended.
func (s *script) sampled(sample metrics.Sample) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return
	}
	at, took := s.at, time.Duration(sample.Value*float64(time.Millisecond))
	switch sample.Metric.Name {
	case metrics.GroupDurationName:
		took -= s.turn.ThoughtIn(sample.Time.Add(-took), sample.Time)
		at.Kind, at.Name = "group", strings.ReplaceAll(strings.TrimPrefix(tag(sample.Tags, "group"), "::"), "::", " / ")
		s.steps.Add(at, ledger.Done, "", 0, took)
	case metrics.ChecksName:
		at.Kind, at.Name = "check", tag(sample.Tags, "check")
		if sample.Value != 0 {
			s.steps.Add(at, ledger.Done, "", 0, -1)
			return
		}
		s.steps.Add(at, ledger.Failed, failedCheck, 0, -1)
		s.blame(fault{ledger.Failed, failedCheck, ""})
	case metrics.WSSessionDurationName:
		at.Kind, at.Name = "websocket", stepName("", tag(sample.Tags, "name"))
		if at.Name == "" {
			at.Name = stepName("", tag(sample.Tags, "url"))
		}
		switch status, _ := strconv.Atoi(tag(sample.Tags, "status")); status {
		case http.StatusSwitchingProtocols:
			s.steps.Add(at, ledger.Done, "", 0, took)
		case 0:
			s.unanswered(at, wire.RequestError)
		default:
			s.unexpected(at, status, took)
		}
	case metrics.GRPCReqDurationName:
		at.Kind, at.Name = "grpc", strings.TrimPrefix(tag(sample.Tags, "name"), "/")
		if status := tag(sample.Tags, "status"); status != "" && status != "0" {
			// Which codes a script expects it says in its checks only.
			s.steps.Add(at, ledger.Failed, wire.UnexpectedStatus, 0, took)
			return
		}
		s.steps.Add(at, ledger.Done, "", 0, took)
	}
}

func tag(tags *metrics.TagSet, name string) string {
	value, _ := tags.Get(name)
	return value
}

// stepName is the name that the script gave, or the route where it gave none: k6
// then takes the URL, and of http.url`…` the template with ${} for what changes.
func stepName(method, name string) string {
	if strings.Contains(name, "://") || strings.HasPrefix(name, placeholder+"/") {
		return routeOf(method, name)
	}
	return name
}

const placeholder = "${}"

// anyID: segments of a path that tell one thing from another of its kind.
var anyID = regexp.MustCompile(`^(\d+|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$`)

// routeOf is method and path, without the query, with {id} for numbers, UUIDs
// and what a template leaves open.
func routeOf(method, address string) string {
	address = strings.TrimPrefix(address, placeholder)
	_, path, isURL := strings.Cut(address, "://")
	if !isURL {
		path = address
	}
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		path = u.Path
	} else if slash := strings.IndexByte(path, '/'); slash >= 0 {
		path, _, _ = strings.Cut(path[slash:], "?")
	}
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if segment == placeholder || anyID.MatchString(segment) {
			segments[i] = "{id}"
		}
	}
	route := strings.Join(segments, "/")
	if route == "" {
		route = "/"
	}
	return strings.TrimSpace(method + " " + route)
}

// place is file, line and column in a stack of k6; what follows in brackets is an
// address in its own code.
var place = regexp.MustCompile(`([^\s()]+:\d+:\d+)\(\d+\)`)

// withoutRoot is what a text says with the paths of the user's files as the user knows them.
func (c *ScriptConfig) withoutRoot(text string) string {
	return strings.ReplaceAll(text, "file://"+c.Root, "")
}

// exceptionText is what an exception of a script says, with the place in the user's file.
func (c *ScriptConfig) exceptionText(err error) string {
	text := strings.TrimPrefix(firstLine(err), "GoError: ")
	for _, found := range place.FindAllStringSubmatch(err.Error(), -1) {
		if own, isOwn := strings.CutPrefix(strings.TrimPrefix(found[1], "file://"), c.Root); isOwn {
			return text + " (" + own + ")"
		}
	}
	return text
}
