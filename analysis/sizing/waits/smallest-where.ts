/**
 * The smallest whole number from `least` on for which `holds`, which holds for every larger one too: doubling steps from
 * `start`, then bisection. Null where nothing up to `most` does.
 */
export function smallestWhere(
  holds: (value: number) => boolean,
  { least, start, most }: { readonly least: number; readonly start: number; readonly most: number },
): number | null {
  let value = Math.min(Math.max(start, least), most);
  let fails: number;
  let step = 1;
  if (holds(value)) {
    for (fails = value - 1; fails >= least && holds(fails); step *= 2) {
      value = fails;
      fails = Math.max(least - 1, value - 2 * step);
    }
  } else {
    fails = value;
    if (value >= most) return null;
    for (value = Math.min(most, fails + 1); !holds(value); step *= 2) {
      if (value >= most) return null;
      fails = value;
      value = Math.min(most, value + 2 * step);
    }
  }
  while (value - fails > 1) {
    const middle = Math.floor((value + fails) / 2);
    if (holds(middle)) value = middle;
    else fails = middle;
  }
  return value;
}
