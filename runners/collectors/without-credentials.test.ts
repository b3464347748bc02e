import test from 'ava';
import { withoutCredentials } from './without-credentials.ts';

const macro = test.macro({
  exec: (t, url: string, shown: string) => t.is(withoutCredentials(url), shown),
  title: (_, url: string) => `shows ${url.replaceAll('hunter2', '…')}`,
});

test(macro, 'http://user:hunter2@host:8080/metrics', 'http://host:8080/metrics');
test(macro, 'http://host/metrics?token=hunter2&format=text', 'http://host/metrics?token=REDACTED&format=text');
test(macro, 'https://host/m?X-Amz-Signature=hunter2', 'https://host/m?X-Amz-Signature=REDACTED');
test(macro, 'http://host/m?access_token=hunter2&access_token=hunter2', 'http://host/m?access_token=REDACTED');
test(macro, 'http://host/m?API_KEY=hunter2#hunter2', 'http://host/m?API_KEY=REDACTED');
test(macro, 'user:hunter2@host', '(not an HTTP URL)');
test(macro, '/metrics?token=hunter2', '(not an HTTP URL)');
test(macro, 'http://host/m?match=up&name=keyboard', 'http://host/m?match=up&name=keyboard');
