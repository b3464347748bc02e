import test from 'ava';
import type { Scenario } from '../model/scenario.ts';
import { parseFactors } from './parse-factors.ts';
import { Reasons } from './reasons.ts';

const target: Scenario['target'] = {
  launch: ['./orders', '-pool={{pool-size}}'],
  environment: { batch: '{{batch}}' },
  settings: { 'pool-size': 8, batch: '10' },
};

function parsed(...vary: readonly string[]) {
  const reasons = new Reasons();
  const factors = parseFactors(vary, target, reasons);
  return { factors, said: reasons.list.map(({ where, message, hint }) => `${where}: ${message} (${hint})`) };
}

test('a name of the settings is one, a name in capitals or of the environment is a variable', (t) => {
  const { factors, said } = parsed('GOGC=50, 100,off', 'pool-size=4,8', 'GOMEMLIMIT=256MiB,1GiB');
  t.deepEqual(said, []);
  t.deepEqual(factors, [
    { name: 'GOGC', kind: 'environment', values: ['50', '100', 'off'] },
    { name: 'pool-size', kind: 'setting', values: ['4', '8'] },
    { name: 'GOMEMLIMIT', kind: 'environment', values: ['256MiB', '1GiB'] },
  ]);
  const given = parseFactors(['batch=1,2'], { launch: ['./a'], environment: { batch: '3' } }, new Reasons());
  t.deepEqual(given[0]?.kind, 'environment');
});

test('each thing that makes no sense is said with a way out, all at once', (t) => {
  const { said } = parsed(
    'GOGC',
    'poolsize=1,2',
    'queue=1,2',
    'GOMAXPROCS=2',
    'GOGC=50,',
    'GOMEMLIMIT=512MB,1.5GiB',
    'GOMAXPROCS=0,1',
    'pool-size=4..64',
    'WORKERS=1,2,1',
    'MODE=a,b',
    'MODE=c,d',
  );
  t.deepEqual(said, [
    '--vary: "GOGC" does not say what to vary (write NAME=v1,v2, such as GOGC=50,100,200)',
    '--vary: the scenario names nothing "poolsize" (did you mean pool-size?)',
    '--vary: the scenario names nothing "queue" (write {{queue}} where the service takes it in target.launch, and settings: { \'queue\': … } beside it)',
    '--vary: GOMAXPROCS has a single value (write two or more, such as GOMAXPROCS=2,…; to set it once, write it into the scenario)',
    '--vary: GOGC: "" is no value (write a value between the commas)',
    '--vary: GOMEMLIMIT: "512MB" is no value (Go takes a whole number of B, KiB, MiB, GiB or TiB, such as 512MiB, or off)',
    '--vary: GOMEMLIMIT: "1.5GiB" is no value (Go takes a whole number of B, KiB, MiB, GiB or TiB, such as 512MiB, or off)',
    '--vary: GOMAXPROCS: "0" is no value (a whole number above 0)',
    '--vary: pool-size has a single value (a range goes with --design adaptive; a grid wants each value, such as 4,8,16)',
    '--vary: WORKERS has 1 twice (leave one out; --repeats measures each cell several times)',
    '--vary: MODE is there twice (write all its values at once: MODE=v1,v2)',
  ]);
});

test('the same value in another unit is there twice', (t) => {
  t.regex(parsed('GOMEMLIMIT=1GiB,512MiB,1024MiB').said.join(), /GOMEMLIMIT has 1024MiB twice/);
  t.regex(parsed('GOGC=50,050').said.join(), /GOGC has 050 twice/);
  t.deepEqual(parsed('LEVEL=1,one').said, []);
});

test('a sweep needs something to vary', (t) => {
  t.regex(parsed().said.join(), /--vary: a sweep needs something to vary/);
});
