/**
 * What a service asks of Go's garbage collector, and what a collection costs it: all that has to be known to tell how the
 * collector behaves under another GOGC, memory limit or load. Sizes in bytes, CPU time in milliseconds, rates per second.
 */
export interface CollectorModel {
  /** Bytes allocated per second: base + perRequest · requests per second. */
  readonly allocation: { readonly base: number; readonly perRequest: number };
  readonly liveHeap: {
    readonly base: number;
    /** Per request per second: what requests under way, and caches that the load fills, keep alive. */
    readonly perRate: number;
    /**
     * Share of what is allocated while marking that counts as live afterwards, because new objects are marked at once;
     * null where it can't be told from `perRate`, which then holds it.
     */
    readonly floating: number | null;
    /** 95th percentile over mean, from one collection to another. */
    readonly spread: number;
  };
  /** Scanned stacks and globals. */
  readonly roots: { readonly base: number; readonly perRate: number };
  readonly use: HeapUse;
  /** CPU time of a collection without idle marking; null where nothing tells it. */
  readonly cost: CycleCost | null;
  /** `HeapState.nonHeap`: base + perGoal · heap goal; null where nothing tells it. */
  readonly nonHeap: { readonly base: number; readonly perGoal: number } | null;
  /** Most memory that counts against GOMEMLIMIT: base + perHeap · heap at the end of a cycle, of a high live heap. */
  readonly peak: { readonly base: number; readonly perHeap: number } | null;
}

/** CPU time of a collection, in milliseconds. */
export interface CycleCost {
  readonly base: number;
  /** Per request per second: with more load fewer processors are idle, and mark for nothing. */
  readonly perRate: number;
  /** Per scanned byte. */
  readonly perByte: number;
  /** Scanned bytes of each byte of live heap and roots. */
  readonly scannedShare: number;
}

/**
 * Share of goal − live heap that is allocated from one collection to the next. Constant where the cost of a collection is not
 * known; else the pacer's: collections begin at 1 − runway · overlap of the way to the goal, but not before 45/64 nor after
 * 61/64 of it, and while they mark `whileMarking` · overlap more is allocated; overlap is what would be allocated while marking on a
 * quarter of the processors, over goal − live heap.
 */
export type HeapUse =
  | { readonly kind: 'constant'; readonly share: number }
  | { readonly kind: 'pacer'; readonly runway: number; readonly whileMarking: number };
