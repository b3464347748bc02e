import test from 'ava';
import { analyze } from '../../analysis/analyze.ts';
import { profiledRun } from '../../fixtures/records/profiled-run.ts';
import type { PlantedFunction } from '../../fixtures/records/simulate-profiles.ts';
import type { Block, Table } from '../document.ts';
import { plainText } from './build-table.ts';
import { costsSection } from './costs-section.ts';

const planted = (name: string, msPerRequest: PlantedFunction['msPerRequest']): PlantedFunction => ({
  stack: [`shop.${name} /src/shop/${name}.go:42`, 'net/http.(*conn).serve'],
  msPerRequest,
});

function sectionOf(rates: readonly number[], functions: readonly PlantedFunction[]): readonly Block[] {
  const { record, read } = profiledRun({ rates, planted: functions });
  return costsSection({ analysis: analyze(record, { readProfile: read }), plan: record.plan });
}

const brief = (blocks: readonly Block[]): readonly string[] =>
  blocks.flatMap((block) => (block.kind === 'text' && block.brief === true ? [block.text] : []));
const tables = (blocks: readonly Block[]): readonly Table[] =>
  blocks.flatMap((block) => (block.kind === 'table' ? [block] : []));

test('no more than three lines where space is short: what a request costs, and which function grows', (t) => {
  const blocks = sectionOf([10, 20, 40, 60, 80], [planted('flat', () => 30), planted('grows', (rate) => rate / 4)]);
  const [total = '', growing = '', ...more] = brief(blocks);
  t.regex(
    total,
    /^CPU time per request: \d\d\.\d ms \(\d\d\.\d–\d\d\.\d\) at 80\/s, exponent 0\.\d\d \(0\.\d\d to 0\.\d\d\): grows with the rate\.$/,
  );
  t.regex(growing, /^Growing: shop\.grows \(shop\/grows\.go:42\), exponent \d\.\d\d \(\d\.\d\d to \d\.\d\d\)\.$/);
  t.deepEqual(more, []);
  const [sites] = tables(blocks);
  t.deepEqual(
    sites?.rows.map(([name = '', where = '']) => [plainText(name), plainText(where)]),
    [
      ['shop.flat', 'shop/flat.go:42'],
      ['shop.grows', 'shop/grows.go:42'],
    ],
  );
});

test('what is the same at each rate is said; two stages tell nothing; without profiles there is no section', (t) => {
  const [total = '', growing = ''] = brief(sectionOf([10, 20, 40, 60, 80], [planted('flat', () => 45)]));
  t.regex(total, /: the same at each rate\.$/);
  t.is(growing, 'No function of the service’s code was found to cost more CPU per request at a higher rate.');
  t.deepEqual(brief(sectionOf([10, 80], [planted('flat', () => 45)])), [
    'CPU time per request: not told over the rate: 2 of at least 3 stages of different rates.',
  ]);
  const { record } = profiledRun({ rates: [10], planted: [] });
  t.deepEqual(costsSection({ analysis: analyze({ ...record, profiles: [] }), plan: record.plan }), []);
});
