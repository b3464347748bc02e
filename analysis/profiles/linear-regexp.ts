/** Thrown where a text is no regular expression as Go has them (RE2); the message is one line. */
export class InvalidRegexp extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InvalidRegexp';
  }
}

type CharacterTest = (codePoint: number) => boolean;
type Assertion = 'line-begin' | 'line-end' | 'text-begin' | 'text-end' | 'word-edge' | 'no-word-edge';

type Node =
  | { readonly kind: 'empty' }
  | { readonly kind: 'character'; readonly test: CharacterTest }
  | { readonly kind: 'assertion'; readonly assertion: Assertion }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Node[] }
  | { readonly kind: 'repeat'; readonly part: Node; readonly min: number; readonly max: number };

/** Steps of a machine: each state is one of these, `next` is the state after it. */
type State =
  | { readonly kind: 'character'; readonly test: CharacterTest; next: number }
  | { readonly kind: 'assertion'; readonly assertion: Assertion; next: number }
  | { readonly kind: 'split'; readonly nexts: number[] }
  | { readonly kind: 'match' };

/** As in Go: more repetitions are refused. */
const repeatLimit = 1000;
/** Go refuses what would take more than 128 MB; this is some 10 MB. */
const stateLimit = 50_000;
const depthLimit = 500;
/** The longest name of a class or group that is looked for. */
const longestName = 80;

/**
 * Says whether a text holds a match of a regular expression in Go's syntax (https://github.com/google/re2/wiki/Syntax), as
 * its `MatchString`. It takes time in proportion to the text, whatever the expression is: profiles from elsewhere bring
 * expressions along, and JavaScript's own would take for ever on some.
 *
 * @throws InvalidRegexp, also from `matches` once it has taken more steps than it may.
 */
export class LinearRegexp {
  readonly #states: State[] = [];
  readonly #start: number;
  /** Per state the step at which it was last added; a list of states is a set by that. */
  readonly #addedAt: Int32Array;
  #stepsLeft: number;

  /** @param steps over all texts together, for an expression that one does not trust. */
  constructor(source: string, steps = Infinity) {
    this.#stepsLeft = steps;
    const tree = new RegexpParser(source).parse();
    const end = this.#push({ kind: 'match' });
    this.#start = this.#compile(tree, end);
    this.#addedAt = new Int32Array(this.#states.length);
  }

