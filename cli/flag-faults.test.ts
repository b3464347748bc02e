import test from 'ava';
import { type KnownFlags, flagFaults } from './flag-faults.ts';

const known: KnownFlags = {
  key: { rate: true, 'think-time': true, engine: true, users: true, header: true, keepalive: true, json: true },
  boolean: ['keepalive', 'json'],
  number: ['users'],
  array: ['header'],
  choices: { engine: ['auto', 'autocannon', 'k6'] },
  default: { engine: 'auto', header: [], keepalive: true },
};
const see = 'see "plimsoll run --help"';
const linesOf = (args: readonly string[], parsed: Readonly<Record<string, unknown>>): string[] =>
  flagFaults(args, parsed, known, see).faults.map(({ where, message, hint }) => `${where}: ${message} (${hint})`);

test('what is right is right: values, repeats of lists, switches, either spelling', (t) => {
  const args = ['--rate', '5', '--think-time=1s', '--no-keepalive', '--json', '--header', 'a: b', '--header', 'c: -d'];
  t.deepEqual(linesOf(args, { rate: '5', keepalive: false, header: ['a: b', 'c: -d'], engine: 'k6', users: 3 }), []);
  t.deepEqual(linesOf(['--thinkTime', '1s', '--users', '-5', '--', '--anything'], { users: -5 }), []);
});

test('every mistake is a line, each with a way out', (t) => {
  const args = '--rat 5 --rate 5 --rate 6 --engine k7 --users many --think-time --bogus -v --header'.split(' ');
  t.deepEqual(linesOf(args, { rate: ['5', '6'], engine: 'k7', users: Number.NaN, 'think-time': '', header: [] }), [
    '--rate: is given 2 times (write it once)',
    '--think-time: the value is missing (write --think-time VALUE, or --think-time=VALUE where it begins with a dash)',
    '--header: the value is missing (write --header VALUE, or --header=VALUE where it begins with a dash)',
    '--rat: there is no such flag (did you mean --rate?)',
    '--bogus: there is no such flag (see "plimsoll run --help")',
    '-v: there is no such flag (see "plimsoll run --help")',
    '--engine: "k7" is not one of auto, autocannon, k6 (did you mean k6?)',
    '--users: "many" is not a number (write --users 20)',
  ]);
});

test('what is wrong is replaced by something harmless, so that the rest can be looked at', (t) => {
  const parsed = {
    engine: 'k7',
    rate: ['5', '6'],
    'think-time': '',
    thinkTime: '',
    header: ['a: b'],
    users: Number.NaN,
  };
  const { flags } = flagFaults(['--engine', 'k7', '--rate', '5', '--rate', '6', '--think-time'], parsed, known, see);
  t.deepEqual(flags, {
    engine: 'auto',
    rate: undefined,
    'think-time': undefined,
    thinkTime: undefined,
    header: ['a: b'],
    users: 1,
  });
});
