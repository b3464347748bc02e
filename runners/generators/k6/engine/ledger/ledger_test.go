package ledger

import (
	"fmt"
	"testing"
	"time"
)

func TestWhatIsClosedAddsUp(t *testing.T) {
	l := New()
	ends := []End{
		{Outcome: Done, Response: time.Millisecond, Service: time.Millisecond},
		{Outcome: Failed, Failure: "timeout", Response: time.Second, Service: -1},
		{Outcome: Shed, Status: "503", Response: time.Millisecond},
		{Outcome: Dropped},
		{Outcome: InFlight},
	}
	due, ended, lateness := 0, map[Outcome]int{}, 0
	gather := func() {
		closed := l.Close()
		for _, c := range closed.Counts {
			due += c.Due
		}
		for _, c := range closed.Cells {
			ended[c.Outcome] += c.Count
			if statuses := c.Statuses["503"]; c.Outcome == Shed && statuses != c.Count || c.Outcome != Shed && c.Statuses != nil {
				t.Errorf("%s: %v", c.Outcome, c.Statuses)
			}
			measured := c.Outcome != Dropped && c.Outcome != InFlight
			if (c.ResponseTime != nil) != measured {
				t.Errorf("%s: a response time: %v", c.Outcome, c.ResponseTime != nil)
			}
			if measured && c.ResponseTime.Total() != c.Count {
				t.Errorf("%s: %d response times of %d", c.Outcome, c.ResponseTime.Total(), c.Count)
			}
			if c.Failure == "timeout" && c.ServiceTime.Total() != 0 {
				t.Error("a service time of a request that was never sent")
			}
			if measured {
				l.Recycle(c.ResponseTime)
				l.Recycle(c.ServiceTime)
			}
		}
		lateness += closed.Lateness.Total()
		l.Recycle(closed.Lateness)
		l.Recycle(closed.ConnectionWait)
	}
	for i := range 1000 {
		key := Key{Second: i / 100, Stage: i / 500, Endpoint: fmt.Sprint(i % 3)}
		l.Due(key, time.Microsecond)
		l.Ended(key, ends[i%len(ends)])
		if i%70 == 0 {
			gather()
		}
	}
	gather()
	if due != 1000 || lateness != 1000 || l.Open() != 0 {
		t.Errorf("%d due, %d late, %d open", due, lateness, l.Open())
	}
	for _, end := range ends {
		if ended[end.Outcome] != 200 {
			t.Errorf("%s: %d", end.Outcome, ended[end.Outcome])
		}
	}
}

func TestNamesPastTheLimitAreFiledTogether(t *testing.T) {
	l := New()
	kept := map[string]bool{}
	for i := range 2 * MostEndpoints {
		kept[l.Name(fmt.Sprint(i))] = true
	}
	if len(kept) != MostEndpoints || !kept[OtherEndpoints] || l.Name("3") != "3" || l.Name(Unbuilt) != Unbuilt {
		t.Errorf("%d names", len(kept))
	}
}
