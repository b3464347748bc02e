import { createHash } from 'node:crypto';
import test from 'ava';
import { makePageScript } from '../../tools/page-script.ts';
import { pageScript } from './page-script.ts';

test('the script of pages is that of reports/page (npm run page-script makes it)', async (t) => {
  t.deepEqual({ ...pageScript }, { ...(await makePageScript()) });
});

test('its hash is right, and nothing in it ends its element or reaches for the network', (t) => {
  const { hash }: { hash: string } = pageScript;
  t.is(hash, `sha256-${createHash('sha256').update(pageScript.text).digest('base64')}`);
  t.notRegex(pageScript.text, /<\/script|<!--|\r/i);
  t.notRegex(
    pageScript.text,
    /\bfetch\(|XMLHttpRequest|WebSocket|https?:|\beval\(|innerHTML|document\.write|localStorage/,
  );
  t.true(pageScript.text.length < 20_000, `${pageScript.text.length} bytes`);
});
