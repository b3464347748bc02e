import type { VerdictStatus } from '../../model/finding.ts';
import { rateText } from '../../model/rate-text.ts';
import type { Block, Document } from '../../reports/document.ts';
import type { VerificationFigures } from './verification-figures.ts';

/** What verify says on a terminal. */
export function composeVerification(figures: VerificationFigures): Document {
  const { status, verdict, refusals, service, subject, safeRatePerInstance: safe, validity, keyIds } = figures;
  return {
    title: service === null ? 'Capacity sign-off' : `${service}: capacity sign-off`,
    subtitle: subject === null ? '' : subject.map(({ name }) => name).join(', '),
    blocks: [
      ...refusals.map(({ code, message }): Block => ({
        kind: 'text',
        text: `${code}: ${message}`,
        tone: 'bad',
        brief: true,
      })),
      ...figures.warnings.map(({ message }): Block => ({ kind: 'text', text: message, tone: 'warning', brief: true })),
      {
        kind: 'verdict',
        status: verdictShown(figures),
        headline:
          status === 'refused'
            ? `refused, for ${refusals.length} ${refusals.length === 1 ? 'reason' : 'reasons'}`
            : `the sign-off says ${verdict ?? ''}`,
        facts: [
          {
            id: 'signed',
            label: 'signed by',
            value: keyIds.length === 0 ? 'nobody' : keyIds.join(', '),
            note: status === 'unverified' ? 'not verified: no key was given' : null,
          },
          ...(safe === null
            ? []
            : [{ id: 'safe', label: 'safe rate', value: `${rateText(safe.estimate)} each`, note: null }]),
          ...(validity === null ? [] : [{ id: 'until', label: 'valid until', value: validity.expires, note: null }]),
        ],
      },
    ],
  };
}

function verdictShown({ status, verdict }: VerificationFigures): VerdictStatus {
  if (status === 'refused' || verdict === 'FAIL') return 'fail';
  return status === 'valid' && verdict === 'PASS' ? 'pass' : 'inconclusive';
}
