import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { MisuseError } from '../scenarios/misuse.ts';
import { refuseArgument } from './refuse-argument.ts';

test('URLs, also with templates, and scenario files are taken', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'orders.ts'), '');
  for (const argument of [
    'http://127.0.0.1:8080',
    'HTTPS://a.example/x?y',
    'http://a/{{id}}',
    join(folder, 'orders.ts'),
  ])
    await t.notThrowsAsync(refuseArgument(argument), argument);
});

test('anything else is said to be what it is, with a way out', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'orders.yaml'), '');
  const cases: readonly (readonly [argument: string, message: RegExp, hint: RegExp])[] = [
    [
      'localhost:8080/menu',
      /neither a URL nor a scenario file: a URL begins with http/,
      /^write http:\/\/localhost:8080\/menu$/,
    ],
    ['127.0.0.1', /neither a URL nor/, /^write http:\/\/127\.0\.0\.1$/],
    ['orders.example:80', /neither a URL nor/, /http:\/\/orders\.example:80/],
    ['ftp://a.example/x', /neither a URL nor a scenario file: ftp is not spoken/, /http:\/\//],
    ['http://', /not a URL that can be called/, /http:\/\/host/],
    ['gone.ts', /neither a URL nor a scenario file: there is no file/, /path of a \.ts/],
    ['orders', /neither a URL nor a scenario file: there is no file/, /path of a \.ts/],
    [folder, /is a folder/, /path of a \.ts/],
    [join(folder, 'orders.yaml'), /is not a scenario: those are \.ts or \.js/, /path of a \.ts/],
  ];
  for (const [argument, message, hint] of cases) {
    const error = await t.throwsAsync(refuseArgument(argument), { instanceOf: MisuseError }, argument);
    t.is(error?.reasons.length, 1);
    t.regex(error?.reasons[0]?.message ?? '', message, argument);
    t.regex(error?.reasons[0]?.hint ?? '', hint, argument);
  }
});
