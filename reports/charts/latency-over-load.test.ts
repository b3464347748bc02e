import test from 'ava';
import { type LoadPoint, latencyOverLoad } from './latency-over-load.ts';

const point = (quantile: LoadPoint['quantile'], load: number, valueMs: number): LoadPoint => ({
  quantile,
  load,
  valueMs,
  lowMs: valueMs,
  highMs: valueMs,
  mark: 'held',
});

/** How far above its point each name stands, in pixels. */
function lifts(points: readonly LoadPoint[]): Record<string, number> {
  const { layer } = JSON.parse(
    JSON.stringify(
      latencyOverLoad({
        axis: { title: 'offered', unit: '1/s' },
        points,
        scattered: false,
        objectives: [],
        waterLevel: null,
        levels: null,
        fitted: [],
      }),
    ),
  );
  return Object.fromEntries(
    layer
      .filter(({ mark }: { mark: { type: string } }) => mark.type === 'text')
      .map(({ data, mark }: { data: { values: [{ quantile: string }] }; mark: { dy: number } }) => [
        data.values[0].quantile,
        0 - mark.dy,
      ]),
  );
}

test('names of lines that end beside one another are moved apart, one that ends elsewhere stays at its point', (t) => {
  const near = lifts([point('p50', 100, 3), point('p50', 400, 100), point('p90', 400, 101), point('p99', 400, 102)]);
  t.is(near['p50'], 0);
  t.true((near['p99'] ?? 0) > (near['p90'] ?? 0) && (near['p90'] ?? 0) > 5);
  const apart = lifts([point('p50', 400, 1_000), point('p90', 400, 1_001), point('p99', 200, 50)]);
  t.is(apart['p99'], 0);
});
