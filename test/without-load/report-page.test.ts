import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { type Browser, type Page, chromium } from 'playwright-core';
import {
  buildAbortedAnalysis,
  buildClosedAnalysis,
  buildNothingAnalysis,
  buildPlainUrlAnalysis,
  buildStairAnalysis,
} from '../../fixtures/records/build-analysis.ts';
import { palette } from '../../reports/charts/theme.ts';
import { composeRun } from '../../reports/compose/compose-run.ts';
import { toHtml } from '../../reports/render/to-html.ts';
import { buildFlameAnalysis } from '../flame-analysis.ts';
import { absent, chromiumPath } from '../requires.ts';

const withBrowser = test.skipIf(absent(chromiumPath !== undefined, 'chromium'));

const runs = {
  stair: buildStairAnalysis,
  'plain-url': buildPlainUrlAnalysis,
  closed: buildClosedAnalysis,
  aborted: buildAbortedAnalysis,
  nothing: buildNothingAnalysis,
  flames: () => buildFlameAnalysis(),
};

interface Opened {
  readonly page: Page;
  readonly errors: readonly string[];
  readonly requests: readonly string[];
  readonly file: string;
}

let browser: Browser | undefined;
let folder = '';

test.before(async () => {
  if (chromiumPath === undefined) return;
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-report-'));
  browser = await chromium.launch({
    executablePath: chromiumPath,
    args: ['--disable-gpu', '--disable-background-networking'],
  });
});

test.after.always(async () => {
  await browser?.close();
  if (folder !== '') await rm(folder, { recursive: true });
});

const written = new Map<string, Promise<string>>();

/** The report's file, made once. */
function reportOf(name: keyof typeof runs): Promise<string> {
  const write = async (): Promise<string> => {
    const { analysis, plan } = runs[name]();
    const path = join(folder, `${name}.html`);
    await writeFile(path, await toHtml(composeRun(analysis, plan)));
    return path;
  };
  const path = written.get(name) ?? write();
  written.set(name, path);
  return path;
}

async function open(name: keyof typeof runs, width: number, colorScheme: 'light' | 'dark' = 'light'): Promise<Opened> {
  if (browser === undefined) throw new Error('no chromium on PATH and no PLIMSOLL_CHROMIUM');
  const path = await reportOf(name);
  const context = await browser.newContext({ offline: true, viewport: { width, height: 900 }, colorScheme });
  const page = await context.newPage();
  const errors: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('request', (request) => requests.push(request.url()));
  const file = pathToFileURL(path).href;
  await page.goto(file);
  return { page, errors, requests, file };
}

for (const name of ['stair', 'plain-url', 'closed', 'aborted', 'nothing', 'flames'] as const)
  withBrowser(`${name}: opens without a message or a request, and fits wide and narrow screens`, async (t) => {
    for (const width of [1280, 390]) {
      const { page, errors, requests, file } = await open(name, width);
      t.deepEqual(errors, []);
      t.deepEqual(
        requests.filter((url) => !url.startsWith('data:')),
        [file],
      );
      const overflow = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      t.is(overflow, 0, `${name} at ${width}`);
      const outside = await page.evaluate(`[...document.querySelectorAll('figure svg text')]
        .filter((text) => text.checkVisibility())
        .filter((text) => { const { left, right } = text.getBoundingClientRect(); return left < -1 || right > innerWidth + 1; })
        .map((text) => text.textContent)`);
      t.deepEqual(outside, [], `texts of charts beyond the screen at ${width}`);
    }
  });

withBrowser('headings go down one level at a time, charts and tables have names', async (t) => {
  const { page } = await open('stair', 1280);
  const levels = await page.locator('h1, h2, h3').evaluateAll((all) => all.map(({ tagName }) => Number(tagName[1])));
  t.is(levels[0], 1);
  t.is(levels.filter((level) => level === 1).length, 1);
  for (const [index, level] of levels.entries()) t.true(level - (levels[index - 1] ?? 0) <= 1, `heading ${index}`);
  t.is(await page.locator('main').count(), 1);
  t.is(await page.locator('html[lang]').count(), 1);
  for (const svg of await page.locator('figure svg').all()) {
    t.is(await svg.getAttribute('role'), 'img');
    t.not(await svg.getAttribute('aria-labelledby'), null);
  }
  t.is(await page.locator('table:not(:has(caption))').count(), 0);
  t.is(await page.locator('.scroll:not([tabindex]), .scroll:not([aria-label])').count(), 0);
  t.is(await page.locator('th:not([scope])').count(), 0);
  await page.keyboard.press('Tab');
  t.is(await page.evaluate('document.activeElement.textContent'), 'Skip to the report');
});

