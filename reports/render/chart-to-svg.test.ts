import { Resvg } from '@resvg/resvg-js';
import test from 'ava';
import { Warn, logger } from 'vega';
import { type TopLevelSpec, compile } from 'vega-lite';
import {
  buildAbortedAnalysis,
  buildClosedAnalysis,
  buildPlainUrlAnalysis,
  buildStairAnalysis,
} from '../../fixtures/records/build-analysis.ts';
import { palette } from '../charts/theme.ts';
import { composeRun } from '../compose/compose-run.ts';
import type { Chart } from '../document.ts';
import { chartToSvg, withColours } from './chart-to-svg.ts';
import { toSvg } from './to-svg.ts';

const charts = [buildStairAnalysis, buildPlainUrlAnalysis, buildClosedAnalysis, buildAbortedAnalysis].flatMap(
  (build) => {
    const { analysis, plan } = build();
    return composeRun(analysis, plan).blocks.filter((block): block is Chart => block.kind === 'chart');
  },
);

/** On a phone, and in a column of two. */
const widths = [358, 532] as const;
const drawn = new Map<string, Promise<string>>();

/** The chart at its own height, drawn once for all tests. */
function draw({ specification, height }: Chart, index: number, width: (typeof widths)[number]): Promise<string> {
  const svg = drawn.get(`${index} ${width}`) ?? chartToSvg(specification, { width, height });
  drawn.set(`${index} ${width}`, svg);
  return svg;
}

test('Vega-Lite has nothing to warn of', (t) => {
  const said: string[] = [];
  const quiet = logger(Warn, undefined, (_: string, ...messages: readonly unknown[]) => {
    said.push(messages.map(String).join(' '));
  });
  t.true(charts.length > 20);
  for (const { specification } of charts) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Vega-Lite itself checks it
    compile(specification as TopLevelSpec, { logger: quiet });
  }
  t.deepEqual(said, []);
});

test('the same chart is the same SVG each time, with no number of more than two decimals', async (t) => {
  for (const [index, chart] of charts.slice(0, 12).entries()) {
    const { id, specification, height } = chart;
    const svg = await draw(chart, index, 532);
    t.is(svg, await chartToSvg(specification, { width: 532, height }), id);
    t.notRegex(svg, /="[^"]*\d\.\d{3,}/, id);
    t.notRegex(svg, /NaN|undefined|Infinity/, id);
  }
});

test('ids of several charts in one page do not clash: there are none', async (t) => {
  for (const [index, chart] of charts.entries()) t.notRegex(await draw(chart, index, 358), / id="/, chart.id);
});

test('a chart keeps to the size it was given', async (t) => {
  for (const [index, chart] of charts.entries()) {
    const svg = await draw(chart, index, 358);
    const [, width, tall] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg) ?? [];
    t.true(Number(width) <= 360 && Number(tall) <= chart.height + 2, `${chart.id}: ${width} × ${tall}`);
  }
});

test('no label is cut off', async (t) => {
  for (const [index, chart] of charts.entries())
    for (const width of widths) {
      const svg = await draw(chart, index, width);
      t.notRegex(svg, /…/, `${chart.id} at ${width}`);
      // Vega measures without a browser; the picture grows where a legend does not fit.
      const [, wide] = /viewBox="0 0 ([\d.]+)/.exec(svg) ?? [];
      t.true(Number(wide) <= width + 2, `${chart.id}: ${wide} of ${width}`);
    }
});

test('a share of a processor ends at 100 %', (t) => {
  const host = charts.find(({ id }) => id.startsWith('signals-host'));
  t.regex(JSON.stringify(host?.specification), /"domain":\[0,1\],"nice":false\},"axis":\{"title":"[^"]*%"/);
});

test('colours are variables, and each has a value in light and in dark', async (t) => {
  for (const [index, chart] of charts.entries()) {
    const svg = await draw(chart, index, 532);
    t.notRegex(svg, /(fill|stroke)="#/);
    for (const theme of ['light', 'dark'] as const) t.notRegex(withColours(svg, theme), /var\(/);
  }
});

test('the main chart alone stands for itself and can be drawn', async (t) => {
  const { analysis, plan } = buildStairAnalysis();
  const document = composeRun(analysis, plan);
  const light = await toSvg(document);
  const dark = await toSvg(document, 'dark');
  t.true(light?.includes(palette.light.paper));
  t.true(dark?.includes(palette.dark.paper));
  t.true(light?.includes('water-level 800/s'));
  const { width, height } = new Resvg(light ?? '').render();
  t.true(width > 900 && height > 300);
});

test('no chart, no SVG', async (t) => {
  t.is(await toSvg({ title: '', subtitle: '', blocks: [] }), null);
});
