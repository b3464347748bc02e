import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { type Answer, type BadServer, startBadServer } from '../../fixtures/bad-server.ts';
import { bytes, kibibytes, mebibytes, seconds } from '../../model/units.ts';
import { realWorld } from '../world.ts';
import { type BoundedAnswer, boundedHttp } from './bounded-http.ts';

const world = realWorld({ say: () => undefined, interrupted: new AbortController().signal });
const noAccess = { headers: {}, secrets: {} };
const compressed =
  (body: Buffer): Answer =>
  (_, response) =>
    void response.writeHead(200, { 'content-encoding': 'gzip' }).end(body);
const bomb = gzipSync(Buffer.alloc(mebibytes(10)), { level: 9 });

const answers: Record<string, Answer> = {
  '/ok': (request, response) => void response.end(`hello ${request.headers.authorization ?? 'nobody'}`),
  '/compressed': compressed(gzipSync('# HELP a b\na 1\n')),
  '/bomb': compressed(bomb),
  '/damaged': compressed(gzipSync('a'.repeat(500)).subarray(0, 20)),
  '/brotli': (_, response) => void response.writeHead(200, { 'content-encoding': 'br' }).end('x'),
  '/cut-off': (_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('short', () => response.destroy());
  },
  '/drip': (_, response) => {
    const timer = setInterval(() => response.write('x'), 20);
    response.on('close', () => clearInterval(timer));
  },
  '/silent': () => undefined,
  '/endless': (_, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(kibibytes(64))));
      response.once('drain', more);
    };
    more();
  },
  '/redirect': (_, response) => void response.writeHead(302, { location: '/ok' }).end(),
};

async function ask(
  server: BadServer,
  path: string,
  access = noAccess,
  options: { maxBytes?: number; timeoutMs?: number } = {},
): Promise<BoundedAnswer> {
  const http = boundedHttp(world, access);
  const answer = await http.get({
    url: path.startsWith('/') ? server.url + path : path,
    accept: '*/*',
    compressed: true,
    timeoutMs: seconds((options.timeoutMs ?? 10_000) / 1000),
    maxBytes: bytes(options.maxBytes ?? mebibytes(1)),
  });
  http.close();
  return answer;
}

let server: BadServer;
test.before(async () => {
  server = await startBadServer(answers);
});
test.after.always(() => server.close());

test('a compressed body comes decompressed, its cost is that of the wire', async (t) => {
  const answer = await ask(server, '/compressed');
  t.is(answer.status, 'answered');
  if (answer.status !== 'answered') return;
  t.is(answer.body.toString(), '# HELP a b\na 1\n');
  t.is(answer.bytes, bytes(gzipSync('# HELP a b\na 1\n').byteLength));
  t.is(answer.code, 200);
});

const refused = test.macro({
  exec: async (t, path: string, reason: RegExp, options: { maxBytes?: number; timeoutMs?: number } = {}) => {
    const answer = await ask(server, path, noAccess, options);
    t.is(answer.status, 'failed');
    if (answer.status === 'failed') t.regex(answer.reason, reason);
  },
  title: (_, path: string) => `gives the reason for ${path}`,
});
test(refused, '/damaged', /damaged or incomplete/);
test(refused, '/brotli', /encoded as br, which was not asked for/);
test(refused, '/cut-off', /closed the connection before the answer was complete \(after 5 bytes/);
test(refused, '/drip', /no complete answer within 300 ms \(after \d+ bytes/, { timeoutMs: 300 });
test(refused, '/silent', /no complete answer within 200 ms/, { timeoutMs: 200 });
test(refused, '/endless', /larger than the limit of 1 MiB/);
test(refused, 'http://127.0.0.1:1/', /connection refused by 127\.0\.0\.1:1/);
test(refused, 'http://no-such-host.invalid/metrics?token=hunter2', /^(?!.*hunter2).*can't be resolved/);
test(refused, 'ftp://host/', /ftp:\/\/ is not http/);
test(refused, 'no url', /not valid/);

// Serial, so that no other exchange takes memory meanwhile.
test.serial('a decompression bomb is cut off at the limit', async (t) => {
  t.true(bomb.byteLength < kibibytes(16), `the bomb is ${bomb.byteLength} bytes`);
  const before = process.memoryUsage().arrayBuffers;
  const answer = await ask(server, '/bomb', noAccess, { maxBytes: kibibytes(256) });
  t.is(answer.status, 'failed');
  if (answer.status === 'failed') t.regex(answer.reason, /decompresses to more than the limit of 256 KiB/);
  // The body is 10 MiB; what was held of it must be near the limit.
  t.true(process.memoryUsage().arrayBuffers - before < mebibytes(3));
});

test('redirects are not followed', async (t) => {
  const answer = await ask(server, '/redirect');
  t.like(answer, { status: 'answered', code: 302 });
});

test('credentials: of the URL as Basic, of a header from its variable, and never in a reason', async (t) => {
  const withLogin = server.url.replace('//', '//user:hunter2@');
  const answer = await ask(server, `${withLogin}/ok`);
  t.is(answer.status === 'answered' ? answer.body.toString() : '', `hello Basic ${btoa('user:hunter2')}`);
  const secret = { headers: { Authorization: 'Bearer env:T' }, secrets: { T: 'hunter2' } };
  const bearer = await ask(server, '/ok', secret);
  t.is(bearer.status === 'answered' ? bearer.body.toString() : '', 'hello Bearer hunter2');
  const gone = await ask(server, 'http://user:hunter2@127.0.0.1:1/?key=hunter2', secret);
  const odd = await ask(server, '/ok', { headers: { Authorization: 'env:T' }, secrets: { T: 'hunter2\n' } });
  t.notRegex(JSON.stringify([gone, odd]), /hunter2/);
  t.is(odd.status, 'failed');
  const unset = await ask(server, '/ok', { headers: { Authorization: 'env:PLIMSOLL_NOT_SET' }, secrets: {} });
  t.like(unset, {
    status: 'failed',
    reason: 'header Authorization needs the environment variable PLIMSOLL_NOT_SET, which is not set',
  });
});

test('connections are kept, and a server that closed one in between costs no reading', async (t) => {
  const own = await startBadServer(answers);
  const http = boundedHttp(world, noAccess);
  const get = (): Promise<BoundedAnswer> =>
    http.get({ url: `${own.url}/ok`, accept: '*/*', compressed: true, timeoutMs: seconds(5), maxBytes: kibibytes(1) });
  t.is((await get()).status, 'answered');
  await own.close();
  const again = await startBadServer(answers, own.port);
  t.is((await get()).status, 'answered');
  http.close();
  await again.close();
});

test('what is no HTTP is said', async (t) => {
  const plain = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n'));
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  const address = plain.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const answer = await ask(server, `http://127.0.0.1:${port}/`);
  t.is(answer.status, 'failed');
  if (answer.status === 'failed') t.regex(answer.reason, /did not answer in HTTP/);
  plain.close();
});

test('aborting ends an exchange at once', async (t) => {
  const http = boundedHttp(world, noAccess);
  const abort = new AbortController();
  const running = http.get({
    url: `${server.url}/silent`,
    accept: '*/*',
    compressed: true,
    timeoutMs: seconds(60),
    maxBytes: kibibytes(1),
    signal: abort.signal,
  });
  abort.abort();
  t.like(await running, { status: 'failed', reason: 'given up since the collector was stopped' });
  http.close();
});
