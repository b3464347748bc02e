import type { HeadroomRow, SafeRate } from '../../model/sign-off.ts';
import { type PerSecond, perSecond } from '../../model/units.ts';

/** Losses that are always shown, whether or not they have to be survived. */
const shownLosses = 2;

/**
 * The planned load per instance with none, one, two … of them lost: each of the rest carries target / (n − lost). Empty
 * where the number of instances is not known.
 */
export function headroomRows(
  target: PerSecond,
  instances: { readonly planned: number | null; readonly survive: number },
  safe: SafeRate | null,
): readonly HeadroomRow[] {
  const { planned, survive } = instances;
  if (planned === null) return [];
  const losses = Array.from({ length: Math.max(shownLosses, survive) + 1 }, (_, lost) => lost);
  return losses
    .filter((lost) => lost < planned)
    .map((lost): HeadroomRow => {
      const load = perSecond(target / (planned - lost));
      return {
        instances: planned - lost,
        lost,
        ratePerInstancePerSecond: load,
        share: safe === null ? null : shareLeft(load, safe),
        required: lost <= survive,
        status: safe === null ? 'inconclusive' : statusOf(load, safe),
      };
    });
}

function shareLeft(load: PerSecond, { estimate, low, high }: SafeRate): NonNullable<HeadroomRow['share']> {
  return { estimate: 1 - load / estimate, low: 1 - load / low, high: high === null ? null : 1 - load / high };
}

/** Passes up to the lower end; fails beyond what was shown; between them nothing is decided. */
function statusOf(load: PerSecond, { estimate, low }: SafeRate): HeadroomRow['status'] {
  if (load <= low) return 'pass';
  return load > estimate ? 'fail' : 'inconclusive';
}
