import { readFileSync } from 'node:fs';
import test from 'ava';
import { z } from 'zod';
import type { CallTree } from '../../analysis/analysis.ts';
import { decodeProfile } from '../../analysis/profiles/decode-profile.ts';
import { CallTreesOfRun } from '../../analysis/profiles/call-trees-of-run.ts';
import { buildStairAnalysis } from '../../fixtures/records/build-analysis.ts';
import { notCollected } from '../../model/measurements.ts';
import { epochMilliseconds, seconds } from '../../model/units.ts';
import { buildFlameAnalysis, callTreesOfCaptures } from '../../test/flame-analysis.ts';
import { composeRun } from '../compose/compose-run.ts';
import { pageScript } from './page-script.ts';
import { toHtml } from './to-html.ts';
import { toMarkdown } from './to-markdown.ts';

const trees = callTreesOfCaptures();
const page = (callTrees: readonly CallTree[]): Promise<string> => {
  const { analysis, plan } = buildFlameAnalysis(callTrees);
  return toHtml(composeRun(analysis, plan));
};
const harmless = page(trees);

const hostile = [
  '</script><script>alert(1)</script>',
  '<!--<script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '\u2028a\u0000b\u202Egnp.exe',
  '$& \\u003c ${x} &lt; {{constructor}}',
];

const tags = (html: string): string[] => [...html.matchAll(/<\/?[a-z!][^\s>]*/gi)].map(([tag]) => tag);
const dataOf = (html: string): unknown[] =>
  [...html.matchAll(/<script type="application\/json" class="flame-data">([^<]*)<\/script>/g)].map(([, json = '']) =>
    JSON.parse(json),
  );
const names = z.array(z.object({ functions: z.array(z.string()) }).transform(({ functions }) => functions));

test('names of functions are data and never markup', async (t) => {
  const bad = trees.map((tree) => ({
    ...tree,
    functions: tree.functions.map(({ origin }, index) => ({ origin, name: `${index} ${hostile.join(' ')}` })),
    profiles: tree.profiles.map((profile) => ({ ...profile, note: hostile.join(' ') })),
  }));
  const html = await page(bad);
  t.deepEqual(tags(html), tags(await harmless));
  const [first] = names.parse(dataOf(html));
  t.true(first?.[0]?.startsWith('0 </script><script>alert(1)</script> <!--<script> '));
  // oxlint-disable-next-line no-control-regex -- looking for them is the test
  t.notRegex(html, /[\u0000-\u0009\u000B-\u001F\u202A-\u202E\u2028]/);
});

test('a page with flame graphs allows its one script by its hash, and nothing else', async (t) => {
  const html = await harmless;
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';
  t.true(policy.startsWith(`default-src 'none'; script-src '${pageScript.hash}'; style-src`), policy);
  t.is(html.split('<script>').length, 2);
  t.is(html.split(pageScript.text).length, 2);
  t.is(html.match(/<script/g)?.length, 1 + dataOf(html).length);
});

test('one flame graph for each kind that was read, with its table, which Markdown has too', async (t) => {
  const html = await harmless;
  t.deepEqual(
    [...html.matchAll(/<figure class="wide flame" id="([^"]*)"/g)].map(([, id]) => id),
    ['flame-cpu', 'flame-allocs', 'flame-goroutine'],
  );
  t.is(html.match(/class="flame-table"><details/g)?.length, 3);
  const { analysis, plan } = buildFlameAnalysis(trees);
  t.regex(toMarkdown(composeRun(analysis, plan)), /flame graph as a table: stage 5 \(1,000\/s\)/);
});

test('at first the stage that missed is shown; to compare with is the lowest valid one', async (t) => {
  const asked = z.array(
    z.object({ shown: z.number(), base: z.number().nullable(), profiles: z.array(z.object({ title: z.string() })) }),
  );
  const [cpu, allocs, goroutine] = asked.parse(dataOf(await harmless));
  t.is(cpu?.profiles[cpu.shown]?.title, 'stage 5 (1,000/s)');
  t.is(cpu?.profiles[cpu.base ?? -1]?.title, 'stage 1 (200/s)');
  t.deepEqual(
    allocs?.profiles.map(({ title }) => title),
    ['baseline', 'stage 1 (200/s)'],
  );
  t.is(allocs?.shown, 1);
  t.is(goroutine?.base, null);
});

/** A profile with many stacks, as if each kind had it in ten stages. */
function manyTrees(): readonly CallTree[] {
  const profile = decodeProfile(
    readFileSync(new URL('../../fixtures/captures/cpu-type-checker.pb.gz', import.meta.url)),
  );
  const run = new CallTreesOfRun();
  for (const kind of ['cpu', 'allocs', 'heap', 'goroutine', 'mutex', 'block'] as const)
    for (let stage = 1; stage <= 10; stage++) {
      const summary = {
        stage,
        label: 'stage',
        kind,
        file: '',
        reason: null,
        total: 1,
        unit: '',
        samples: 1351,
        top: [],
      };
      const capture = {
        source: null,
        stage,
        label: 'stage',
        kind,
        startedAt: epochMilliseconds(0),
        durationMs: seconds(16),
        cumulative: false,
        content: notCollected('it is the same one'),
      } as const;
      run.add({ capture, profile, since: epochMilliseconds(0), summary });
    }
  return run.finish({ modulePath: null, requestsBetween: () => 1000 });
}

test('six kinds of large profiles of ten stages leave the longest report below 2 MB, and what was cut is said', async (t) => {
  const { analysis, plan } = buildStairAnalysis({ holds: 10, holdSeconds: 60, profilesPerStage: 6, extraSignals: 40 });
  const callTrees = manyTrees();
  t.is(callTrees.length, 6);
  const html = await toHtml(composeRun({ ...analysis, detail: { ...analysis.detail, callTrees } }, plan));
  t.true(Buffer.byteLength(html) < 2_000_000, `${Buffer.byteLength(html)} bytes`);
  t.regex(html, /[\d,]+ of [\d,]+ frames, none above [\d.]+% of any profile, are drawn together/);
});
