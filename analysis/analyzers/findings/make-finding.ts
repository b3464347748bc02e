import type { Estimate, Evidence, Finding, Severity } from '../../../model/finding.ts';

/** What a finding's analyzer found: evidence for it, or which measurement it misses. Null: nothing to say. */
export interface Found {
  readonly severity: Severity;
  readonly evidence: readonly Evidence[];
  /** Where in the code, shown after the evidence: it names the place and is no witness. */
  readonly where?: readonly Evidence[];
  /** Every single case was counted, so that nothing is inferred and a second witness would only explain it. */
  readonly counted?: boolean;
  readonly estimate?: Estimate | null;
  /** Doubts besides those that the evidence itself gives. */
  readonly warnings?: readonly string[];
}

/** What is always the same about a finding: its id in docs/findings.md and its two sentences. */
export interface FindingText {
  readonly id: string;
  readonly title: string;
  readonly recommendation: string;
}

/** Independent measurements that must say so before something is called found. */
const fewestSources = 2;

/**
 * A finding is estimated where at least two independent sources say it (requirements S000.4) or where it is a plain
 * count of the client's own answers, and inconclusive with the warning `single-source` where only one does.
 */
export function makeFinding(
  text: FindingText,
  { severity, evidence, where = [], counted = false, estimate = null, warnings = [] }: Found,
): Finding {
  const sources = new Set(evidence.map(({ source }) => source));
  const enough = counted || sources.size >= fewestSources;
  return {
    ...text,
    status: enough ? 'estimated' : 'inconclusive',
    severity: enough ? severity : 'info',
    estimate,
    evidence: [...evidence, ...where],
    warnings: enough ? warnings : [...warnings, 'single-source'],
  };
}

/** For a question that can't be answered because `missing` was not measured. */
export function notApplicable(text: FindingText, missing: string): Finding {
  return {
    ...text,
    status: 'not-applicable',
    severity: 'info',
    estimate: null,
    evidence: [{ source: missing, statement: `not measured: ${missing}`, value: null, unit: null, stage: null }],
    warnings: ['measurement-missing'],
  };
}
