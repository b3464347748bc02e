import type { FlameData } from './flame-data.ts';

/** A flame graph's data with what is asked of it all the time: callers, ends of subtrees, names. */
export class FlameTree {
  readonly data: FlameData;
  readonly size: number;
  /** -1 of the root. */
  readonly callerOf: Int32Array;
  /** Behind the last node below it. */
  readonly endOf: Uint32Array;

  constructor(data: FlameData) {
    const { depthOf } = data;
    this.data = data;
    this.size = depthOf.length;
    this.callerOf = new Int32Array(this.size).fill(-1);
    this.endOf = new Uint32Array(this.size).fill(this.size);
    /** By depth, the nodes from the root to the one at hand. */
    const open: number[] = [];
    for (const [node, depth] of depthOf.entries()) {
      for (let closed = open.length; closed > depth; closed--) this.endOf[open.pop() ?? 0] = node;
      this.callerOf[node] = open.at(-1) ?? -1;
      open.push(node);
    }
  }

  depth(node: number): number {
    return this.data.depthOf[node] ?? 0;
  }

  /** With all that it called. */
  value(profile: number, node: number): number {
    return (this.data.profiles[profile]?.values[node] ?? 0) * this.data.factor;
  }

  /** What it leaves of its callees' values. */
  own(profile: number, node: number): number {
    let own = this.value(profile, node);
    for (const callee of this.callees(node)) own -= this.value(profile, callee);
    return own;
  }

  *callees(node: number): Generator<number> {
    const end = this.endOf[node] ?? 0;
    for (let callee = node + 1; callee < end; callee = this.endOf[callee] ?? end) yield callee;
  }

  name(node: number): string {
    const index = this.data.functionOf[node] ?? -1;
    if (node === 0) return 'all';
    return index < 0 ? `${-index} smaller` : (this.data.functions[index] ?? '');
  }

  /** Without the path before its package's own name: `http.(*conn).serve`. Type arguments hold paths of their own. */
  shortName(node: number): string {
    const name = this.name(node);
    const bracket = name.search(/[([]/);
    return name.slice(name.lastIndexOf('/', bracket === -1 ? name.length : bracket) + 1);
  }

  /** Index into `functionOrigins`; null of what is no function. */
  origin(node: number): number | null {
    const index = this.data.functionOf[node] ?? -1;
    return index < 0 || node === 0 ? null : Number(this.data.origins[index] ?? 0);
  }

  /** From the outermost caller to its own. */
  callers(node: number): readonly number[] {
    const found: number[] = [];
    for (let caller = this.callerOf[node] ?? -1; caller >= 0; caller = this.callerOf[caller] ?? -1) found.push(caller);
    return found.toReversed();
  }
}
