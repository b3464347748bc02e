import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import type { CallTree } from '../analysis/analysis.ts';
import { callTreeOfFiles } from '../analysis/profiles/call-tree-of-files.ts';
import { decodeProfile } from '../analysis/profiles/decode-profile.ts';
import { composeFlame } from '../cli/compose-flame.ts';
import { seededRandom } from '../model/random.ts';
import { bytes, inMegabytes, mebibytes, parseSize, ratio, seconds } from '../model/units.ts';
import { composeFlameGraph } from '../reports/compose/flame-graph.ts';
import type { Document } from '../reports/document.ts';
import { encodeFlameData } from '../reports/flame-graph/encode-flame-data.ts';
import { toHtml } from '../reports/render/to-html.ts';
import { chromiumPath } from '../test/requires.ts';
import { type Benchmark, type Figure, median } from './benchmark.ts';
import { largeProfile } from './large-profile.ts';

const most = { addedKilobytes: 300, interactiveMs: 500 };
const nodes = 50_000;

/** Flame graphs of a profile of about 1 MB and of a tree of 50,000 nodes: what they add to a page, and until when it answers. */
export const flameGraph: Benchmark = {
  name: 'flame-graph',
  about: 'size of a flame graph in the page, and time until headless Chromium answers to a key in it',
  minutes: 1,
  run: async ({ folder, repeats, quick }) => {
    if (chromiumPath === undefined) throw new Error('no chromium on PATH and no PLIMSOLL_CHROMIUM');
    const file = await largeProfile(folder);
    const content = await readFile(file);
    const filters = { focus: null, ignore: null, hide: null, show: null };
    const asked = callTreeOfFiles([{ label: 'large.pb.gz', profiles: [decodeProfile(content, mebibytes(128))] }], {
      sampleIndex: null,
      filters,
      wholeNames: false,
    });
    const real = composeFlame(asked, false);
    const made = documentOf(madeTree());
    const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--disable-gpu'] });
    try {
      const count = Math.max(quick ? 3 : 9, repeats);
      const pages = { real: await toHtml(real), made: await toHtml(made) };
      const bare = Buffer.byteLength(await toHtml({ ...real, blocks: [] }));
      const added = inMegabytes(bytes(Buffer.byteLength(pages.real) - bare)) / inMegabytes(kilobyte);
      const size = inMegabytes(bytes(content.length)).toFixed(2);
      return [
        {
          what: `added to the page by a profile of ${size} MB (${asked.tree.functionOf.length} frames, ${asked.tree.leftOut.nodes} put together)`,
          asked: `< ${most.addedKilobytes} kB`,
          measured: `${added.toFixed(0)} kB`,
          pass: added < most.addedKilobytes,
        },
        await interactive('that profile', browser, folder, pages.real, count),
        await interactive(`a made tree of ${nodes} nodes, none left out`, browser, folder, pages.made, count),
      ];
    } finally {
      await browser.close();
    }
  },
};

const kilobyte = parseSize('1kB');

/** From the start of the navigation until a key was answered, and what one zoom takes. */
async function interactive(
  what: string,
  browser: Browser,
  folder: string,
  html: string,
  count: number,
): Promise<Figure> {
  const file = join(folder, 'flame.html');
  await writeFile(file, html);
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const cpu: number[] = [];
  const ready: number[] = [];
  const zooms: number[] = [];
  for (let repeat = 0; repeat < count; repeat++) {
    await page.goto(pathToFileURL(file).href, { waitUntil: 'commit' });
    const [answered, zoomed] = timesOf(await page.evaluate(probe));
    ready.push(answered);
    zooms.push(zoomed);
    const { metrics } = await session.send('Performance.getMetrics');
    cpu.push(seconds(metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN));
  }
  const frames = await page.locator('.frame').count();
  await page.close();
  const [toReady, toZoom] = [median(ready), median(zooms)];
  return {
    what: `time until ${what} answers to a key`,
    asked: `< ${most.interactiveMs} ms`,
    measured: `${toReady.toFixed(0)} ms (a zoom ${toZoom.toFixed(0)} ms; ${frames} frames drawn; CPU of the page for both, which neighbours change less, ${median(cpu).toFixed(0)} ms)`,
    pass: toReady < most.interactiveMs,
  };
}

/** In the page: when a key has moved to a frame and was painted, since navigation; and how long Enter takes. */
const probe = `new Promise((resolve) => {
  const painted = (then) => requestAnimationFrame(() => setTimeout(then, 0));
  const press = (key) => document.querySelector('.flame-graph').dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  const wait = () => {
    if (document.querySelector('.frame.active') === null) return setTimeout(wait, 1);
    press('ArrowDown');
    painted(() => {
      const answered = performance.now();
      press('Enter');
      painted(() => resolve([answered, performance.now() - answered]));
    });
  };
  wait();
})`;

function timesOf(value: unknown): readonly [number, number] {
  if (!Array.isArray(value)) throw new Error('the page did not answer');
  const [one, other] = value.map(Number);
  return [one ?? Number.NaN, other ?? Number.NaN];
}

/** Long chains with branches anywhere, as programs have them; every node has a cost of its own. */
function madeTree(): CallTree {
  const random = seededRandom(nodes);
  const calleesOf = Array.from({ length: nodes }, (): number[] => []);
  const values = Array.from({ length: nodes }, () => 1 + random.below(100));
  values[0] = 0;
  const callerOf = values.map((_, node) => {
    if (node === 0) return -1;
    return random.next() < 0.6 ? Math.max(0, node - 1 - random.below(4)) : random.below(node);
  });
  const depths = values.map(() => 0);
  for (const [node, caller] of callerOf.entries()) {
    if (caller < 0) continue;
    calleesOf[caller]?.push(node);
    depths[node] = (depths[caller] ?? 0) + 1;
  }
  for (let node = nodes - 1; node > 0; node--) {
    const caller = callerOf[node] ?? 0;
    values[caller] = (values[caller] ?? 0) + (values[node] ?? 0);
  }
  const order: number[] = [];
  const open = [0];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    order.push(node);
    open.push(...(calleesOf[node] ?? []));
  }
  const cumulative = order.map((node) => values[node] ?? 0);
  return {
    kind: 'cpu',
    unit: 'nanoseconds',
    functions: Array.from({ length: 2000 }, (_, index) => ({
      name: `example.com/made/package${index % 50}.(*Thing).Function${index}`,
      origin: (['own', 'library', 'standard', 'runtime'] as const)[index % 4] ?? 'own',
    })),
    functionOf: order.map((node) => (node === 0 ? -1 : random.below(2000))),
    depthOf: order.map((node) => depths[node] ?? 0),
    profiles: [
      { stage: 0, label: 'made', cumulative, negative: 0, samples: null, durationMs: null, requests: null, note: null },
    ],
    leftOut: { nodes: 0, largestShare: ratio(0) },
  };
}

function documentOf(tree: CallTree): Document {
  const data = encodeFlameData(tree, {
    measure: 'CPU time',
    scatter: 'unknown',
    titles: ['made'],
    shown: 0,
    base: null,
    isCompared: false,
  });
  const about = { id: 'flame', title: 'A made tree', ownText: 'the program', folded: false };
  return { title: 'A made tree', subtitle: '', blocks: [composeFlameGraph(data, about)] };
}
