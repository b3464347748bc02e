import test from 'ava';
import { examplesText } from './examples-text.ts';

test('long commands are cut at flags, so that they can be copied from a narrow terminal', (t) => {
  const long = "run http://127.0.0.1:8080/menu --rate 200 --to 2000 --step 200 --objective 'p99<200ms' --name a-name";
  const text = examplesText(
    [
      ['run orders.ts', 'a scenario file'],
      [long, 'a stair'],
    ],
    80,
  );
  t.is(
    text,
    `Examples:
  a scenario file:
    plimsoll run orders.ts
  a stair:
    plimsoll run http://127.0.0.1:8080/menu --rate 200 --to 2000 --step 200 \\
      --objective 'p99<200ms' --name a-name`,
  );
  t.true(text.split('\n').every((line) => line.length <= 80));
  t.true(text.replaceAll(/ \\\n\s+/g, ' ').includes(long));
});
