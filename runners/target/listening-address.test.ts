import test from 'ava';
import { RunFailure } from '../world.ts';
import { addressFromText, addressOfUrl } from './listening-address.ts';

test('what services say they listen on', (t) => {
  const said: Record<string, string> = {
    '127.0.0.1:8080': 'http://127.0.0.1:8080',
    ':8080': 'http://127.0.0.1:8080',
    '8080': 'http://127.0.0.1:8080',
    '0.0.0.0:8080': 'http://127.0.0.1:8080',
    '*:8080': 'http://127.0.0.1:8080',
    '[::]:8080': 'http://[::1]:8080',
    '[::1]:8080': 'http://[::1]:8080',
    'localhost:80': 'http://localhost',
    'http://0.0.0.0:9000/': 'http://127.0.0.1:9000',
    'HTTP://[::]:9000/path': 'http://[::1]:9000',
    'https://example.test:8443': 'https://example.test:8443',
  };
  for (const [text, url] of Object.entries(said)) t.is(addressFromText(text).url, url, text);
});

test('host and port as a connect takes them', (t) => {
  t.deepEqual(addressOfUrl('http://[::1]/a?b'), { url: 'http://[::1]', host: '::1', port: 80 });
  t.is(addressOfUrl('https://h.test').port, 443);
});

test('what is no address is one failure with a hint', (t) => {
  for (const text of ['', 'yes', 'a b:80', '127.0.0.1:99999', 'host:port'])
    t.throws(() => addressFromText(text), { instanceOf: RunFailure, message: /no address/ }, text);
  t.throws(() => addressOfUrl('ftp://h'), { message: /begins with ftp:/ });
  t.throws(() => addressOfUrl('nonsense'), { message: /no URL/ });
});

test('credentials in the URL are refused and not repeated', (t) => {
  const failure = t.throws(() => addressOfUrl('http://me:geheim@127.0.0.1:80'), { instanceOf: RunFailure });
  t.false(`${failure?.message}${failure?.hint}`.includes('geheim'));
});
