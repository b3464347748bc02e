import { type CheckStatus, type RequiredTest, type SignOffCheck, requiredTests } from '../../model/sign-off.ts';
import { rateText } from '../../model/rate-text.ts';
import { between } from '../../model/units.ts';
import type { SignOffAsked } from './sign-off-asked.ts';
import { missingFromTest } from './test-shape.ts';
import { type TestedRun, testOf, unfinished } from './tested-run.ts';

interface Judged {
  readonly status: CheckStatus;
  readonly evidence: string;
}

const methods: Readonly<Record<RequiredTest, string>> = {
  'search-certificate': 'a search with a certificate: the objective is kept at the rate with the stated confidence',
  'peak-soak': 'objectives of a run at the planned load of an instance, held for long',
  spike: 'objectives before, in and after a rise to twice the load and more within seconds',
  'instance-lost': 'objectives at the load that an instance gets when others are lost',
  'slow-dependency': 'objectives at the planned load while endpoints that wait for a dependency are seen to be slower',
  restart: 'objectives before and after a restart under the planned load, which the target’s metrics show',
};

/** One line for each required test: what is missing is named as missing, and of several runs the worst counts. */
export function testLines(runs: readonly TestedRun[], asked: SignOffAsked): readonly SignOffCheck[] {
  return requiredTests.map((test) => {
    const these = runs.filter((run) => testOf(run) === test);
    const needed = test !== 'instance-lost' || asked.instances.survive > 0;
    const judged = these.map((run) => judge(test, run, asked, runs));
    const worst = judged.toSorted((one, other) => rank(one.status) - rank(other.status))[0] ?? missing(test);
    const { status, evidence } = needed ? worst : notNeeded;
    return {
      id: test,
      trigger: test === 'instance-lost' ? 'losing an instance has to be survived' : 'always',
      method: methods[test],
      status,
      evidence,
      runs: these.map(({ id }) => id),
      waiver: null,
    };
  });
}

const rank = (status: CheckStatus): number => (status === 'fail' ? 0 : status === 'inconclusive' ? 1 : 2);

const notNeeded: Judged = { status: 'not-applicable', evidence: 'no instance has to be lost (--survive 0)' };

function missing(test: RequiredTest): Judged {
  const evidence =
    test === 'search-certificate'
      ? 'missing: no search was given (plimsoll search … --certify)'
      : `missing: no run of a scenario called ${test} was given`;
  return { status: 'inconclusive', evidence };
}

function judge(test: RequiredTest, run: TestedRun, asked: SignOffAsked, all: readonly TestedRun[]): Judged {
  const open = (reason: string): Judged => ({ status: 'inconclusive', evidence: `${run.id}: ${reason}` });
  const cut = unfinished(run);
  if (cut !== null) return open(cut);
  if (between(run.startedAt, asked.now) > asked.oldestEvidence) return open('it is too old to be evidence');
  if (test === 'search-certificate') return judgeSearch(run, open);
  const { status, reasons } = run.analysis.verdict;
  const why = reasons.length === 0 ? '' : `: ${reasons.slice(0, 3).join('; ')}`;
  switch (status) {
    case 'fail':
      return { status: 'fail', evidence: `${run.id}: objectives were missed${why}` };
    case 'inconclusive':
      return open(`objectives were not decided${why}`);
    case 'pass': {
      const lacking = missingFromTest(
        test,
        run,
        asked,
        all.filter(({ id, search }) => id !== run.id && search === null),
      );
      return lacking === null
        ? { status: 'pass', evidence: `${run.id}: every objective held` }
        : open(`it is called ${run.plan.name}, but ${lacking}`);
    }
    default:
      return status satisfies never;
  }
}

function judgeSearch({ id, search }: TestedRun, open: (reason: string) => Judged): Judged {
  if (search === null) return open('it is no search');
  const { status, certificate, conclusive, reasons } = search;
  if (status === 'always-overloaded') return { status: 'fail', evidence: `${id}: no rate met the objectives` };
  if (certificate === null) return open(`it has no certificate${listed(reasons)}`);
  const at = `${rateText(certificate.ratePerSecond)}, ${certificate.note}`;
  switch (certificate.result) {
    case 'pass':
      return conclusive && status === 'found'
        ? { status: 'pass', evidence: `${id}: ${at}` }
        : open(`it is not conclusive${listed(reasons)}`);
    case 'fail':
      return { status: 'fail', evidence: `${id}: the certificate was refused at ${at}` };
    case 'undecided':
    case 'invalid':
      return open(`the certificate is ${certificate.result} at ${at}`);
    default:
      return certificate.result satisfies never;
  }
}

const listed = (reasons: readonly string[]): string => (reasons.length === 0 ? '' : `: ${reasons.join('; ')}`);
