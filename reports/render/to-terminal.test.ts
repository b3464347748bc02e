import test from 'ava';
import {
  buildAbortedAnalysis,
  buildClosedAnalysis,
  buildNothingAnalysis,
  buildPlainUrlAnalysis,
  buildStairAnalysis,
} from '../../fixtures/records/build-analysis.ts';
import { golden } from '../../test/golden.ts';
import { composeRun } from '../compose/compose-run.ts';
import type { Document } from '../document.ts';
import { toTerminal } from './to-terminal.ts';

const runs = {
  stair: buildStairAnalysis,
  'plain-url': buildPlainUrlAnalysis,
  closed: buildClosedAnalysis,
  aborted: buildAbortedAnalysis,
  nothing: buildNothingAnalysis,
};
const reportPath = '.plimsoll/runs/20261121-091300-group-buy-stair-4f1c/report.html';

for (const [name, build] of Object.entries(runs))
  test(`${name}: 80 columns, and the last lines are verdict, water-level, limiter and report`, (t) => {
    const { analysis, plan } = build();
    const text = toTerminal(composeRun(analysis, plan), { colour: false, width: 80, reportPath });
    t.is(`${text}\n`, golden(`terminal-${name}-80.txt`, `${text}\n`));
    const lines = text.split('\n');
    t.deepEqual(
      lines.slice(-4).map((line) => line.split(/ {2,}/)[0]),
      ['verdict', 'water-level', 'limiter', 'report'],
    );
    t.is(lines.at(-1), `report       ${reportPath}`);
    t.deepEqual(
      lines.filter((line) => line.length > 80),
      [],
    );
  });

test('120 columns show more columns', (t) => {
  const { analysis, plan } = buildStairAnalysis();
  const text = toTerminal(composeRun(analysis, plan), { colour: false, width: 120, reportPath });
  t.is(`${text}\n`, golden('terminal-stair-120.txt', `${text}\n`));
  t.true(text.includes('p99.9, ms'));
});

test('a narrow terminal loses columns, never the stage, its load, p99, errors or result', (t) => {
  const { analysis, plan } = buildStairAnalysis();
  const text = toTerminal(composeRun(analysis, plan), { colour: false, width: 60, reportPath: null });
  const head = text.split('\n').find((line) => line.startsWith('stage '));
  for (const title of ['load', 'p99', 'errors', 'result']) t.true(head?.includes(title), title);
  t.false(text.includes('\nreport '));
});

test('colour is on only where it is asked for', (t) => {
  const { analysis, plan } = buildStairAnalysis();
  const document = composeRun(analysis, plan);
  const plain = toTerminal(document, { colour: false, width: 80, reportPath });
  const coloured = toTerminal(document, { colour: true, width: 80, reportPath });
  t.false(plain.includes('\u001B'));
  // oxlint-disable-next-line no-control-regex -- colours are control characters
  t.is(coloured.replaceAll(/\u001B\[\d+m/g, ''), plain);
  t.true(coloured.includes('\u001B[31m'));
});

test('what the target said cannot command the terminal', (t) => {
  const document: Document = {
    title: 'a\u001B]0;owned\u0007b',
    subtitle: 'x\ny',
    blocks: [{ kind: 'text', text: '\u001B[2Jgone', brief: true }],
  };
  const text = toTerminal(document, { colour: false, width: 80, reportPath: null });
  // oxlint-disable-next-line no-control-regex -- looking for them is the test
  t.false(/[\u0000-\u0009\u000B-\u001F\u007F]/.test(text));
});

test('an indented text keeps its indent', (t) => {
  const document: Document = {
    title: 't',
    subtitle: 's',
    blocks: [{ kind: 'text', text: '    import _ "net/http/pprof"', brief: true }],
  };
  t.true(toTerminal(document, { colour: false, width: 30, reportPath: null }).includes('\n    import _'));
});
