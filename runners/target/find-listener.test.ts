import { once } from 'node:events';
import { createServer } from 'node:net';
import test from 'ava';
import { findListeners, isForwarder, isOwnAddress, parseListening } from './find-listener.ts';

test('the kernel table: listening sockets only, addresses as people write them', (t) => {
  const text = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000 100 0 0 10 0
   1: 0100007F:9BDD 0100007F:B3CC 06 00000000:00000000 03:0000043B 00000000     0        0 0 3 000000009fafa245
   2: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0
   3: 0000000000000000FFFF00000100007F:0051 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4713 1 0`;
  t.deepEqual(parseListening(text), [
    { ip: '127.0.0.1', port: 8080, inode: '4711' },
    { ip: '::1', port: 80, inode: '4712' },
    { ip: '127.0.0.1', port: 81, inode: '4713' },
  ]);
});

const linux = test.skipIf(process.platform !== 'linux');

linux('finds this very process, by exact and by wildcard address', async (t) => {
  for (const [bound, asked] of [
    ['127.0.0.1', '127.0.0.1'],
    ['0.0.0.0', '127.0.0.1'],
  ] as const) {
    const server = createServer().listen(0, bound);
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    t.deepEqual(
      (await findListeners(asked, port)).map(({ processId }) => processId),
      [process.pid],
    );
    if (bound === '127.0.0.1') t.deepEqual(await findListeners('127.0.0.2', port), []);
    server.close();
    await once(server, 'close');
    t.deepEqual(await findListeners(asked, port), []);
  }
});

test('own addresses and forwarders', (t) => {
  for (const ip of ['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1']) t.true(isOwnAddress(ip), ip);
  for (const ip of ['192.0.2.1', '2001:db8::1']) t.false(isOwnAddress(ip), ip);
  t.true(isForwarder({ processId: 1, command: 'docker-proxy' }));
  t.false(isForwarder({ processId: 1, command: 'orders' }));
});
