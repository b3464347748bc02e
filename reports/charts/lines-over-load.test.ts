import test from 'ava';
import { linesOverLoad } from './lines-over-load.ts';
import { obliqueCross } from './theme.ts';

test('an invalid stage is crossed and not joined to the others', (t) => {
  const points = [
    { load: 100, value: 1, mark: 'valid' },
    { load: 200, value: 2, mark: 'valid' },
    { load: 300, value: 9, mark: 'invalid' },
  ] as const;
  const specification = JSON.parse(
    JSON.stringify(
      linesOverLoad({
        axis: { title: 'offered', unit: '1/s' },
        title: 'used',
        unit: '1',
        series: [{ name: 'used', points }],
        limit: null,
      }),
    ),
  );
  const loads = (type: string, shape?: string): number[] =>
    specification.layer
      .filter(({ mark }: { mark: { type: string; shape?: string } }) => mark.type === type && mark.shape === shape)
      .flatMap(({ data }: { data: { values: { load: number }[] } }) => data.values.map(({ load }) => load));
  t.deepEqual(loads('line'), [100, 200]);
  t.deepEqual(loads('point', 'circle'), [100, 200]);
  t.deepEqual(loads('point', obliqueCross), [300]);
});
