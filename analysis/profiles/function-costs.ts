import { type CodeOrigin, codeOrigin } from './code-origin.ts';
import { framesByName } from './frames-by-name.ts';
import type { Profile } from './profile.ts';
import { type CostType, sampleWeights } from './sample-weights.ts';

/** A sum of samples; value² / variance is the number of observations it is worth. */
export interface Amount {
  readonly value: number;
  readonly variance: number;
}

/** What one function cost in a profile. */
export interface CostOfFunction {
  readonly name: string;
  readonly origin: CodeOrigin;
  /** Empty where the profile does not know. */
  readonly file: string;
  /** Of its own code, with all that it called, and as the site of a cost (see `functionCosts`). */
  readonly flat: Amount;
  readonly cumulative: Amount;
  readonly site: Amount;
  /** Value by line: of `site` where it is one, of `cumulative` otherwise. */
  readonly lines: ReadonlyMap<number, number>;
}

export interface ProfileCosts {
  readonly total: Amount;
  readonly functions: ReadonlyMap<string, CostOfFunction>;
  /** Key of a label → its value → what its samples sum up to; of samples without the key there is no value. */
  readonly labels: ReadonlyMap<string, ReadonlyMap<string, Amount>>;
}

export const noAmount: Amount = { value: 0, variance: 0 };

/**
 * Costs of functions in a profile. Each sample has one **site**, the innermost function of the service's own code on its
 * stack: it is what somebody can change, with all that it had libraries and the runtime do. Where there is none, it is the
 * innermost function of a library, and below that the outermost function of all (collecting, scheduling, reading
 * requests). So sites sum up to the total.
 *
 * @param modulePath of the service; null where it is not known
 * @returns null where the profile does not hold that cost
 */
export function functionCosts(profile: Profile, type: CostType, modulePath: string | null): ProfileCosts | null {
  const weights = sampleWeights(profile, type);
  if (weights === null) return null;
  const { samples, locations, functions } = profile;
  const { names, framesOf } = framesByName(profile);
  // Functions without a name may share what is shown instead of it.
  const numberOf = new Map(names.map((name, node) => [name, node]));
  const numbers = names.map((name, node) => numberOf.get(name) ?? node);
  const sums = new Sums(names.map((name) => codeOrigin(name, modulePath)));
  for (let sample = 0; sample < samples.count; sample++) {
    const [value, variance] = [weights.values[sample] ?? 0, weights.variances[sample] ?? 0];
    if (value === 0) continue;
    const stack: Frame[] = [];
    for (const location of samples.stack.subarray(samples.stackStart[sample], samples.stackStart[sample + 1]))
      for (const [index, named] of (framesOf[location] ?? []).entries()) {
        const node = numbers[named] ?? named;
        const line = locations[location]?.lines[index];
        stack.push({ node, line: line?.line ?? 0 });
        if (line !== undefined) sums.files[node] ??= functions[line.function]?.file ?? '';
      }
    sums.add(stack, value, variance);
    for (const { key, value: text } of samples.labels[sample] ?? [])
      // Numbers are sizes, as profiles of memory have them.
      if (typeof text === 'string') sums.addLabel(key, text, value, variance);
  }
  return { total: sums.total, functions: sums.byName(names), labels: sums.labels };
}

interface Frame {
  /** Number of its function. */
  readonly node: number;
  readonly line: number;
}

class Changing implements Amount {
  value = 0;
  variance = 0;

  add(value: number, variance: number): void {
    this.value += value;
    this.variance += variance;
  }
}

class Sums {
  readonly total = new Changing();
  readonly labels = new Map<string, Map<string, Changing>>();
  readonly files: (string | undefined)[] = [];
  readonly #origins: readonly CodeOrigin[];
  readonly #flat = new Map<number, Changing>();
  readonly #cumulative = new Map<number, Changing>();
  readonly #sites = new Map<number, Changing>();
  readonly #lines = new Map<number, Map<number, number>>();
  readonly #siteLines = new Map<number, Map<number, number>>();

  constructor(origins: readonly CodeOrigin[]) {
    this.#origins = origins;
  }

  /** @param stack innermost first */
  add(stack: readonly Frame[], value: number, variance: number): void {
    this.total.add(value, variance);
    const [leaf] = stack;
    if (leaf === undefined) return;
    entry(this.#flat, leaf.node, newAmount).add(value, variance);
    const seen = new Set<number>();
    for (const { node, line } of stack) {
      if (seen.has(node)) continue;
      seen.add(node);
      entry(this.#cumulative, node, newAmount).add(value, variance);
      addLine(this.#lines, node, line, value);
    }
    const site =
      stack.find(({ node }) => this.#origins[node] === 'own') ??
      stack.find(({ node }) => this.#origins[node] === 'library') ??
      stack.at(-1) ??
      leaf;
    entry(this.#sites, site.node, newAmount).add(value, variance);
    addLine(this.#siteLines, site.node, site.line, value);
  }

  addLabel(key: string, text: string, value: number, variance: number): void {
    const values = entry(this.labels, key, () => new Map<string, Changing>());
    entry(values, text, newAmount).add(value, variance);
  }

  byName(names: readonly string[]): ReadonlyMap<string, CostOfFunction> {
    return new Map(
      [...this.#cumulative].map(([node, cumulative]): [string, CostOfFunction] => {
        const name = names[node] ?? '';
        return [
          name,
          {
            name,
            origin: this.#origins[node] ?? 'standard',
            file: this.files[node] ?? '',
            flat: this.#flat.get(node) ?? noAmount,
            cumulative,
            site: this.#sites.get(node) ?? noAmount,
            lines: this.#siteLines.get(node) ?? this.#lines.get(node) ?? new Map<number, number>(),
          },
        ];
      }),
    );
  }
}

const newAmount = (): Changing => new Changing();

function addLine(lines: Map<number, Map<number, number>>, node: number, line: number, value: number): void {
  const ofNode = entry(lines, node, () => new Map<number, number>());
  ofNode.set(line, (ofNode.get(line) ?? 0) + value);
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