  matches(text: string): boolean {
    const points = Array.from(text, (character) => character.codePointAt(0) ?? 0);
    this.#addedAt.fill(-1);
    let current: number[] = [];
    for (let at = 0; at <= points.length; at++) {
      // A match may begin anywhere.
      if (this.#add(this.#start, points, at, current)) return true;
      const following: number[] = [];
      const point = points[at];
      if (point === undefined) return false;
      for (const index of current) {
        const state = this.#states[index];
        if (state?.kind === 'character' && state.test(point) && this.#add(state.next, points, at + 1, following))
          return true;
      }
      current = following;
    }
    return false;
  }

  /** Adds a state and all that are reached from it without a character; true where one of them is the match. */
  #add(first: number, points: readonly number[], at: number, list: number[]): boolean {
    const open = [first];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (--this.#stepsLeft < 0) throw new InvalidRegexp('the expression takes too long');
      if (this.#addedAt[index] === at) continue;
      this.#addedAt[index] = at;
      const state = this.#states[index];
      switch (state?.kind) {
        case 'match':
          return true;
        case 'split':
          open.push(...state.nexts);
          break;
        case 'assertion':
          if (holds(state.assertion, points, at)) open.push(state.next);
          break;
        default:
          list.push(index);
      }
    }
    return false;
  }

  #push(state: State): number {
    if (this.#states.length >= stateLimit) throw new InvalidRegexp('the expression is too large');
    return this.#states.push(state) - 1;
  }

  /** The states of a node before the state `next`; the first of them. */
  #compile(node: Node, next: number): number {
    switch (node.kind) {
      case 'empty':
        return next;
      case 'character':
        return this.#push({ kind: 'character', test: node.test, next });
      case 'assertion':
        return this.#push({ kind: 'assertion', assertion: node.assertion, next });
      case 'sequence':
        return node.parts.reduceRight((following, part) => this.#compile(part, following), next);
      case 'choice':
        return this.#push({ kind: 'split', nexts: node.parts.map((part) => this.#compile(part, next)) });
      case 'repeat':
        return this.#repeat(node.part, node.min, node.max, next);
      default:
        return node satisfies never;
    }
  }

  #repeat(part: Node, min: number, max: number, next: number): number {
    let first = next;
    if (max === Infinity) {
      const loop: State = { kind: 'split', nexts: [next] };
      first = this.#push(loop);
      loop.nexts.push(this.#compile(part, first));
    } else
      for (let count = min; count < max; count++)
        first = this.#push({ kind: 'split', nexts: [next, this.#compile(part, first)] });
    for (let count = 0; count < min; count++) first = this.#compile(part, first);
    return first;
  }
}

const newLine = 0x0a;
const isWord = (point: number | undefined): boolean => point !== undefined && /^\w$/.test(String.fromCodePoint(point));

function holds(assertion: Assertion, points: readonly number[], at: number): boolean {
  switch (assertion) {
    case 'text-begin':
      return at === 0;
    case 'text-end':
      return at === points.length;
    case 'line-begin':
      return at === 0 || points[at - 1] === newLine;
    case 'line-end':
      return at === points.length || points[at] === newLine;
    case 'word-edge':
      return isWord(points[at - 1]) !== isWord(points[at]);
    case 'no-word-edge':
      return isWord(points[at - 1]) === isWord(points[at]);
    default:
      return assertion satisfies never;
  }
}

interface Modes {
  readonly ignoreCase: boolean;
  readonly multiLine: boolean;
  readonly dotAll: boolean;
}

const perlClasses: Readonly<Record<string, string>> = {
  d: String.raw`0-9`,
  s: String.raw`\t\n\f\r\x20`,
  w: String.raw`0-9A-Za-z_`,
};

/** The names in `[[:alpha:]]`, all of ASCII. */
const namedClasses: ReadonlyMap<string, string> = new Map(
  Object.entries({
    alnum: '0-9A-Za-z',
    alpha: 'A-Za-z',
    ascii: String.raw`\x00-\x7F`,
    blank: String.raw`\t\x20`,
    cntrl: String.raw`\x00-\x1F\x7F`,
    digit: '0-9',
    graph: '!-~',
    lower: 'a-z',
    print: String.raw`\x20-~`,
    punct: String.raw`!-\/:-@\[-\x60\{-~`,
    space: String.raw`\t\n\v\f\r\x20`,
    upper: 'A-Z',
    word: '0-9A-Za-z_',
    xdigit: '0-9A-Fa-f',
  }),
);

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };

/** Reads Go's syntax into a tree. Groups only hold together: nobody asks what they caught. */
class RegexpParser {
  readonly #characters: readonly string[];
  readonly #source: string;
  #at = 0;
  #depth = 0;
  #modes: Modes = { ignoreCase: false, multiLine: false, dotAll: false };

  constructor(source: string) {
    this.#source = source;
    this.#characters = Array.from(source);
  }

  parse(): Node {
    const tree = this.#choice();
    if (this.#at < this.#characters.length) this.#refuse('a ")" without its "("');
    return tree;
  }

  #refuse(what: string): never {
    throw new InvalidRegexp(`${what} in the regular expression "${this.#source}"`);
  }

  #ahead(): string {
    return this.#peek(longestName);
  }

