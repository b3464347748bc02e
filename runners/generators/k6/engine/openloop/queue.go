package openloop

// queue is first in, first out, in a ring that grows by doubling.
type queue struct {
	ring       []*request
	head, size int
}

func (q *queue) push(r *request) {
	if q.size == len(q.ring) {
		grown := make([]*request, max(64, 2*q.size))
		n := copy(grown, q.ring[q.head:])
		copy(grown[n:], q.ring[:q.head])
		q.ring, q.head = grown, 0
	}
	q.ring[(q.head+q.size)%len(q.ring)] = r
	q.size++
}

// shift gives nil where nothing waits.
func (q *queue) shift() *request {
	if q.size == 0 {
		return nil
	}
	r := q.ring[q.head]
	q.ring[q.head] = nil
	q.head = (q.head + 1) % len(q.ring)
	q.size--
	return r
}
