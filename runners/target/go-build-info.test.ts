import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { absent } from '../../test/requires.ts';
import { readGoBuildInfo } from './go-build-info.ts';

const run = promisify(execFile);
const goVersion = await run('go', ['env', 'GOVERSION']).then(
  ({ stdout }) => stdout.trim(),
  () => undefined,
);
const withGo = test.skipIf(absent(goVersion !== undefined, 'go') || process.platform !== 'linux');

async function buildHello(t: ExecutionContext, flags: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-hello-'));
  t.teardown(async () => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'go.mod'), 'module example.test/hello\n\ngo 1.21\n');
  await writeFile(join(folder, 'main.go'), 'package main\n\nfunc main() { println("hello") }\n');
  const file = join(folder, 'hello');
  const environment = { ...process.env, GOTOOLCHAIN: 'local', GOWORK: 'off', CGO_ENABLED: '0', GOFLAGS: '' };
  await run('go', ['build', '-buildvcs=false', ...flags, '-o', file, '.'], { cwd: folder, env: environment });
  return file;
}

withGo('says what go version -m and go tool buildid say', async (t) => {
  t.timeout(100_000);
  const file = await buildHello(t, ['-ldflags=-s -w -X main.secret=geheim']);
  const info = await readGoBuildInfo(file);
  const { stdout } = await run('go', ['version', '-m', file]);
  const lines = stdout.split('\n').map((line) => line.trim().split('\t'));
  t.is(`${file}: ${info?.goVersion}`, lines[0]?.[0] ?? '');
  t.is(info?.path, lines.find(([kind]) => kind === 'path')?.[1] ?? '');
  t.is(info?.module?.path, 'example.test/hello');
  const settings = Object.entries(info?.settings ?? {}).map(([name, value]) => `${name}=${value}`);
  t.deepEqual(
    settings,
    lines.filter(([kind]) => kind === 'build').map(([, setting]) => setting ?? ''),
  );
  t.is(info?.settings['CGO_ENABLED'], '0');
  t.is(info?.buildId, (await run('go', ['tool', 'buildid', file])).stdout.trim());

  const whole = await readFile(file);
  for (const size of [0, 3, 40, 64, 200, 4096, whole.length - 4096, whole.length - 1]) {
    await truncate(file, size);
    await t.notThrowsAsync(readGoBuildInfo(file), `cut at ${size}`);
    await writeFile(file, whole);
  }
  for (let at = 0; at < 64; at++) {
    const edited = Buffer.from(whole);
    edited[at] = 0xff;
    await writeFile(file, edited);
    await t.notThrowsAsync(readGoBuildInfo(file), `byte ${at}`);
  }
});

test('what Go did not build has no build information', async (t) => {
  t.is(await readGoBuildInfo(process.execPath), null);
  t.is(await readGoBuildInfo(import.meta.filename), null);
  t.is(await readGoBuildInfo('/nowhere'), null);
});
