import type { Bytes, PerSecond } from './units.ts';

/*
 * The capacity sign-off: what a service was shown to carry, by which runs, until when that may be relied on. It is the
 * predicate of a signed in-toto statement, so everything in it is data: instants are ISO 8601 in UTC, rates per second.
 */

/** Tests that every sign-off asks for, in the order of its checklist. */
export const requiredTests = [
  'search-certificate',
  'peak-soak',
  'spike',
  'instance-lost',
  'slow-dependency',
  'restart',
] as const;
export type RequiredTest = (typeof requiredTests)[number];

/** Lines of the checklist. docs/sign-off.md lists them. */
export const checkIds = [
  'subject',
  'runs',
  'evidence-age',
  'environment',
  'policy',
  'traffic-target',
  ...requiredTests,
  'headroom',
  'settings',
  'findings',
  'regressions',
  'approvers',
  'waivers',
] as const;
export type CheckId = (typeof checkIds)[number];

/** What no waiver can be for: that there is evidence at all, and waivers themselves. */
export const neverWaived: readonly CheckId[] = ['runs', 'waivers'];

export type CheckStatus = 'pass' | 'fail' | 'inconclusive' | 'waived' | 'not-applicable';

/** One line of the checklist. */
export interface SignOffCheck {
  readonly id: CheckId;
  /** When the line is asked for. */
  readonly trigger: string;
  /** How it is decided. */
  readonly method: string;
  readonly status: CheckStatus;
  /** What was seen, in a sentence; for what did not pass, what would settle it. */
  readonly evidence: string;
  /** Ids of the runs and searches it rests on. */
  readonly runs: readonly string[];
  /** Owner, reason and expiry of the waiver that covers it; null where none does. */
  readonly waiver: string | null;
}

export type SignOffVerdict = 'PASS' | 'FAIL' | 'INCONCLUSIVE';

/** Leave to go live although a line of the checklist did not pass. */
export interface Waiver {
  readonly owner: string;
  readonly reason: string;
  readonly scope: CheckId;
  /** First instant at which it is no more. */
  readonly expires: string;
}

/** A file that the sign-off rests on; `name` is its path below the folder of artefacts, with `/`. */
export interface Artifact {
  readonly name: string;
  readonly bytes: Bytes;
  readonly sha256: string;
}

/** What is signed off: something with a digest. */
export interface Subject {
  readonly name: string;
  readonly digest: Readonly<Record<string, string>>;
}

/** What an instance was shown to carry. */
export interface SafeRate {
  readonly estimate: PerSecond;
  /** The end that headroom is counted from. */
  readonly low: PerSecond;
  /** Null: no load was seen to be too much. */
  readonly high: PerSecond | null;
  /** Null: a bracket of measured levels, no interval of statistics. */
  readonly confidence: number | null;
  readonly method: string;
  readonly run: string;
}

/** The planned load with some instances lost. */
export interface HeadroomRow {
  readonly instances: number;
  readonly lost: number;
  readonly ratePerInstancePerSecond: PerSecond;
  /** 1 − load / safe rate, and the same at the ends of the safe rate's interval. */
  readonly share: { readonly estimate: number; readonly low: number; readonly high: number | null } | null;
  /** Whether the sign-off depends on it. */
  readonly required: boolean;
  readonly status: 'pass' | 'fail' | 'inconclusive';
}

export interface TestedSetting {
  readonly name: string;
  readonly value: string;
  /** The run that ran with exactly this value and gave the safe rate; null: none did. */
  readonly testedBy: string | null;
}

/** One run or search that was given, and what it counts as. */
export interface RunSummary {
  readonly id: string;
  readonly kind: 'run' | 'search';
  readonly name: string;
  /** Null: none of the required tests; it is evidence beside them. */
  readonly test: RequiredTest | null;
  readonly startedAt: string;
  readonly outcome: string;
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  /** Its folder among the artefacts. */
  readonly folder: string;
}

/** Where the sign-off stops to hold, whatever it says. */
export interface Validity {
  readonly from: string;
  /** First instant at which it is no longer valid. */
  readonly expires: string;
  readonly commit: string | null;
  /** SHA-256 of the environment's and of the settings' fields. */
  readonly environmentSha256: string;
  readonly settingsSha256: string;
  /** Forecasts above this were not looked at. */
  readonly forecastUpToPerSecond: PerSecond;
}

export interface SignOff {
  /** These four are those of the in-toto predicate test-result v0.1; what is undecided is FAILED there. */
  readonly result: 'PASSED' | 'WARNED' | 'FAILED';
  readonly configuration: readonly { readonly name: string; readonly digest: Readonly<Record<string, string>> }[];
  readonly passedTests: readonly string[];
  readonly warnedTests: readonly string[];
  readonly failedTests: readonly string[];

  readonly verdict: SignOffVerdict;
  readonly service: string;
  readonly plimsollVersion: string;
  readonly policy: { readonly name: string; readonly sha256: string } | null;
  readonly trafficTarget: {
    readonly ratePerSecond: PerSecond;
    readonly source: string | null;
    readonly date: string | null;
  };
  /** How many will run, and how many of them may be lost at the peak; null: not said. */
  readonly instances: { readonly planned: number | null; readonly survive: number };
  /** What the runs have in common; null where it is not known, or where they differ. */
  readonly environment: Readonly<Record<string, string | null>>;
  readonly runs: readonly RunSummary[];
  readonly safeRatePerInstance: SafeRate | null;
  readonly levels: {
    readonly greenPerSecond: PerSecond;
    readonly yellowPerSecond: PerSecond;
    readonly redPerSecond: PerSecond;
  } | null;
  readonly headroom: readonly HeadroomRow[];
  readonly settings: readonly TestedSetting[];
  readonly openRegressions: readonly string[];
  readonly waivers: readonly Waiver[];
  readonly validity: Validity;
  readonly approvers: readonly string[];
  readonly checklist: readonly SignOffCheck[];
  readonly artifacts: readonly Artifact[];
}
