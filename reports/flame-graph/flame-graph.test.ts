import test from 'ava';
import * as fc from 'fast-check';
import { callTreesOfCaptures } from '../../test/flame-analysis.ts';
import { encodeFlameData } from './encode-flame-data.ts';
import type { FlameData, FlameProfile } from './flame-data.ts';
import { flameTable, frameText, legendText } from './flame-text.ts';
import { FlameTree } from './flame-tree.ts';
import { frameChange } from './frame-change.ts';
import { searchTree } from './search-tree.ts';
import { visibleFrames } from './visible-frames.ts';

/** all → a (60) → a (20) → b (20); a → c (30); all → b (40). In the second profile b alone costs 80 instead of 40. */
const stage1: FlameProfile = {
  title: 'stage 1',
  values: [100, 60, 20, 20, 30, 40],
  samples: 100,
  durationMs: 10_000,
  requests: 1000,
  note: null,
};
const small: FlameData = {
  measure: 'CPU time',
  unit: 'nanoseconds',
  scatter: 'poisson',
  functions: ['a', 'b', 'c'],
  origins: '023',
  functionOf: [-1, 0, 0, 1, 2, 1],
  depthOf: [0, 1, 2, 3, 2, 1],
  factor: 10_000_000,
  profiles: [
    stage1,
    { ...stage1, title: 'stage 2', values: [140, 60, 20, 20, 30, 80], samples: 140 },
    { ...stage1, title: 'idle', values: [2, 0, 0, 0, 0, 2], samples: 2, requests: null, note: 'as said' },
  ],
  shown: 0,
  base: 1,
  isCompared: false,
  leftOut: '',
};
const tree = new FlameTree(small);
const [cpu] = callTreesOfCaptures().filter(({ kind }) => kind === 'cpu');
if (cpu === undefined) throw new Error('there is a CPU profile');
const plain = { shown: 0, base: null, root: 0 };

test('callers, ends and own values', (t) => {
  t.deepEqual([...tree.callerOf], [-1, 0, 1, 2, 1, 0]);
  t.deepEqual([...tree.endOf], [6, 5, 4, 4, 5, 6]);
  t.is(tree.own(0, 1), 10 * small.factor);
  t.is(tree.own(0, 0), 0);
  t.deepEqual(tree.callers(3), [0, 1, 2]);
});

test('frames: callees stand within their caller, beside one another; the zoomed one is as wide as the picture', (t) => {
  t.deepEqual(visibleFrames(tree, plain, 0.25), [
    { node: 0, row: 0, left: 0, width: 1 },
    { node: 1, row: 1, left: 0, width: 0.6 },
    { node: 4, row: 2, left: 0.2, width: 0.3 },
    { node: 5, row: 1, left: 0.6, width: 0.4 },
  ]);
  t.deepEqual(
    visibleFrames(tree, { ...plain, root: 2 }, 0.01).map(({ node, width }) => [node, width]),
    [
      [0, 1],
      [1, 1],
      [2, 1],
      [3, 1],
    ],
  );
});

/** Any tree, by the depth and the own value of each node. */
const anyTree = fc
  .array(fc.record({ down: fc.nat(3), own: fc.nat(20) }), { minLength: 1, maxLength: 60 })
  .map((nodes): FlameTree => {
    const depthOf = [0];
    for (const { down } of nodes) depthOf.push(Math.max(1, (depthOf.at(-1) ?? 0) + 1 - down));
    const values = [1, ...nodes.map(({ own }) => own)];
    for (let node = depthOf.length - 1; node > 0; node--) {
      const caller = depthOf.findLastIndex((depth, index) => index < node && depth < (depthOf[node] ?? 0));
      values[caller] = (values[caller] ?? 0) + (values[node] ?? 0);
    }
    const functionOf = depthOf.map((_, node) => (node === 0 ? -1 : node % 3));
    return new FlameTree({ ...small, depthOf, functionOf, profiles: [{ ...stage1, values }] });
  });

test('of any tree no drawn frame is too narrow, and none leaves its caller', (t) => {
  fc.assert(
    fc.property(anyTree, fc.double({ min: 0.001, max: 0.2, noNaN: true }), (any, least) => {
      const frames = visibleFrames(any, plain, least);
      const byNode = new Map(frames.map((frame) => [frame.node, frame]));
      for (const { node, left, width, row } of frames.slice(1)) {
        const caller = byNode.get(any.callerOf[node] ?? -1);
        t.true(width >= least);
        t.true(caller !== undefined && left >= caller.left - 1e-9 && left + width <= caller.left + caller.width + 1e-9);
        t.is(row, any.depth(node));
      }
      const wide = any.data.depthOf.filter((_, node) => any.value(0, node) / any.value(0, 0) >= least).length;
      t.is(frames.length, Math.max(1, wide));
    }),
    { seed: 3 },
  );
});

