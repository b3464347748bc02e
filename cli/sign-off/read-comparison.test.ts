import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Reasons } from '../../scenarios/reasons.ts';
import { readComparison } from './read-comparison.ts';
import { readWaivers } from './read-waivers.ts';

async function fileWith(t: ExecutionContext, content: unknown): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'file.json');
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

test('a comparison or a gate against a reference, and what is worse by it', async (t) => {
  const reasons = new Reasons();
  const metrics = ['same', 'worse'].map((verdict) => ({ name: `p99 ${verdict}`, verdict }));
  const comparison = await fileWith(t, { schema: 'plimsoll/compare/1', metrics, verdict: 'worse' });
  t.deepEqual(await readComparison(comparison, reasons), {
    comparison: { file: 'file.json', verdict: 'worse' },
    worse: ['p99 worse is worse'],
  });
  const checks = [
    { id: 'p99<1s', kind: 'objective', status: 'fail' },
    { id: 'relative p99', kind: 'relative', status: 'pass' },
  ];
  const gate = await fileWith(t, { schema: 'plimsoll/gate/1', checks, verdict: { status: 'pass' } });
  t.deepEqual(await readComparison(gate, reasons), { comparison: { file: 'file.json', verdict: 'same' }, worse: [] });
  t.deepEqual(reasons.list, []);
});

test('a gate without a reference compared nothing, and other files are none', async (t) => {
  const gate = { schema: 'plimsoll/gate/1', checks: [], verdict: { status: 'pass' } };
  for (const content of [gate, {}, 'PASS', { schema: 'plimsoll/compare/1', metrics: [], verdict: 'same' }]) {
    const reasons = new Reasons();
    const { comparison } = await readComparison(await fileWith(t, content), reasons);
    t.is(comparison, null);
    t.is(reasons.list.length, 1);
  }
});

test('waivers need an owner, a reason, a line that may be waived and a day', async (t) => {
  const good = { owner: 'Ada', reason: 'first release', scope: 'regressions', expires: '2026-12-31' };
  const reasons = new Reasons();
  t.deepEqual(await readWaivers(await fileWith(t, [good]), reasons), [
    { ...good, expires: '2027-01-01T00:00:00.000Z' },
  ]);
  t.deepEqual(reasons.list, []);
  for (const bad of [
    { owner: ' ' },
    { reason: '' },
    { scope: 'everything' },
    { scope: 'runs' },
    { scope: 'waivers' },
    { expires: 'never' },
    { more: 1 },
  ]) {
    const wrong = new Reasons();
    await readWaivers(await fileWith(t, [{ ...good, ...bad }]), wrong);
    t.is(wrong.list.length, 1, JSON.stringify(bad));
  }
  const none = new Reasons();
  await readWaivers(await fileWith(t, 'none'), none);
  t.is(none.list.length, 1);
});
