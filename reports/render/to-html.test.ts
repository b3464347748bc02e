import test from 'ava';
import {
  buildAbortedAnalysis,
  buildNothingAnalysis,
  buildPlainUrlAnalysis,
  buildStairAnalysis,
} from '../../fixtures/records/build-analysis.ts';
import { composeRun } from '../compose/compose-run.ts';
import type { Cell, Document } from '../document.ts';
import { toHtml } from './to-html.ts';
import { toMarkdown } from './to-markdown.ts';
import { toTerminal } from './to-terminal.ts';

const stair = (): Document => {
  const { analysis, plan } = buildStairAnalysis();
  return composeRun(analysis, plan);
};

const stairPage = toHtml(stair());

test('one file that asks for nothing: strict policy, no script, no address to load', async (t) => {
  const html = await stairPage;
  t.regex(html, /<meta http-equiv="Content-Security-Policy" content="default-src 'none';/);
  t.true(html.indexOf('Content-Security-Policy') < html.indexOf('<style>'));
  t.notRegex(html, /<script|<link (?!rel="icon" href="data:,")|<img|<iframe|@import|url\(/);
  t.notRegex(html, / (src|srcset|action)=/);
  for (const [, address = ''] of html.matchAll(/href="([^"]*)"/g)) t.regex(address, /^(#|data:,$)/);
});

test('every anchor of the navigation exists, ids are unique', async (t) => {
  const html = await stairPage;
  const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id = '']) => id);
  t.is(new Set(ids).size, ids.length);
  for (const [, target = ''] of html.matchAll(/href="#([^"]*)"/g)) t.true(ids.includes(target), target);
  for (const [, list = ''] of html.matchAll(/aria-labelledby="([^"]*)"/g))
    for (const id of list.split(' ')) t.true(ids.includes(id), id);
});

function elements(page: string): string[] {
  return [...new Set([...page.matchAll(/<([a-zA-Z-]+)/g)].map(([, name = '']) => name))].toSorted();
}

function attributes(page: string): string[] {
  const lists = [...page.matchAll(/<[a-zA-Z]+((?:\s+[\w-]+="[^"]*")*)/g)].map(([, all = '']) => all);
  return [...new Set(lists.flatMap((all) => [...all.matchAll(/([\w-]+)="/g)].map(([, name = '']) => name)))].toSorted();
}

function say(cell: Cell): string[] {
  return typeof cell === 'string' ? [cell] : [cell.text, cell.note ?? ''];
}

const hostile = [
  '</script><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  "' onmouseover='alert(1)",
  'a\u0000b',
  '\u202Egnp.exe',
  '</style><style>*{display:none}',
  '<navigation-place>',
  '$& $1 $`',
  '{{constructor}} ${x} &lt;',
];

test('whatever the target says stays text', async (t) => {
  const text = hostile.join(' ');
  const { analysis, plan } = buildStairAnalysis();
  const bad = composeRun(
    {
      ...analysis,
      name: text,
      outcome: { status: 'failed', phase: 'target', reason: text, hint: text },
      stages: analysis.stages.map((stage) => ({
        ...stage,
        name: text,
        endpoints: stage.endpoints.map((endpoint, index) => ({ ...endpoint, name: `${index} ${text}` })),
        target: { ...stage.target, pools: stage.target.pools.map((pool) => ({ ...pool, name: text })) },
      })),
      findings: analysis.findings.map((finding) => ({ ...finding, id: text, title: text, recommendation: text })),
      warnings: [{ code: text, message: text, stage: 1 }],
      environment: {
        ...analysis.environment,
        target: { ...analysis.environment.target, url: text, buildId: text, notes: [text] },
        tools: { [text]: text },
      },
      detail: {
        ...analysis.detail,
        objectives: [text, text, text],
        signals: analysis.detail.signals.map((series, index) => ({
          ...series,
          title: `${index} ${text}`,
          name: `${index}${text}`,
        })),
        coverage: analysis.detail.coverage.map((one) => ({ ...one, source: text, reason: text })),
        profiles: analysis.detail.profiles.map((profile) => ({
          ...profile,
          file: text,
          top: profile.top.map((row, index) => ({ ...row, function: `${index}${text}` })),
        })),
        evidenceFiles: [text],
      },
    },
    { ...plan, name: text },
  );
  const html = await toHtml(bad);
  const plain = await stairPage;
  t.deepEqual(elements(html), elements(plain), 'no element that a plain report does not have');
  t.deepEqual(
    attributes(html).filter((name) => !attributes(plain).includes(name)),
    [],
    'no attribute either',
  );
  t.is(html.match(/<style/g)?.length, 1);
  // oxlint-disable-next-line no-control-regex -- looking for them is the test
  t.notRegex(html, /[\u0000-\u0009\u000B-\u001F\u202A-\u202E]/);
  t.true(html.includes('$&amp; $1 $`'), 'patterns of String.replace are no commands');
});

test('a long run stays below 2 MB', async (t) => {
  const { analysis, plan } = buildStairAnalysis({ holds: 10, holdSeconds: 60, profilesPerStage: 6, extraSignals: 40 });
  t.is(analysis.detail.profiles.length, 60);
  const html = await toHtml(composeRun(analysis, plan));
  t.true(Buffer.byteLength(html) < 2_000_000, `${Buffer.byteLength(html)} bytes`);
});

test('all forms show the same figures', async (t) => {
  for (const build of [buildStairAnalysis, buildPlainUrlAnalysis, buildAbortedAnalysis, buildNothingAnalysis]) {
    const { analysis, plan } = build();
    const document = composeRun(analysis, plan);
    const page = build === buildStairAnalysis ? stairPage : toHtml(document);
    const html = (await page).replaceAll('&lt;', '<').replaceAll('&gt;', '>');
    const markdown = toMarkdown(document).replaceAll('\\', '').replaceAll('&lt;', '<').replaceAll('&gt;', '>');
    const terminal = toTerminal(document, { colour: false, width: 400, reportPath: null });
    for (const block of document.blocks) {
      const figures =
        block.kind === 'verdict'
          ? block.facts.map(({ value }) => value)
          : block.kind === 'table'
            ? block.rows.flat().flatMap(say)
            : [];
      for (const figure of figures) {
        t.true(html.includes(figure), `HTML lacks ${figure}`);
        t.true(markdown.includes(figure), `Markdown lacks ${figure}`);
        if (block.kind === 'verdict') t.true(terminal.includes(figure), `the terminal lacks ${figure}`);
      }
    }
  }
});