withBrowser('a flame graph is found in, zoomed and compared by keyboard alone, and its table follows', async (t) => {
  const { page, errors } = await open('flames', 1280);
  const flame = page.locator('#flame-cpu');
  const text = async (part: string): Promise<string> => (await flame.locator(part).textContent()) ?? '';
  const active = (): Promise<string> => text('.flame-status');
  t.true((await flame.locator('.frame').count()) > 50);
  t.regex(
    await text('.flame-legend'),
    /^Width: CPU time in stage 5 \(1,000\/s\), 2\.00 s in 200 samples over 10 s; 9,800 /,
  );

  await flame.locator('.flame-graph').focus();
  t.regex(await active(), /^all: 2\.00 s, 100% of stage 5/);
  await page.keyboard.press('ArrowDown');
  const first = await active();
  t.regex(first, /level 1$/);
  await page.keyboard.press('ArrowRight');
  t.not(await active(), first);
  t.regex(await active(), /level 1$/);
  await page.keyboard.press('ArrowLeft');
  t.is(await active(), first);
  await page.keyboard.press('ArrowUp');
  t.regex(await active(), /^all:/);

  await page.keyboard.press('/');
  await page.keyboard.type('MALLOCGC');
  t.regex(await text('.flame-matches'), /^\d+ functions?, [\d.]+% of the width$/);
  t.true((await flame.locator('.frame.found').count()) > 0);
  await page.keyboard.press('Enter');
  t.regex(await active(), /^runtime\.mallocgc/);
  const found = await active();
  await page.keyboard.press('n');
  t.regex(await active(), /^runtime\.mallocgc/);
  t.not(await active(), found);
  const level = Number(/level (\d+)/.exec(await active())?.[1]);

  await page.keyboard.press('Enter');
  const width = await flame
    .locator('.frame.active')
    .evaluate((frame) => frame.clientWidth / frame.parentElement.clientWidth);
  t.true(width > 0.99, 'the frame is as wide as the picture');
  t.regex(await text('.flame-table summary'), / below runtime\.mallocgc/);
  t.is(await flame.locator('.flame-table tbody tr').first().locator('td').first().textContent(), String(level));
  for (let up = 0; up < level; up++) await page.keyboard.press('Escape');
  t.regex(await active(), /^all:/);
  t.true(await flame.locator('.flame-whole').isDisabled());

  await flame.locator('.flame-compares').focus();
  await page.keyboard.press('Space');
  t.regex(await text('.flame-legend'), /Compared with stage 1 \(200\/s\), 840 ms in 84 samples/);
  t.true((await flame.locator('.frame.more, .frame.more-than-double').count()) > 0);
  t.is(await flame.locator('.origin0').count(), await flame.locator('.flame-key .origin0').count());
  t.regex(await text('.flame-table thead'), /for each request.*change/);
  await flame.locator('.flame-shown').selectOption('stage 1 (200/s)');
  await flame.locator('.flame-base').selectOption('stage 5 (1,000/s)');
  t.regex(await active(), /^all: 840 ms, .*→/);
  t.deepEqual(errors, []);
});

withBrowser('what is folded is drawn when it is opened; names of a target are text', async (t) => {
  const { page, errors } = await open('flames', 390);
  t.is(await page.locator('#flame-allocs .frame').count(), 0);
  await page.locator('details:has(> #flame-allocs) > summary').click();
  await page.locator('#flame-allocs .frame').first().waitFor();
  const outside = await page.locator('#flame-allocs .frame').evaluateAll(
    (frames) =>
      frames.filter((frame) => {
        const [own, all] = [frame, frame.parentElement].map((element) => element.getBoundingClientRect());
        return own.left < all.left - 1 || own.right > all.right + 1;
      }).length,
  );
  t.is(outside, 0);
  t.is(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'), 0);
  t.deepEqual(errors, []);
});

/** The page's ground, as the browser resolves it. */
async function paper(page: Page): Promise<unknown> {
  return page.evaluate(`getComputedStyle(document.documentElement).getPropertyValue('--paper').trim()`);
}

withBrowser('light and dark follow the system, and the switch in the page overrules it', async (t) => {
  const light = await open('stair', 1280, 'light');
  t.is(await paper(light.page), palette.light.paper);
  const dark = await open('stair', 1280, 'dark');
  t.is(await paper(dark.page), palette.dark.paper);
  await dark.page.getByText('light', { exact: true }).click();
  t.is(await paper(dark.page), palette.light.paper);
  await dark.page.getByText('dark', { exact: true }).click();
  t.is(await paper(dark.page), palette.dark.paper);
  await light.page.evaluate(`document.documentElement.dataset.theme = 'dark'`);
  t.is(await paper(light.page), palette.dark.paper);
});

withBrowser('every colour of text stands out from its ground, in light and dark', async (t) => {
  for (const scheme of ['light', 'dark'] as const) {
    const { paper: ground, panel, ink, soft, accent, good, warning, bad } = palette[scheme];
    for (const text of [ink, soft, accent, good, warning, bad])
      for (const behind of [ground, panel]) t.true(contrast(text, behind) >= 4.5, `${scheme}: ${text} on ${behind}`);
    const { flameOwn, flameLibrary, flameStandard, flameRuntime, flameRest } = palette[scheme];
    const { changeLessThanHalf, changeLess, changeSame, changeMore, changeMoreThanDouble } = palette[scheme];
    const frames = [flameOwn, flameLibrary, flameStandard, flameRuntime, flameRest];
    const changes = [changeLessThanHalf, changeLess, changeSame, changeMore, changeMoreThanDouble];
    for (const behind of [...frames, ...changes])
      t.true(contrast(ink, behind) >= 4.5, `${scheme}: ${ink} on ${behind} is ${contrast(ink, behind)}`);
    const { bandGreen, bandYellow, bandRed, p50, p90, p99 } = palette[scheme];
    for (const line of [p50, p90, p99])
      for (const behind of [ground, bandGreen, bandYellow, bandRed])
        t.true(contrast(line, behind) >= 3, `${scheme}: ${line} on ${behind} is ${contrast(line, behind)}`);
  }
});

/** Contrast ratio of WCAG 2.2. */
function contrast(one: string, other: string): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].toSorted((left, right) => right - left);
  return (high + 0.05) / (low + 0.05);
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
