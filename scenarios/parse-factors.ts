import type { Scenario } from '../model/scenario.ts';
import type { Factor } from '../model/sweep-figures.ts';
import { parseSize } from '../model/units.ts';
import { nearestName } from './nearest-name.ts';
import type { Reasons } from './reasons.ts';
import { settingTexts } from './target-settings.ts';

/**
 * What `--vary NAME=v1,v2,…` means for a scenario: a name of its `target.settings` is one, a name in capitals (or one of
 * its `target.environment`) is a variable of the environment. Faults go to `reasons`.
 */
export function parseFactors(
  texts: readonly string[],
  target: Scenario['target'],
  reasons: Reasons,
): readonly Factor[] {
  if (texts.length === 0)
    reasons.add('--vary', 'a sweep needs something to vary', 'write --vary GOGC=50,100,200; repeatable');
  const factors = texts.flatMap((text) => parseFactor(text, target, reasons) ?? []);
  for (const [index, { name }] of factors.entries())
    if (factors.findIndex((other) => other.name === name) !== index)
      reasons.add('--vary', `${name} is there twice`, `write all its values at once: ${name}=v1,v2`);
  return factors;
}

/** What `--vary NAME=2..64` means where a design chooses the values itself; null with the faults in `reasons`. */
export function parseSizes(
  text: string,
  target: Scenario['target'],
  reasons: Reasons,
): { readonly factor: Factor; readonly least: number; readonly most: number } | null {
  const [, name = '', low = '', high = ''] = /^([A-Za-z_][\w-]*)=(\d{1,6})\.\.(\d{1,6})$/.exec(text) ?? [];
  const [least, most] = [Number(low), Number(high)];
  if (name === '' || least < 1 || most <= least) {
    reasons.add('--vary', `"${text}" is no range of sizes`, 'write the least and the most: pool=2..64');
    return null;
  }
  const kind = factorKind(name, target, reasons);
  return kind === null ? null : { factor: { name, kind, values: [] }, least, most };
}

function parseFactor(text: string, target: Scenario['target'], reasons: Reasons): Factor | null {
  const [, name = '', list = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (!/^[A-Za-z_][\w-]*$/.test(name)) {
    reasons.add('--vary', `"${text}" does not say what to vary`, 'write NAME=v1,v2, such as GOGC=50,100,200');
    return null;
  }
  const kind = factorKind(name, target, reasons);
  const values = list.split(',').map((value) => value.trim());
  const faults = values.flatMap((value) => valueFault(name, value) ?? []);
  for (const { message, hint } of faults) reasons.add('--vary', message, hint);
  if (faults.length > 0 || kind === null) return null;
  if (values.length < 2) {
    const hint = /^\d+\.\.\d+$/.test(list)
      ? 'a range goes with --design adaptive; a grid wants each value, such as 4,8,16'
      : `write two or more, such as ${name}=${values[0] ?? ''},…; to set it once, write it into the scenario`;
    reasons.add('--vary', `${name} has a single value`, hint);
    return null;
  }
  const twice = values.find((value, index) => values.findIndex((other) => sameValue(other, value)) !== index);
  if (twice !== undefined) {
    reasons.add('--vary', `${name} has ${twice} twice`, 'leave one out; --repeats measures each cell several times');
    return null;
  }
  return { name, kind, values };
}

/** Whether a name is one of the scenario's settings or a variable of the environment; null, and a reason, for neither. */
export function factorKind(name: string, target: Scenario['target'], reasons: Reasons): Factor['kind'] | null {
  const launched = typeof target === 'object' && 'launch' in target ? target : null;
  const settings = Object.keys(settingTexts(launched?.settings));
  if (settings.includes(name)) return 'setting';
  if (/^[A-Z_][A-Z0-9_]*$/.test(name) || launched?.environment?.[name] !== undefined) return 'environment';
  const near = nearestName(name, [...settings, ...Object.keys(launched?.environment ?? {})]);
  reasons.add(
    '--vary',
    `the scenario names nothing "${name}"`,
    near === null
      ? `write {{${name}}} where the service takes it in target.launch, and settings: { '${name}': … } beside it`
      : `did you mean ${near}?`,
  );
  return null;
}

interface Fault {
  readonly message: string;
  readonly hint: string;
}

/** What Go's runtime would refuse at start, or read as something else without a word (runtime package, "Environment Variables"). */
function valueFault(name: string, value: string): Fault | null {
  const fault = (hint: string): Fault => ({ message: `${name}: "${value}" is no value`, hint });
  if (value === '') return fault('write a value between the commas');
  switch (name) {
    case 'GOGC':
      return /^(\d{1,9}|off)$/.test(value) ? null : fault('a whole number of percent such as 100, or off');
    case 'GOMAXPROCS':
      return /^[1-9]\d{0,5}$/.test(value) ? null : fault('a whole number above 0');
    case 'GOMEMLIMIT':
      return /^(\d{1,18}(B|KiB|MiB|GiB|TiB)?|off)$/.test(value)
        ? null
        : fault('Go takes a whole number of B, KiB, MiB, GiB or TiB, such as 512MiB, or off');
    default:
      return null;
  }
}

/** 1GiB is 1024MiB, and 050 is 50. */
function sameValue(one: string, other: string): boolean {
  const [first, second] = [settingNumber(one), settingNumber(other)];
  return one === other || (first !== null && first === second);
}

/** A plain number, or a size in bytes; null for all else. */
function settingNumber(text: string): number | null {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  return /^\d+(\.\d+)?(B|[kMG]B|[KMGT]iB)$/.test(text) ? parseSize(text) : null;
}
