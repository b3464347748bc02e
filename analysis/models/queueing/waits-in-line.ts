import type { Random } from '../../../model/random.ts';
import { type QueueOrder, WaitingLine } from './waiting-line.ts';

/**
 * How long each job waits for one of c servers, all in one unit of time: the n-th comes at `dues[n]`, rising from 0, and
 * holds a server for `holds[n]`. From empty, and until all are served; several times as quick as `simulateQueue`, which
 * also knows limits, stalls and slowdowns.
 *
 * First come first served is Kiefer and Wolfowitz's recursion ("On the theory of queues with many servers", Transactions
 * of the American Mathematical Society 78, 1955). `random` says who is next in random order.
 */
export function waitsInLine(
  { dues, holds }: { readonly dues: Float64Array; readonly holds: Float64Array },
  servers: number,
  order: QueueOrder,
  random: Random,
): Float64Array {
  const waits = new Float64Array(dues.length);
  /** When each server is free again: a heap, the first of them on top. */
  const free = new Float64Array(servers);
  const serve = (job: number, now: number): void => {
    waits[job] = now - (dues[job] ?? 0);
    replaceFirst(free, now + (holds[job] ?? 0));
  };
  if (order === 'fifo') {
    for (let job = 0; job < dues.length; job++) serve(job, Math.max(dues[job] ?? 0, free[0] ?? 0));
    return waits;
  }
  const line = new WaitingLine(order, random);
  for (let job = 0; job < dues.length; job++) {
    const due = dues[job] ?? 0;
    while (line.size > 0 && (free[0] ?? 0) <= due) serve(line.take(), free[0] ?? 0);
    if ((free[0] ?? 0) <= due) serve(job, due);
    else line.add(job);
  }
  while (line.size > 0) serve(line.take(), free[0] ?? 0);
  return waits;
}

/** Takes the smallest value off a heap and puts another on it. */
function replaceFirst(heap: Float64Array, value: number): void {
  let place = 0;
  for (;;) {
    let child = 2 * place + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && (heap[child + 1] ?? 0) < (heap[child] ?? 0)) child++;
    const below = heap[child] ?? 0;
    if (below >= value) break;
    heap[place] = below;
    place = child;
  }
  heap[place] = value;
}
