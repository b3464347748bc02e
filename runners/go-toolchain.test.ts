import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { buildGoProgram, checkGo, parseGoVersion } from './go-toolchain.ts';
import { RunFailure } from './world.ts';

async function folder(t: ExecutionContext, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'plimsoll-go-'));
  t.teardown(() => rm(made, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(made, name), text);
  return made;
}

/** An environment in which "go" says this. */
async function goThatSays(t: ExecutionContext, script: string): Promise<{ PATH: string }> {
  const place = await folder(t, { go: `#!/bin/sh\n${script}\n` });
  await chmod(join(place, 'go'), 0o755);
  return { PATH: `${place}:/usr/bin:/bin` };
}

const refusal = async (t: ExecutionContext, answer: Promise<unknown>): Promise<RunFailure> => {
  const failure = await t.throwsAsync(answer, { instanceOf: RunFailure });
  t.is(failure.phase, 'target');
  t.not(failure.hint, '');
  return failure;
};

test('versions', (t) => {
  t.deepEqual(parseGoVersion('go1.26.8'), [1, 26]);
  t.deepEqual(parseGoVersion('devel go1.28-9f3c1d Tue Oct 6'), [1, 28]);
  t.is(parseGoVersion('command not found'), null);
});

test('the Go on this machine will do', async (t) => {
  t.regex(await checkGo(), /go1\.\d+/);
});

test('no Go, an old one, one that answers nonsense, one that fails: one line each', async (t) => {
  const none = await refusal(t, checkGo({ environment: { PATH: await folder(t) } }));
  t.is(none.message, 'plimsoll needs Go 1.26 or newer, but there is no "go" on PATH');
  const old = await refusal(t, checkGo({ environment: await goThatSays(t, 'echo go1.25.9') }));
  t.is(old.message, 'plimsoll needs Go 1.26 or newer, but the "go" on PATH is go1.25.9');
  const odd = await refusal(t, checkGo({ environment: await goThatSays(t, 'echo hello') }));
  t.regex(odd.message, /"go env GOVERSION" says "hello"$/);
  const broken = await refusal(
    t,
    checkGo({ environment: await goThatSays(t, 'echo first >&2; echo broken >&2; exit 3') }),
  );
  t.regex(broken.message, /"go env GOVERSION" failed: broken$/);
  t.is(await checkGo({ environment: await goThatSays(t, 'echo go2.0') }), 'go2.0');
});

test('a program is built; what the compiler says is in the failure, cut short', async (t) => {
  t.timeout(180_000, 'the standard library may have to be compiled');
  const good = await folder(t, {
    'go.mod': 'module tiny\n\ngo 1.26.0\n',
    'main.go': 'package main\n\nfunc main() {}\n',
  });
  await buildGoProgram({ directory: good, output: join(good, 'tiny') });
  t.true((await stat(join(good, 'tiny'))).size > 0);

  const nonsense = Array.from({ length: 9 }, (_, index) => `var v${index} nonsense${index}`).join('\n');
  const bad = await folder(t, {
    'go.mod': 'module tiny\n\ngo 1.26.0\n',
    'main.go': `package main\n${nonsense}\nfunc main() {}\n`,
  });
  const failure = await refusal(t, buildGoProgram({ directory: bad, output: join(bad, 'tiny') }));
  t.regex(failure.message, /main\.go:2:\d+: undefined: nonsense0/);
  t.true(failure.message.split('\n').length < 15);

  const interrupted = await t.throwsAsync(
    buildGoProgram({ directory: good, output: join(good, 'again') }, { interrupted: AbortSignal.abort() }),
    { instanceOf: RunFailure },
  );
  t.is(interrupted.message, 'interrupted while building');
});
