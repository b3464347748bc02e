import test from 'ava';
import { type CheckStatus, type SignOff, type SignOffVerdict, checkIds } from '../../model/sign-off.ts';
import { perSecond } from '../../model/units.ts';
import { toHtml } from '../render/to-html.ts';
import { toMarkdown } from '../render/to-markdown.ts';
import { composeSignOff } from './compose-sign-off.ts';

const hash = 'a'.repeat(64);
const hostile = '<script>alert(1)</script> | `x` \u202E';

function signOff(verdict: SignOffVerdict, statuses: Partial<Record<string, CheckStatus>> = {}): SignOff {
  return {
    result: 'FAILED',
    configuration: [],
    passedTests: [],
    warnedTests: [],
    failedTests: [],
    verdict,
    service: hostile,
    plimsollVersion: '0.1.0',
    policy: { name: hostile, sha256: hash },
    trafficTarget: { ratePerSecond: perSecond(5_000), source: hostile, date: '2026-11-01' },
    instances: { planned: 8, survive: 1 },
    environment: { kernel: hostile, targetGogc: null },
    runs: [
      {
        id: 'run-1',
        kind: 'run',
        name: hostile,
        test: 'spike',
        startedAt: '2026-11-21T09:13:00.000Z',
        outcome: 'completed',
        verdict: 'pass',
        folder: 'runs/run-1',
      },
    ],
    safeRatePerInstance: {
      estimate: perSecond(900),
      low: perSecond(880),
      high: perSecond(940),
      confidence: 0.95,
      method: 'certified',
      run: 'run-1',
    },
    levels: { greenPerSecond: perSecond(616), yellowPerSecond: perSecond(748), redPerSecond: perSecond(880) },
    headroom: [
      {
        instances: 7,
        lost: 1,
        ratePerInstancePerSecond: perSecond(714),
        share: { estimate: 0.2067, low: 0.1886, high: 0.2404 },
        required: true,
        status: 'pass',
      },
    ],
    settings: [
      { name: 'GOGC', value: '200', testedBy: 'run-1' },
      { name: 'DB_POOL', value: '32', testedBy: null },
    ],
    openRegressions: [],
    waivers: [{ owner: hostile, reason: hostile, scope: 'regressions', expires: '2026-12-31T00:00:00.000Z' }],
    validity: {
      from: '2026-11-21T12:00:00.000Z',
      expires: '2026-12-21T12:00:00.000Z',
      commit: null,
      environmentSha256: hash,
      settingsSha256: hash,
      forecastUpToPerSecond: perSecond(5_000),
    },
    approvers: [hostile],
    checklist: checkIds.map((id) => ({
      id,
      trigger: 'always',
      method: 'looked at',
      status: statuses[id] ?? 'pass',
      evidence: hostile,
      runs: [],
      waiver: null,
    })),
    artifacts: [],
  };
}

const subjects = [{ name: hostile, digest: { sha256: hash } }];
const markdown = (verdict: SignOffVerdict, statuses: Partial<Record<string, CheckStatus>> = {}): string =>
  toMarkdown(composeSignOff(signOff(verdict, statuses), subjects));

test('the answer comes first, then what keeps it from passing', (t) => {
  t.regex(
    markdown('PASS', { regressions: 'waived' }),
    /\*\*PASS\*\*: it carries 5,000\/s with 8 instances, of which 1 may be lost, with 1 waived/,
  );
  const failed = markdown('FAIL', { spike: 'fail', policy: 'inconclusive' });
  t.regex(failed, /\*\*FAIL\*\*: not for 5,000\/s: 1 of 18 checks failed/);
  t.regex(failed, /\n\nfailed: spike: [^]*## Checklist/);
  t.regex(failed, /\n\nopen: policy: [^]*## Checklist/);
  t.regex(markdown('INCONCLUSIVE', { spike: 'inconclusive' }), /not decided for 5,000\/s: 1 of 18 checks are open/);
});

test('the safe rate, the headroom from its lower end, and settings that nobody tested', (t) => {
  const text = markdown('PASS');
  t.regex(text, /safe rate \*\*900\/s each\*\*: 880\/s to 940\/s, 95/);
  t.regex(text, /headroom \*\*18\.9%\*\*: left with 1 lost, of 8 at 5,000\/s/);
  t.regex(text, /GOGC=200, tested by run-1; DB\\_POOL=32, not tested/);
  t.regex(text, /Missing: certified rate, soak at the peak, instance lost, slow dependency, restart under load/);
});

test('whatever names and reasons hold, it stays text', async (t) => {
  const html = await toHtml(composeSignOff(signOff('FAIL', { spike: 'fail' }), subjects));
  t.notRegex(html, /<script>alert|\u202E/);
  t.regex(html, /&lt;script&gt;alert\(1\)&lt;\/script&gt;/);
  const text = markdown('FAIL', { spike: 'fail' });
  t.notRegex(text, /<script>|\u202E/);
  t.regex(text, /\\\| \\`x\\`/);
});
