import { type SignOffCheck, type Waiver, neverWaived } from '../../model/sign-off.ts';
import type { EpochMilliseconds } from '../../model/units.ts';

export const hasExpired = ({ expires }: Pick<Waiver, 'expires'>, now: EpochMilliseconds): boolean =>
  !(Date.parse(expires) > now);

/** As the line that it covers shows it. */
export const waiverText = ({ owner, reason, expires }: Waiver): string =>
  `${owner}: ${reason} (until ${expires.slice(0, 16)}Z)`;

/**
 * Lines that did not pass and that a waiver covers become `waived`. The line about waivers comes last: an expired one
 * fails, whatever it was for.
 */
export function applyWaivers(
  lines: readonly SignOffCheck[],
  waivers: readonly Waiver[],
  now: EpochMilliseconds,
): readonly SignOffCheck[] {
  const covered = lines.map((line): SignOffCheck => {
    if ((line.status !== 'fail' && line.status !== 'inconclusive') || neverWaived.includes(line.id)) return line;
    const waiver = waivers.find(({ scope, expires }) => scope === line.id && !hasExpired({ expires }, now));
    if (waiver === undefined) return line;
    return {
      ...line,
      status: 'waived',
      waiver: waiverText(waiver),
    };
  });
  return [...covered, waiverLine(waivers, now)];
}

function waiverLine(waivers: readonly Waiver[], now: EpochMilliseconds): SignOffCheck {
  const expired = waivers.filter((waiver) => hasExpired(waiver, now));
  const ended = expired.map(({ scope, owner, expires }) => `the waiver of ${owner} for ${scope} ended at ${expires}`);
  return {
    id: 'waivers',
    trigger: 'there are waivers',
    method: 'each has an owner, a reason, a line of this list and an end that is still to come',
    status: waivers.length === 0 ? 'not-applicable' : expired.length === 0 ? 'pass' : 'fail',
    evidence:
      waivers.length === 0 ? 'there are none' : ended.length === 0 ? `${waivers.length} in force` : ended.join('; '),
    runs: [],
    waiver: null,
  };
}
