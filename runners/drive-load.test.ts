import test from 'ava';
import { generatorJob, holds } from '../fixtures/generator-job.ts';
import type { TrafficCell } from '../model/measurements.ts';
import { bytes, milliseconds } from '../model/units.ts';
import { driveLoad } from './drive-load.ts';
import type { GeneratorProcess } from './generators/generator-process.ts';
import type { GeneratorCommand, GeneratorLine } from './generators/port.ts';
import { Interruption, realWorld } from './world.ts';

const ready = {
  kind: 'ready',
  protocol: 1,
  engine: { name: 'autocannon', version: '0', build: null },
  processId: 1,
  selfTest: {},
} as const;

function second(index: number, cells: readonly Pick<TrafficCell, 'outcome' | 'failure' | 'count'>[]): GeneratorLine {
  const due = cells.reduce((sum, { count }) => sum + count, 0);
  const key = { second: index, stage: 0, endpoint: 'GET /' };
  return {
    kind: 'second',
    second: index,
    counts: [{ ...key, due, sent: due }],
    cells: cells.map((cell) => ({ ...key, ...cell, statuses: null, responseTime: null, serviceTime: null })),
    health: {
      second: index,
      stage: 0,
      cpuMs: milliseconds(1),
      lateness: null,
      connectionWait: null,
      waitedForConnection: 0,
      queueLengthMax: 0,
      inFlightMax: 0,
      connectionsOpen: 0,
      connectsTotal: 1,
      stallMaxMs: milliseconds(0),
      rssBytes: bytes(1),
    },
  };
}

/** A generator that says `before`, waits for `stop`, says `after`. */
function generatorOf(before: readonly GeneratorLine[], after: readonly GeneratorLine[]): GeneratorProcess {
  const stopped = Promise.withResolvers<null>();
  async function* lines(): GeneratorProcess['lines'] {
    for (const line of before) yield { line, text: '' };
    await stopped.promise;
    for (const line of after) yield { line, text: '' };
  }
  return {
    processId: 1,
    lines: lines(),
    send: (command: GeneratorCommand) => {
      if (command.kind === 'stop') stopped.resolve(null);
    },
    kill: () => stopped.resolve(null),
    exited: Promise.resolve({ code: 0, signal: null }),
    lastWords: () => '',
  };
}

const started: GeneratorLine = { kind: 'started', startedAt: 1 };
const finished: GeneratorLine = { kind: 'finished', endedAt: 2, reason: 'stopped' };
const refused = { outcome: 'failed', failure: 'connection-refused', count: 30 } as const;
const never = new Promise<string>(() => undefined);

async function reasonOf(generator: GeneratorProcess, interrupted: AbortSignal, targetGone = never): Promise<string> {
  const world = realWorld({ say: () => undefined, interrupted });
  const { plan } = generatorJob({ url: 'http://127.0.0.1:1', loadProfile: holds('even', [100, 60]) });
  const { outcome } = await driveLoad(
    {
      world,
      plan,
      targetGone,
      storeBroken: never,
      freeDisk: () => Promise.resolve(bytes(1)),
      addTrafficLine: () => undefined,
      onView: () => undefined,
    },
    generator,
    generator.lines[Symbol.asyncIterator](),
    ready,
    world.now(),
  );
  return outcome.status === 'aborted' ? `${outcome.code}: ${outcome.reason}` : outcome.status;
}

test('a target that ended: the reason says what the requests met then', async (t) => {
  const generator = generatorOf(
    [started, second(0, [{ outcome: 'done', failure: null, count: 100 }])],
    [second(1, [refused, { outcome: 'failed', failure: 'connection-reset', count: 4 }]), finished],
  );
  t.is(
    await reasonOf(generator, new AbortController().signal, Promise.resolve('the target ended by SIGKILL')),
    'target-gone: the target ended by SIGKILL; since its last answer 30 requests ended in connection-refused, 4 in connection-reset',
  );
});

test('an interruption is told by who interrupted', async (t) => {
  const lines = [second(1, [refused]), finished];
  t.is(await reasonOf(generatorOf([started], lines), AbortSignal.abort()), 'interrupted: interrupted by the user');
  const launcher = AbortSignal.abort(new Interruption('the process that started plimsoll ended'));
  t.is(await reasonOf(generatorOf([started], lines), launcher), 'interrupted: the process that started plimsoll ended');
});