  #peek(length = 1): string {
    return this.#characters.slice(this.#at, this.#at + length).join('');
  }

  #take(text: string): boolean {
    // All of them are ASCII.
    const isNext = this.#peek(text.length) === text;
    if (isNext) this.#at += text.length;
    return isNext;
  }

  #next(what: string): string {
    return this.#characters[this.#at++] ?? this.#refuse(`nothing after ${what}`);
  }

  #choice(): Node {
    if (++this.#depth > depthLimit) this.#refuse('too many groups within one another');
    const outside = this.#modes;
    const parts = [this.#sequence()];
    while (this.#take('|')) parts.push(this.#sequence());
    this.#modes = outside;
    this.#depth--;
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { kind: 'choice', parts };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    while (this.#at < this.#characters.length && this.#peek() !== '|' && this.#peek() !== ')')
      parts.push(...this.#repeated());
    return { kind: 'sequence', parts };
  }

  /** One thing with what says how often; nothing where only modes were set. */
  #repeated(): readonly Node[] {
    if (this.#range() !== null) this.#refuse('nothing before a repetition');
    const before = this.#take(String.raw`\Q`) ? this.#literal() : [this.#atom()].filter((each) => each !== null);
    // Of a literal only its last character is repeated.
    const last = before.pop();
    if (last === undefined) return [];
    let part: Node = last;
    for (let count = 0; ; count++) {
      const range = this.#range();
      if (range === null) return [...before, part];
      // As in Go: a*? is lazy, which changes nothing here, a** is refused.
      if (count > 0) this.#refuse('a repetition of a repetition');
      part = { kind: 'repeat', part, ...range };
      this.#take('?');
    }
  }

  #range(): { min: number; max: number } | null {
    if (this.#take('*')) return { min: 0, max: Infinity };
    if (this.#take('+')) return { min: 1, max: Infinity };
    if (this.#take('?')) return { min: 0, max: 1 };
    const counted = /^\{(0|[1-9]\d*)(,(0|[1-9]\d*)?)?\}/.exec(this.#ahead());
    if (counted === null) return null;
    const [whole, low = '', comma, high = ''] = counted;
    this.#at += whole.length;
    const min = Number(low);
    const max = comma === undefined ? min : high === '' ? Infinity : Number(high);
    if (min > repeatLimit || (max !== Infinity && max > repeatLimit) || min > max)
      this.#refuse(`no such number of repetitions: ${whole}`);
    return { min, max };
  }

  /** `\Q…\E`: as it stands. */
  #literal(): Node[] {
    const parts: Node[] = [];
    while (this.#at < this.#characters.length && !this.#take(String.raw`\E`))
      parts.push(this.#character(this.#next(String.raw`\Q`)));
    return parts;
  }

  #atom(): Node | null {
    const character = this.#next('it');
    switch (character) {
      case '(':
        return this.#group();
      case '[':
        return this.#class();
      case '.':
        return { kind: 'character', test: this.#modes.dotAll ? () => true : (point) => point !== newLine };
      case '^':
        return { kind: 'assertion', assertion: this.#modes.multiLine ? 'line-begin' : 'text-begin' };
      case '$':
        return { kind: 'assertion', assertion: this.#modes.multiLine ? 'line-end' : 'text-end' };
      case '\\':
        return this.#escape();
      default:
        return this.#character(character);
    }
  }

  #group(): Node | null {
    if (this.#take('?')) {
      const rest = this.#ahead();
      const name = /^P?<(\w+)>/.exec(rest);
      const modes = /^([imsU]*)(?:-([imsU]+))?([:)])/.exec(rest);
      if (name !== null) this.#at += name[0].length;
      else if (modes !== null) {
        const [whole, on = '', off = '', end] = modes;
        this.#at += whole.length;
        const outside = this.#modes;
        const set = (letter: string, was: boolean): boolean => (was || on.includes(letter)) && !off.includes(letter);
        const inside = {
          ignoreCase: set('i', outside.ignoreCase),
          multiLine: set('m', outside.multiLine),
          dotAll: set('s', outside.dotAll),
        };
        this.#modes = inside;
        if (end === ')') return null;
        const part = this.#closed();
        this.#modes = outside;
        return part;
      } else this.#refuse(`Go has no group "(?${rest.slice(0, 2)}"`);
    }
    return this.#closed();
  }

  #closed(): Node {
    const part = this.#choice();
    if (!this.#take(')')) this.#refuse('a "(" without its ")"');
    return part;
  }

  #escape(): Node {
    const character = this.#peek();
    const assertions: Readonly<Record<string, Assertion>> = {
      A: 'text-begin',
      z: 'text-end',
      b: 'word-edge',
      B: 'no-word-edge',
    };
    const assertion = assertions[character];
    if (assertion !== undefined) {
      this.#at++;
      return { kind: 'assertion', assertion };
    }
    const named = this.#escapedClass();
    return named === null ? this.#character(String.fromCodePoint(this.#escapedCharacter())) : this.#tested(named);
  }

  /** `\d`, `\W`, `\pL`, `\P{Greek}` as what stands between brackets; null where it is none. */
  #escapedClass(): string | null {
    const character = this.#peek();
    const perl = perlClasses[character.toLowerCase()];
    if (perl !== undefined) {
      this.#at++;
      return character === character.toLowerCase() ? perl : complement(perl);
    }
    if (character !== 'p' && character !== 'P') return null;
    const [whole = '', caret, braced, letter] = /^[pP](?:\{(\^?)(\w+)\}|([A-Z]))/.exec(this.#ahead()) ?? [];
    const wanted = braced ?? letter ?? '';
    if (whole === '') this.#refuse(String.raw`no class of characters after \p`);
    this.#at += whole.length;
    const isNegated = (character === 'P') !== (caret === '^');
    if (wanted === 'Any') return isNegated ? complement(String.raw`\u{0}-\u{10FFFF}`) : String.raw`\u{0}-\u{10FFFF}`;
    const property = /^[A-Z][a-z]?$/.test(wanted) ? wanted : `Script=${wanted}`;
    try {
      // oxlint-disable-next-line no-new -- tells whether there is such a class
      new RegExp(String.raw`\p{${property}}`, 'u');
    } catch {
      this.#refuse(`no class of characters "${wanted}"`);
    }
    return `${isNegated ? String.raw`\P` : String.raw`\p`}{${property}}`;
  }

  #escapedCharacter(): number {
    const character = this.#next('a backslash');
    const control = controls[character];
    if (control !== undefined) return control;
    if (character === 'x') return this.#hexadecimal();
    if (/[0-7]/.test(character)) {
      // As in Go: \1 to \7 alone would be a reference back, which there is none.
      const more = /^[0-7]{0,2}/.exec(this.#peek(2))?.[0] ?? '';
      if (character !== '0' && more === '') this.#refuse(`Go has no reference back \\${character}`);
      this.#at += more.length;
      return Number.parseInt(character + more, 8);
    }
    if (/[\dA-Za-z]/.test(character) || (character.codePointAt(0) ?? 0) >= 0x80)
      this.#refuse(`Go has no \\${character}`);
    return character.codePointAt(0) ?? 0;
  }

  #hexadecimal(): number {
    const [whole = '', braced, plain] =
      /^(?:\{([\dA-Fa-f]{1,6})\}|([\dA-Fa-f]{2}))/.exec(this.#peek(8)) ?? this.#refuse(String.raw`no number after \x`);
    this.#at += whole.length;
    const value = Number.parseInt(braced ?? plain ?? '', 16);
    return value <= 0x10_ff_ff ? value : this.#refuse(String.raw`no character after \x`);
  }

  #class(): Node {
    const isNegated = this.#take('^');
    const parts: string[] = [];
    for (let first = true; first || this.#peek() !== ']'; first = false) {
      if (this.#at >= this.#characters.length) this.#refuse('a "[" without its "]"');
      parts.push(this.#classPart());
    }
    this.#at++;
    return this.#tested(parts.join(''), isNegated);
  }

  #classPart(): string {
    const named = /^\[:(\^?)(\w+):\]/.exec(this.#ahead());
    if (named !== null) {
      const [whole, negated, name = ''] = named;
      const members = namedClasses.get(name) ?? this.#refuse(`no class of characters "${whole}"`);
      this.#at += whole.length;
      return negated === '^' ? complement(members) : members;
    }
    const low = this.#classCharacter();
    if (typeof low === 'string') return low;
    if (this.#peek() !== '-' || this.#peek(2) === '-]') return bracketed(low);
    this.#at++;
    const high = this.#classCharacter();
    if (typeof high === 'string' || high < low) this.#refuse('a range that goes backwards within "[…]"');
    return `${bracketed(low)}-${bracketed(high)}`;
  }

  #classCharacter(): number | string {
    const character = this.#next('"["');
    if (character !== '\\') return character.codePointAt(0) ?? 0;
    return this.#escapedClass() ?? this.#escapedCharacter();
  }

  #character(character: string): Node {
    const wanted = character.codePointAt(0) ?? 0;
    return this.#modes.ignoreCase
      ? this.#tested(bracketed(wanted))
      : { kind: 'character', test: (point) => point === wanted };
  }

  /** JavaScript's own classes for single characters, which fold cases as Go does: what it says is kept. */
  #tested(members: string, isNegated = false): Node {
    const expression = new RegExp(`^[${isNegated ? '^' : ''}${members}]$`, this.#modes.ignoreCase ? 'isv' : 'sv');
    const known = new Map<number, boolean>();
    return {
      kind: 'character',
      test: (point) => {
        const before = known.get(point);
        if (before !== undefined) return before;
        const found = expression.test(String.fromCodePoint(point));
        known.set(point, found);
        return found;
      },
    };
  }
}

const bracketed = (point: number): string => String.raw`\u{${point.toString(16)}}`;
/** A class within a class, which JavaScript's flag v knows. */
const complement = (members: string): string => `[^${members}]`;
