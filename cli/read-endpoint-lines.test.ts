import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { MisuseError } from '../scenarios/misuse.ts';
import { readEndpointLines } from './read-endpoint-lines.ts';

async function fileWith(t: ExecutionContext, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'body.json'), '{"tea": 1}');
  const file = join(folder, 'requests.jsonl');
  await writeFile(file, text);
  return file;
}

test('one endpoint a line; bodies from files beside it', async (t) => {
  const file = await fileWith(
    t,
    '{"path": "/a", "weight": 2}\n\n{"path": "/b", "method": "POST", "body": "@body.json"}\n',
  );
  t.deepEqual(await readEndpointLines(file), [
    { path: '/a', weight: 2 },
    { path: '/b', method: 'POST', body: '{"tea": 1}' },
  ]);
});

test('each fault of a line is one reason with file, line and field', async (t) => {
  const file = await fileWith(
    t,
    ['{"path": "/a"}', '{"path": ', '{"weight": -1, "pth": "/"}', '[]', '{"path": "/b", "body": "@gone.json"}'].join(
      '\n',
    ),
  );
  const error = await t.throwsAsync(readEndpointLines(file), { instanceOf: MisuseError });
  t.deepEqual(
    error?.reasons.map(({ where }) => where),
    ['2', '3 path', '3 weight', '3 pth', '4', '5'].map((place) => `${file}:${place}`),
  );
  const [syntax, path, weight, foreign, list, body] = error?.reasons ?? [];
  t.regex(syntax?.message ?? '', /^is not JSON/);
  t.is(path?.message, 'is missing');
  t.is(weight?.hint, 'a number above 0');
  t.is(foreign?.hint, 'did you mean path?');
  t.is(list?.message, 'has to be an object, not a list');
  t.regex(body?.message ?? '', /gone\.json: no such file or directory$/);
  for (const { hint } of error?.reasons ?? []) t.not(hint, '');
});

test('an empty file holds no endpoint', async (t) => {
  await t.throwsAsync(readEndpointLines(await fileWith(t, '\n')), { message: /holds no endpoint/ });
});
