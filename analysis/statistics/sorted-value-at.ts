/**
 * The value at this place (from 0) once the values were sorted, in time proportional to their number; reorders them. Not
 * for NaN. Quickselect (Hoare, "Algorithm 65: Find", CACM 4, 1961), its pivot the median of three.
 */
export function sortedValueAt(values: Float64Array, place: number): number {
  const at = (index: number): number => values[index] ?? 0;
  let first = 0;
  let last = values.length - 1;
  while (first < last) {
    const pivot = median(at(first), at((first + last) >> 1), at(last));
    let left = first;
    let right = last;
    while (left <= right) {
      while (at(left) < pivot) left++;
      while (at(right) > pivot) right--;
      if (left > right) break;
      const value = at(left);
      values[left++] = at(right);
      values[right--] = value;
    }
    if (place <= right) last = right;
    else if (place >= left) first = left;
    else break;
  }
  return at(place);
}

const median = (one: number, other: number, third: number): number =>
  Math.max(Math.min(one, other), Math.min(Math.max(one, other), third));
