import { percent, ratio } from '../../../model/units.ts';
import { percentText } from '../../percent-text.ts';
import { defineAnalyzer } from '../analyzer.ts';
import { makeFinding } from './make-finding.ts';

const id = 'tls-failed';

/** Shares of the due requests from which it is a finding, and from which hardly anything else was measured. */
const notable = percent(1);
const mostly = percent(50);

/** Requests that came no further than the TLS handshake: nearly always a certificate that is not trusted. */
export const tlsFailed = defineAnalyzer({
  name: id,
  needs: ['traffic'],
  wants: [],
  answer: ({ traffic }) => {
    const shares = traffic.stages.map(({ index, all, failures }) => ({
      stage: index,
      share: ratio((failures.tls ?? 0) / Math.max(1, all.books.due)),
    }));
    const [worst] = shares.toSorted((left, right) => right.share - left.share);
    if (worst === undefined || worst.share <= notable) return [];
    const { stage, share } = worst;
    const text = {
      id,
      title: `${percentText(share)} of the due requests failed in the TLS handshake`,
      recommendation:
        'Say which authority to trust with --ca FILE (in a scenario tls.ca), give a client certificate where the service asks for one (tls.certificate and tls.key), or trust any with --insecure.',
    };
    const evidence = [
      {
        source: 'client',
        statement: 'share of the due requests that failed of tls',
        value: share,
        unit: 'ratio',
        stage,
      },
    ];
    return [makeFinding(text, { severity: share > mostly ? 'critical' : 'warning', counted: true, evidence })];
  },
});
