import type { Options } from 'yargs';
import type { SignOffAsked } from '../../analysis/sign-off/sign-off-asked.ts';
import {
  type EpochMilliseconds,
  UnitError,
  after,
  epochMilliseconds,
  parseDuration,
  parseRate,
} from '../../model/units.ts';
import type { Reasons } from '../../scenarios/reasons.ts';
import { parseCount } from '../parse-count.ts';
import type { FlagValues } from '../with-flags.ts';
import { parseDay, parseEnd } from './parse-instant.ts';

export const signOffFlags = {
  policy: { type: 'string', describe: 'file with the policy; it is kept with its hash' },
  target: { type: 'string', describe: 'planned peak of all instances together (5000/s)' },
  'target-source': { type: 'string', describe: 'who says so: a forecast, a team, a ticket' },
  'target-date': { type: 'string', describe: 'since when (2026-11-01)' },
  instances: { type: 'string', describe: 'how many instances will run' },
  survive: { type: 'string', default: '1', describe: 'how many of them may be lost at the peak' },
  subject: {
    type: 'string',
    array: true,
    describe: 'what is signed off: a binary, or IMAGE@sha256:…; unasked the binary that the runs launched',
  },
  commit: { type: 'string', describe: 'commit that it was built from; unasked the one in the Go binary' },
  service: { type: 'string', describe: 'name of the service; unasked the Go module of the target' },
  setting: {
    type: 'string',
    array: true,
    describe: 'NAME=VALUE that will be used and has to be tested; unasked those of the certified run',
  },
  comparison: { type: 'string', describe: 'what "plimsoll compare --json" said of the version before' },
  'open-regression': { type: 'string', array: true, describe: 'a regression that is known and not mended' },
  waivers: { type: 'string', describe: 'JSON file with waivers: owner, reason, scope, expires' },
  approver: { type: 'string', array: true, describe: 'who stands for it' },
  expires: { type: 'string', describe: 'last day, or instant, of its validity; unasked 30 days from now' },
  'soak-for': { type: 'string', default: '10m', describe: 'a soak holds the planned load for so long at least' },
  key: { type: 'string', describe: 'Ed25519 private key as PEM (plimsoll signoff key makes one)' },
  out: { type: 'string', default: 'signoff', describe: 'folder, or file ending in .json, to write' },
} as const satisfies Record<string, Options>;

export type SignOffFlags = FlagValues<typeof signOffFlags>;

/** Evidence is as old as this at most, and a sign-off is valid for as long where it does not say until when. */
const month = parseDuration('720h');

export type ParsedSignOff = Omit<SignOffAsked, 'subject' | 'policy' | 'regressions' | 'waivers'> & {
  readonly openRegressions: readonly string[];
  readonly expires: string;
};

/** What the flags say by themselves; what is wrong is noted, all of it. */
export function parseSignOff(flags: SignOffFlags, now: EpochMilliseconds, reasons: Reasons): ParsedSignOff {
  const target = reasons.collect('--target', parseRate('1'), () => targetFrom(flags.target));
  const { instances, targetDate } = flags;
  const expires = flags.expires;
  const until = reasons.collect('--expires', '', () =>
    expires === undefined ? new Date(after(now, month)).toISOString() : parseEnd(expires),
  );
  if (until !== '' && !(Date.parse(until) > now))
    reasons.add('--expires', `${until} is over`, 'a day that is still to come');
  return {
    now,
    trafficTarget: {
      ratePerSecond: target,
      source: flags.targetSource ?? null,
      date: targetDate === undefined ? null : reasons.collect('--target-date', null, () => parseDay(targetDate)),
    },
    instances: {
      planned: instances === undefined ? null : reasons.collect('--instances', 1, () => parseCount(instances, 1)),
      survive: reasons.collect('--survive', 1, () => parseCount(flags.survive, 0)),
    },
    recommended: new Map(
      (flags.setting ?? []).map((text) => reasons.collect('--setting', ['', ''], () => pairFrom(text))),
    ),
    approvers: flags.approver ?? [],
    openRegressions: flags.openRegression ?? [],
    oldestEvidence: month,
    leastSoak: reasons.collect('--soak-for', month, () => parseDuration(flags.soakFor)),
    expires: until,
  };
}

function targetFrom(text: string | undefined): ReturnType<typeof parseRate> {
  const hint = 'write the planned peak of all instances together: --target 5000/s';
  if (text === undefined) throw new UnitError('is missing', hint);
  const rate = parseRate(text);
  if (rate === 0) throw new UnitError(`"${text}" is not above 0`, hint);
  return rate;
}

function pairFrom(text: string): readonly [string, string] {
  const [, name = '', value = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (name === '') throw new UnitError(`"${text}" is no setting`, 'write --setting DB_POOL=32');
  return [name, value];
}

export const nowOnThisMachine = (): EpochMilliseconds => epochMilliseconds(Date.now());
