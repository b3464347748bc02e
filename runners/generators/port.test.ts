import test from 'ava';
import type { TrafficCell } from '../../model/measurements.ts';
import { decodeGeneratorLine } from './port.ts';

const cell = {
  second: 0,
  stage: 0,
  endpoint: 'GET /',
  outcome: 'failed',
  failure: 'unexpected-status',
  count: 98,
  responseTime: null,
  serviceTime: null,
};

function decodeCell(given: object): TrafficCell | undefined {
  const health = {
    second: 0,
    stage: 0,
    cpuMs: 1,
    lateness: null,
    connectionWait: null,
    waitedForConnection: 0,
    queueLengthMax: 0,
    inFlightMax: 0,
    connectionsOpen: 1,
    connectsTotal: 1,
    stallMaxMs: 0,
    rssBytes: 1,
  };
  const line = decodeGeneratorLine(
    JSON.stringify({ kind: 'second', second: 0, counts: [], cells: [{ ...cell, ...given }], health }),
  );
  return line.kind === 'second' ? line.cells[0] : undefined;
}

test('a cell tells the status codes of its answers, where the engine does', (t) => {
  t.deepEqual(decodeCell({ statuses: { '401': 97, '404': 1 } })?.statuses, { '401': 97, '404': 1 });
  t.is(decodeCell({ statuses: null })?.statuses, null);
  t.is(decodeCell({})?.statuses, null, 'lines of earlier engines have no such key');
});

test('what is no status code is no line of the protocol', (t) => {
  for (const statuses of [{ ok: 1 }, { '4010': 1 }, { '401': -1 }, { '401': 0.5 }, [98]])
    t.throws(() => decodeCell({ statuses }));
});