test('search: any part of a name, a function within itself counts once', (t) => {
  t.deepEqual(searchTree(tree, 'A', 0, 0), { functions: 1, nodes: [1, 2], share: 0.6 });
  t.is(searchTree(tree, ' b ', 0, 0).share, 0.6);
  t.deepEqual(searchTree(tree, '', 0, 0), { functions: 0, nodes: [], share: 0 });
  t.is(searchTree(tree, 'b', 2, 0).share, 1);
});

test('a change is one for each request, and one within the scatter of samples has no colour', (t) => {
  const view = { shown: 1, base: 0, root: 0 };
  // 40 samples against 80 differ by more than 1.96 × √120.
  t.like(frameChange(tree, view, 5), { ratio: 1, isNoise: false, kind: 'more-than-double', before: 400_000 });
  t.like(frameChange(tree, view, 1), { ratio: 0, isNoise: true, kind: 'same' });
  const few = new FlameTree({ ...small, profiles: small.profiles.map((each) => ({ ...each, samples: 10 })) });
  t.like(frameChange(few, view, 5), { ratio: 1, isNoise: true, kind: 'same' });
  const counted = new FlameTree({ ...small, scatter: 'unknown' });
  t.like(frameChange(counted, { ...view, shown: 0, base: 1 }, 5), {
    ratio: -0.5,
    isNoise: null,
    kind: 'less-than-half',
  });
  const idle = frameChange(counted, { ...view, base: 2 }, 1);
  t.like(idle, { before: 0, ratio: Infinity, kind: 'more-than-double' });
  t.is(idle.after, 60 * small.factor, 'not for each request, since those of one are not known');
});

test('the legend says of what: measure, stage, samples, seconds, requests', (t) => {
  t.is(
    legendText(tree, plain),
    'Width: CPU time in stage 1, 1.00 s in 100 samples over 10 s; 1,000 requests done meanwhile, 1.00 ms each.',
  );
  const compared = legendText(tree, { shown: 1, base: 0, root: 0 });
  t.regex(compared, /^Width: CPU time in stage 2, 1\.40 s in 140 samples .*Compared with stage 1, 1\.00 s/);
  t.regex(compared, /by how much a request costs more or less there\. Differences within the scatter/);
  const idle = legendText(tree, { shown: 2, base: 0, root: 0 });
  t.regex(idle, /Not for each request: how many were done meanwhile is not known/);
  t.regex(idle, /60\.0% of stage 1 is in stacks that are not in idle/);
  t.regex(idle, /idle: as said\.$/);
  const unknown = new FlameTree({ ...small, scatter: 'unknown' });
  t.regex(legendText(unknown, { shown: 1, base: 0, root: 0 }), /is not known, so small frames may differ/);
});

test('a frame in words', (t) => {
  t.is(frameText(tree, plain, 1), 'a: 600 ms, 60.0% of stage 1; its own 100 ms; level 1');
  t.is(
    frameText(tree, { shown: 1, base: 0, root: 0 }, 5),
    'b: 800 ms, 57.1% of stage 2; 400 µs → 800 µs for each request (+100%); level 1',
  );
});

test('the table: the largest frames behind their callers, the rest said', (t) => {
  const table = flameTable(tree, plain, 'CPU');
  t.deepEqual(
    table.rows.map(([name]) => name),
    ['all', '\u2007a', '\u2007\u2007a', '\u2007\u2007\u2007b', '\u2007\u2007c', '\u2007b'],
  );
  t.deepEqual(table.rows[1], ['\u2007a', '1', '60.0%', '600', '10.0%', '100']);
  t.notRegex(table.caption, /the other/);
  const large = new FlameTree(
    encodeFlameData(cpu, { ...small, titles: ['one', 'two'], shown: 0, base: 1, isCompared: false }),
  );
  const cut = flameTable(large, { shown: 1, base: 0, root: 0 }, 'CPU');
  t.is(cut.rows.length, 40);
  t.regex(cut.caption, /; the other [\d,]+ have at most [\d.]+% each$/);
});

test('values are written without what they have in common, names made safe', (t) => {
  const named = { ...cpu, functions: cpu.functions.map(({ origin }) => ({ origin, name: 'a\u0000\u202Eb' })) };
  const data = encodeFlameData(named, { ...small, titles: ['one', 'two'], shown: 0, base: 1, isCompared: false });
  t.is(data.factor, 10_000_000);
  t.is(data.profiles[0]?.values[0], 84);
  t.is(data.functions[0], 'a⟨U+0000⟩⟨U+202E⟩b');
});
