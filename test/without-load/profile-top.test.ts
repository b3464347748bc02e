import { readFileSync, readdirSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import test from 'ava';
import { decodeProfile } from '../../analysis/profiles/decode-profile.ts';
import { LinearRegexp } from '../../analysis/profiles/linear-regexp.ts';
import type { Profile } from '../../analysis/profiles/profile.ts';
import { UnknownSampleType } from '../../analysis/profiles/asked-stacks.ts';
import { profileTop } from '../../analysis/profiles/profile-top.ts';
import { profileTopText } from '../../cli/profile-top-text.ts';

/*
 * Every line of what `go tool pprof -top` showed of real profiles under many options: order, values, shares, names.
 */
const answers = new URL('../../fixtures/reference/pprof-answers/', import.meta.url);
const profiles = new URL('../../fixtures/reference/pprof-profiles/', import.meta.url);

const decoded = new Map<string, Profile>();
function profile(file: string): Profile {
  const known = decoded.get(file) ?? decodeProfile(readFileSync(new URL(file, profiles)));
  decoded.set(file, known);
  return known;
}

/** What plimsoll shows for the options that pprof was given. */
function ours(words: readonly string[]): readonly string[] {
  const given = new Map<string, string[]>();
  const files: string[] = [];
  for (const word of words) {
    const [, name, value = 'true'] = /^-(\w+)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === undefined) files.push(word);
    else given.set(name, [...(given.get(name) ?? []), value]);
  }
  const one = (name: string): string | null => given.get(name)?.[0] ?? null;
  const filter = (name: string): LinearRegexp | null => {
    const source = one(name);
    return source === null ? null : new LinearRegexp(source);
  };
  // Of several the last one counts: Go's flags know no lists.
  const base = (given.get('base') ?? given.get('diff_base'))?.at(-1) ?? null;
  const nodeFraction = Number(one('nodefraction') ?? 0.005);
  try {
    const costs = profileTop({
      profiles: files.map(profile),
      base: base === null ? null : { profiles: [profile(base)], isDiffBase: given.has('diff_base') },
      normalize: given.has('normalize'),
      sampleIndex: one('sample_index'),
      sort: given.has('cum') ? 'cum' : 'flat',
      nodeCount: Number(one('nodecount') ?? 0),
      nodeFraction,
      filters: { focus: filter('focus'), ignore: filter('ignore'), hide: filter('hide'), show: filter('show') },
      wholeNames: one('symbolize') === 'none',
    });
    return profileTopText(costs, { unit: one('unit') ?? 'minimum', nodeFraction });
  } catch (error) {
    if (error instanceof UnknownSampleType) return [];
    throw error;
  }
}

const files = readdirSync(answers);

test('the answers are there', (t) => {
  t.true(files.length >= 30);
});

for (const file of files) {
  test(`${file}: every line as go tool pprof -top has it`, (t) => {
    const text = gunzipSync(readFileSync(new URL(file, answers))).toString();
    const questions = text.split(/^\$ /m).slice(1);
    t.true(questions.length >= 20, 'the answers were not read');
    for (const question of questions) {
      const [command = '', ...lines] = question.trimEnd().split('\n');
      t.deepEqual(ours(command.split(' ')), lines, command);
    }
  });
}
