import type { Evidence, Finding } from '../../../model/finding.ts';
import { percent } from '../../../model/units.ts';
import { percentText } from '../../percent-text.ts';
import { type UnexpectedStatus, commonUnexpectedStatus } from '../../traffic/common-unexpected-status.ts';
import type { StageTraffic } from '../../traffic/decode-traffic.ts';
import { defineAnalyzer } from '../analyzer.ts';
import { makeFinding } from './make-finding.ts';

const id = 'unexpected-status';

/** Shares of the answers from which it is a finding, and from which hardly anything else was measured. */
const notable = percent(1);
const mostly = percent(50);

/**
 * Answers that failed for their status, by the code they had most often: 401 and 404 are a mistake in what was asked, 500
 * is one of the service. A fact of each answer, so the warm-up and stages that are not judged tell it as well.
 */
export const unexpectedStatus = defineAnalyzer({
  name: id,
  needs: ['traffic'],
  wants: [],
  answer: ({ traffic }): readonly Finding[] => {
    const seen = traffic.stages.flatMap((stage) => {
      const common = commonUnexpectedStatus(stage.all);
      return common === null ? [] : [{ stage, common }];
    });
    const [worst] = seen.toSorted((left, right) => right.common.share - left.common.share);
    if (worst === undefined || worst.common.share <= notable) return [];
    const { stage, common } = worst;
    const text = {
      id,
      title: `${percentText(common.share)} of the answers were ${common.status}`,
      recommendation: `${wayOut(common.status)} If this status is all right, say so with ${expectText(common.status)}.`,
    };
    const severity = common.share > mostly ? 'critical' : 'warning';
    return [makeFinding(text, { severity, counted: true, evidence: evidenceOf(stage, common) })];
  },
});

/** Of all requests, and of the endpoint that has most of it where others have less. */
function evidenceOf({ index, endpoints }: StageTraffic, { status, share }: UnexpectedStatus): Evidence[] {
  const statement = `share of the answers with status ${status}`;
  const byEndpoint = endpoints
    .flatMap((endpoint) => {
      const common = commonUnexpectedStatus(endpoint);
      return common?.status === status ? [{ name: endpoint.name, share: common.share }] : [];
    })
    .toSorted((left, right) => right.share - left.share);
  const [most] = byEndpoint;
  const named = most !== undefined && most.share > share ? [most] : [];
  return [
    { source: 'client', statement, value: share, unit: 'ratio', stage: index },
    ...named.map((endpoint) => ({
      source: 'client',
      statement: `${statement} at ${endpoint.name}`,
      value: endpoint.share,
      unit: 'ratio',
      stage: index,
    })),
  ];
}

const isGrpc = (status: string): boolean => /^[A-Z]/.test(status);

const expectText = (status: string): string => (isGrpc(status) ? `expect: 'OK,${status}'` : `--expect ${status}`);

function wayOut(status: string): string {
  return isGrpc(status) ? wayOutOfCode(status) : wayOutOfStatus(Number(status));
}

function wayOutOfCode(code: string): string {
  switch (code) {
    case 'UNAUTHENTICATED':
      return "The service wants to know who asks: give metadata such as { authorization: 'env:TOKEN' }.";
    case 'PERMISSION_DENIED':
      return 'Who asks may not do this: give other credentials in the metadata.';
    case 'NOT_FOUND':
    case 'INVALID_ARGUMENT':
    case 'OUT_OF_RANGE':
    case 'FAILED_PRECONDITION':
    case 'ALREADY_EXISTS':
      return 'The service does not accept what was sent: look at the message and the ids in it.';
    case 'UNIMPLEMENTED':
      return 'Nothing is served there: look at the name of the method.';
    default:
      return 'The service failed, or a proxy in front of it did: read its log of that time (target.log in the run folder where plimsoll launched it).';
  }
}

function wayOutOfStatus(status: number): string {
  switch (status) {
    case 401:
      return 'The service wants to know who asks: give --auth user:password or --auth bearer:TOKEN (in a scenario, a header with env:NAME).';
    case 403:
      return 'Who asks may not do this: give other credentials with --auth, or a header the service asks for with --header.';
    case 404:
    case 410:
      return 'Nothing is served there: look at path and method of what was asked, and at the ids in it.';
    case 405:
      return 'The path takes another method: give it with --method.';
    case 400:
    case 406:
    case 411:
    case 413:
    case 415:
    case 422:
      return 'The service does not accept what was sent: look at --body and at the Content-Type and Accept headers (--header).';
    default:
      return status < 500
        ? 'Ask for one answer by hand and read what it says.'
        : 'The service failed, or a proxy in front of it did: read its log of that time (target.log in the run folder where plimsoll launched it).';
  }
}
