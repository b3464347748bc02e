import test from 'ava';
import { kernelAddresses, readSocketTable } from './socket-table.ts';

const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const line = (local: string, remote: string, state: string, queues = '00000000:00000000'): string =>
  `   7: ${local} ${remote} ${state} ${queues} 00:00000000 00000000     0        0 43 1 0000 100 0 0 10 0\n`;
const loopback = kernelAddresses(['127.0.0.1']);
// Port 8080 is 1F90.
const target = '0100007F:1F90';

test('addresses are written as the kernel writes them', (t) => {
  t.deepEqual([...kernelAddresses(['10.1.2.3'])], ['0302010A', '0000000000000000FFFF00000302010A']);
  t.deepEqual([...kernelAddresses(['::1'])], ['00000000000000000000000001000000']);
  t.deepEqual([...kernelAddresses(['fe80::1:2ff%eth0'])], ['000080FE0000000000000000FF020100']);
  t.deepEqual([...kernelAddresses(['2001:db8:1:2:3:4:5:6'])], ['B80D0120020001000400030006000500']);
  t.deepEqual([...kernelAddresses(['not an address'])], []);
});

test('both ends are counted by state, with what waits in their queues', (t) => {
  const text =
    head +
    line(target, '00000000:0000', '0A', '00000000:00000005') +
    line(target, '0100007F:C001', '01', '00000010:00000002') +
    line(target, '0100007F:C002', '08') +
    line('0100007F:C001', target, '01', '00000000:000000FF') +
    line('0100007F:C003', target, '06') +
    line('0100007F:C004', '0100007F:1F91', '01');
  const { server, client, listening } = readSocketTable([text], 8080, loopback);
  t.deepEqual(server, { states: { ESTABLISHED: 1, CLOSE_WAIT: 1 }, receiveQueueBytes: 2, sendQueueBytes: 16 });
  t.deepEqual(client, { states: { ESTABLISHED: 1, TIME_WAIT: 1 }, receiveQueueBytes: 255, sendQueueBytes: 0 });
  t.deepEqual(listening, [{ address: '127.0.0.1', acceptQueue: 5 }]);
});

test("others with the same port number are not the target's", (t) => {
  const text = head + line('0302010A:C001', '0402010A:1F90', '01') + line('0302010A:1F90', '0402010A:C001', '01');
  t.deepEqual(readSocketTable([text], 8080, loopback).client.states, {});
  t.deepEqual(readSocketTable([text], 8080, loopback).server.states, {});
  t.deepEqual(readSocketTable([text], 8080, null).server.states, { ESTABLISHED: 1 });
});

test('IPv6 listening sockets serve IPv4, too', (t) => {
  const mapped = '0000000000000000FFFF00000100007F';
  const text =
    head +
    line(`${'0'.repeat(32)}:1F90`, `${'0'.repeat(32)}:0000`, '0A') +
    line(`${mapped}:1F90`, `${mapped}:C001`, '01');
  const { server, listening } = readSocketTable(['', text], 8080, loopback);
  t.deepEqual(server.states, { ESTABLISHED: 1 });
  t.deepEqual(listening, [{ address: '::', acceptQueue: 0 }]);
});

test('a socket that the kernel lists twice, since its table changed while it was read, counts once', (t) => {
  const twice = line(target, '0100007F:C001', '01').repeat(2);
  t.deepEqual(readSocketTable([head + twice], 8080, loopback).server.states, { ESTABLISHED: 1 });
});
