import test from 'ava';
import { assert, integer, property, uniqueArray } from 'fast-check';
import {
  allowedProcessors,
  canPin,
  defaultProcessorSets,
  formatProcessorSet,
  parseProcessorSet,
  pinOwnProcess,
} from './processor-sets.ts';

const mayPin = process.platform === 'linux' && (await canPin());

test('two processors are shared out, one or a far target leaves all as it is', (t) => {
  t.deepEqual(defaultProcessorSets([0, 1], true), { generator: '0', target: '1' });
  t.deepEqual(defaultProcessorSets([7, 2, 3, 4], true), { generator: '2', target: '3-4,7' });
  t.deepEqual(defaultProcessorSets([0, 1], false), { generator: null, target: null });
  t.deepEqual(defaultProcessorSets([5], true), { generator: null, target: null });
  t.deepEqual(defaultProcessorSets([], true), { generator: null, target: null });
});

test('no processor is in both sets and none is lost', (t) => {
  assert(
    property(uniqueArray(integer({ min: 0, max: 200 }), { minLength: 2, maxLength: 40 }), (allowed) => {
      const { generator, target } = defaultProcessorSets(allowed, true);
      const both = [...(parseProcessorSet(generator ?? '') ?? []), ...(parseProcessorSet(target ?? '') ?? [])];
      t.deepEqual(
        both.toSorted((a, b) => a - b),
        allowed.toSorted((a, b) => a - b),
      );
    }),
    { seed: 1 },
  );
});

test('a set is read back as it was written', (t) => {
  assert(
    property(uniqueArray(integer({ min: 0, max: 300 }), { minLength: 1 }), (processors) => {
      t.deepEqual(
        parseProcessorSet(formatProcessorSet(processors)),
        processors.toSorted((a, b) => a - b),
      );
    }),
    { seed: 2 },
  );
  t.deepEqual(parseProcessorSet('0,2-4'), [0, 2, 3, 4]);
});

test('what is no set is refused', (t) => {
  for (const text of ['', 'a', '1-', '-1', '3-1', '0,,1', '0;reboot', '1 2', '0-99999'])
    t.is(parseProcessorSet(text), null, text);
});

test.skipIf(!mayPin)('pinning this process to what it has changes nothing, to what is not there is told', async (t) => {
  const before = await allowedProcessors();
  t.true(before.length > 0);
  t.is(await pinOwnProcess(formatProcessorSet(before)), null);
  t.deepEqual(await allowedProcessors(), before);
  t.regex((await pinOwnProcess('4000')) ?? '', /^not pinned to processors 4000: /);
  t.deepEqual(await allowedProcessors(), before);
});
