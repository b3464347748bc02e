package arrivals

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

type golden struct {
	ServiceMs float64 `json:"serviceMs"`
	Every     int     `json:"every"`
	Random    []struct {
		Seed        int64     `json:"seed"`
		Stream      uint32    `json:"stream"`
		Next        []float64 `json:"next"`
		Exponential float64   `json:"exponential"`
	} `json:"random"`
	Cases []struct {
		Profile Profile      `json:"profile"`
		Seed    int64        `json:"seed"`
		ByStage []int        `json:"byStage"`
		Due     [][3]float64 `json:"due"`
	} `json:"cases"`
}

// The file is written by engine-arrivals.test.ts from the TypeScript arithmetic.
func readGolden(t *testing.T) golden {
	t.Helper()
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	if len(g.Cases) < 8 || len(g.Random) < 3 {
		t.Fatalf("only %d cases and %d streams", len(g.Cases), len(g.Random))
	}
	return g
}

func TestRandomIsTheOneOfTypeScript(t *testing.T) {
	for _, want := range readGolden(t).Random {
		if got := StreamSeed(want.Seed, -3); got != want.Stream {
			t.Errorf("stream of seed %d: %d, not %d", want.Seed, got, want.Stream)
		}
		r := NewRandom(want.Stream)
		for i, value := range want.Next {
			if got := r.Next(); got != value {
				t.Errorf("seed %d, draw %d: %v, not %v", want.Seed, i, got, value)
			}
		}
		if got := r.Exponential(); math.Abs(got/want.Exponential-1) > 1e-12 {
			t.Errorf("seed %d: exponential %v, not %v", want.Seed, got, want.Exponential)
		}
	}
}

func TestDueTimesAreThoseOfTypeScript(t *testing.T) {
	g := readGolden(t)
	for i := range g.Cases {
		c := &g.Cases[i]
		if faults := c.Profile.Validate(); faults != nil {
			t.Fatalf("case %d: %v", i, faults)
		}
		byStage, due := play(Of(&c.Profile, c.Seed), &c.Profile, g.ServiceMs, g.Every)
		for stage, want := range c.ByStage {
			if byStage[stage] != want {
				t.Errorf("case %d, stage %d: %d due, not %d", i, stage, byStage[stage], want)
			}
		}
		if len(due) != len(c.Due) {
			t.Errorf("case %d: %d due times, not %d", i, len(due), len(c.Due))
			continue
		}
		for j, want := range c.Due {
			// A nanosecond of 10 s is 1e-10; compilers may fuse operations.
			if math.Abs(due[j][0]-want[0]) > 1e-7 || due[j][1] != want[1] || due[j][2] != want[2] {
				t.Errorf("case %d, due time %d: %v, not %v", i, j*g.Every, due[j], want)
				break
			}
		}
	}
}

func play(a Arrivals, p *Profile, serviceMs float64, every int) (byStage []int, due [][3]float64) {
	type answer struct {
		at   float64
		user int
	}
	var answers []answer
	edges := p.Starts()[:len(p.Stages)]
	byStage = make([]int, len(p.Stages))
	for stage, count := 0, 0; ; {
		edge, answered := math.Inf(1), math.Inf(1)
		if stage < len(edges) {
			edge = edges[stage]
		}
		if len(answers) > 0 {
			answered = answers[0].at
		}
		switch at := a.NextAt(); {
		case math.IsInf(min(edge, answered, at), 1):
			return byStage, due
		case edge <= min(answered, at):
			a.Enter(stage, edge)
			stage++
		case answered <= at:
			a.Ended(answers[0].user, answered)
			answers = answers[1:]
		default:
			inStage, user := a.NextStage(), a.NextUser()
			a.Advance()
			byStage[inStage]++
			if count%every == 0 {
				due = append(due, [3]float64{at, float64(inStage), float64(user)})
			}
			count++
			if user >= 0 {
				answers = append(answers, answer{at + serviceMs, user})
			}
		}
	}
}

func TestFaultsOfAProfileAreAllNamed(t *testing.T) {
	p := Profile{Kind: "open", Arrivals: "odd", Stages: []Stage{{DurationMs: -1}, {StartPerSecond: math.NaN()}}}
	if got := len(p.Validate()); got != 3 {
		t.Errorf("%d faults: %v", got, p.Validate())
	}
	if got := (&Profile{Kind: "half"}).Validate(); len(got) != 2 {
		t.Errorf("%v", got)
	}
}
