import test from 'ava';
import { MisuseError } from './misuse.ts';
import { Reasons } from './reasons.ts';

test('what is wrong in a file joins the other reasons, and names the file where it names no place', async (t) => {
  const reasons = new Reasons();
  reasons.add('--rate', 'is missing', 'such as 200');
  const read = await reasons.gather('--data', 'nothing', () =>
    Promise.reject(
      new MisuseError([
        { where: '', message: 'cannot read rows.csv', hint: 'check the path' },
        { where: 'rows.csv:3', message: 'has two cells', hint: 'three' },
      ]),
    ),
  );
  t.is(read, 'nothing');
  t.deepEqual(
    reasons.list.map(({ where, hint }) => [where, hint]),
    [
      ['--rate', 'such as 200'],
      ['--data', 'check the path'],
      ['rows.csv:3', 'three'],
    ],
  );
});

test('what can be read is given back, and a failure that is nobody’s mistake is not swallowed', async (t) => {
  const reasons = new Reasons();
  t.is(await reasons.gather('--data', 0, () => Promise.resolve(7)), 7);
  await t.throwsAsync(
    reasons.gather('--data', 0, () => Promise.reject(new RangeError('a defect'))),
    { instanceOf: RangeError },
  );
  t.deepEqual(reasons.list, []);
});
