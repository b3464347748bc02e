package openloop

import (
	"time"

	"plimsoll.dev/k6-engine/ledger"
)

// books and lines are what the output plimsoll asks for.
type books interface {
	Name(endpoint string) string
	Due(key ledger.Key, lateness time.Duration)
	Sent(key ledger.Key)
	Waited(d time.Duration)
	Ended(key ledger.Key, end ledger.End)
	Close() *ledger.Closed
}

type lines interface {
	add(second closedSecond)
	// finish returns when everything added is written.
	finish()
}

// noBooks and noLines stand in where k6 runs without the output: the schedule is
// kept, nothing is counted or said. What the output costs is measured against that.
type (
	noBooks struct{}
	noLines struct{}
)

func (noBooks) Name(endpoint string) string   { return endpoint }
func (noBooks) Due(ledger.Key, time.Duration) {}
func (noBooks) Sent(ledger.Key)               {}
func (noBooks) Waited(time.Duration)          {}
func (noBooks) Ended(ledger.Key, ledger.End)  {}
func (noBooks) Close() *ledger.Closed         { return nil }
func (noLines) add(closedSecond)              {}
func (noLines) finish()                       {}
