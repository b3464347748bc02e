import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { bytes } from '../../model/units.ts';
import { openBoundedLog } from './bounded-log.ts';

async function place(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-log-'));
  t.teardown(async () => rm(folder, { recursive: true, force: true }));
  return join(folder, 'a.log');
}

test('lines of two sources stay whole, however they come in pieces', async (t) => {
  const file = await place(t);
  const log = openBoundedLog(file, { redact: (text) => text.replaceAll('geheim', '***') });
  const heard: string[] = [];
  const one = log.source((line) => heard.push(line));
  const two = log.source();
  const text = Buffer.from('ein gehe\nä geheim\n');
  for (const byte of text) {
    one.write(Buffer.of(byte));
    two.write(Buffer.from('x'));
  }
  one.write(Buffer.from('no end'));
  one.end();
  two.end();
  t.is(await log.close(), null);
  t.is(await log.close(), null);
  t.is(await readFile(file, 'utf8'), `ein gehe\nä ***\nno end\n${'x'.repeat(text.length)}\n`);
  t.deepEqual(heard, ['ein gehe', 'ä geheim', 'no end']);
});

test('it stops growing, says so, and goes on listening', async (t) => {
  const file = await place(t);
  const log = openBoundedLog(file, { limit: bytes(100) });
  let heard = 0;
  const source = log.source(() => heard++);
  for (let line = 0; line < 1000; line++) source.write(Buffer.from('0123456789\n'));
  source.end();
  await log.close();
  const lines = (await readFile(file, 'utf8')).split('\n');
  t.is(lines.filter((line) => line === '0123456789').length, 9);
  t.regex(lines.at(-2) ?? '', /cut here/);
  t.is(heard, 1000);
});

test('a line without end does not fill the memory', async (t) => {
  const file = await place(t);
  const log = openBoundedLog(file);
  const source = log.source();
  for (let part = 0; part < 300; part++) source.write(Buffer.alloc(1000, 'y'));
  source.end();
  await log.close();
  const lines = (await readFile(file, 'utf8')).split('\n');
  t.is(lines.join('').length, 300_000);
  t.true(lines.length > 3);
});

test('where it cannot be written the reason is given', async (t) => {
  const log = openBoundedLog('/no/such/folder/a.log');
  log.source().write(Buffer.from('x\n'));
  t.regex((await log.close())?.message ?? '', /ENOENT/);
});
