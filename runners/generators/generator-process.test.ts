import test from 'ava';
import { realWorld } from '../world.ts';
import { startGenerator } from './generator-process.ts';

/** An engine that says something on standard error and is gone. */
async function lastWordsOf(script: string, { late = false } = {}): Promise<{ words: string; log: string }> {
  let log = '';
  const generator = startGenerator(
    realWorld({ say: () => undefined, interrupted: new AbortController().signal }),
    { name: 'k6', command: () => ({ file: process.execPath, args: ['-e', script], environment: {} }) },
    'job.json',
    {
      processors: null,
      secrets: {},
      log: { write: (chunk) => (log += Buffer.from(chunk).toString()), end: () => undefined },
    },
  );
  if (late) await generator.exited;
  for await (const { text } of generator.lines) throw new Error(`a line: ${text}`);
  await generator.exited;
  return { words: generator.lastWords(), log };
}

test('an engine that ends without a line of the protocol leaves its last words', async (t) => {
  const { words, log } = await lastWordsOf("console.error('first'); console.error('no such file: x'); process.exit(3)");
  t.is(words, 'no such file: x');
  t.is(log, 'first\nno such file: x\n');
  t.is((await lastWordsOf('')).words, '');
});

test('the end of an engine is told also to who asks for its lines after it', async (t) => {
  t.is((await lastWordsOf("console.error('gone')", { late: true })).words, 'gone');
});

const say = (text: string): string => `console.error(${JSON.stringify(text)})`;

test('of a message of k6 it is what it says, without the stack', async (t) => {
  const message = { level: 'error', msg: 'Error: TOKEN is not set\n\tat resolveSecret (file:///-:3:9)', hint: 'x' };
  t.is((await lastWordsOf(say(JSON.stringify(message)))).words, 'Error: TOKEN is not set');
  t.is((await lastWordsOf(say('{"msg": cut'))).words, '{"msg": cut');
  t.is((await lastWordsOf(say(`long ${'x'.repeat(5000)}\nshort`))).words, 'short');
});
