package arrivals

import (
	"container/heap"
	"math"
)

// users of a closed loop: each asks, waits for the end, thinks (exponential,
// from a stream of its own), asks again. Users that a stage no longer wants
// stop after their answer; new ones begin with a think time.
type users struct {
	profile *Profile
	end     float64
	random  []*Random
	// away: not in the load at present.
	away     []bool
	thinking thoughts
}

type thought struct {
	at   float64
	user int
}

func newUsers(p *Profile, seed int64) *users {
	most := 0
	for _, s := range p.Stages {
		most = max(most, s.Users)
	}
	u := &users{profile: p, random: make([]*Random, most), away: make([]bool, most)}
	u.end = p.Starts()[len(p.Stages)]
	for user := range most {
		u.random[user] = NewRandom(StreamSeed(seed, int64(-1-user)))
		u.away[user] = true
	}
	return u
}

func (u *users) NextAt() float64 {
	if len(u.thinking) == 0 {
		return math.Inf(1)
	}
	return u.thinking[0].at
}

func (u *users) NextStage() int { return max(0, u.profile.StageAt(u.NextAt())) }

func (u *users) NextUser() int {
	if len(u.thinking) == 0 {
		return -1
	}
	return u.thinking[0].user
}

func (u *users) Advance() { heap.Pop(&u.thinking) }

func (u *users) Enter(stage int, at float64) {
	for user := range u.profile.Stages[stage].Users {
		if u.away[user] {
			u.away[user] = false
			u.think(user, at)
		}
	}
}

func (u *users) Ended(user int, at float64) {
	if user >= 0 {
		u.think(user, at)
	}
}

func (u *users) think(user int, from float64) {
	at := from
	if u.profile.ThinkTimeMs > 0 {
		at += u.profile.ThinkTimeMs * u.random[user].Exponential()
	}
	stage := u.profile.StageAt(at)
	if at >= u.end || stage < 0 || user >= u.profile.Stages[stage].Users {
		u.away[user] = true
		return
	}
	heap.Push(&u.thinking, thought{at, user})
}

// thoughts is a heap, soonest first; of equal instants the lower user first.
type thoughts []thought

func (t thoughts) Len() int { return len(t) }
func (t thoughts) Less(i, j int) bool {
	return t[i].at < t[j].at || t[i].at == t[j].at && t[i].user < t[j].user
}
func (t thoughts) Swap(i, j int)  { t[i], t[j] = t[j], t[i] }
func (t *thoughts) Push(item any) { *t = append(*t, item.(thought)) } //nolint:forcetypeassert // heap's contract
func (t *thoughts) Pop() any {
	last := (*t)[len(*t)-1]
	*t = (*t)[:len(*t)-1]
	return last
}
