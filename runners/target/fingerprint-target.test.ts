import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { arch, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import type { Plan } from '../../model/plan.ts';
import { seconds } from '../../model/units.ts';
import { absent } from '../../test/requires.ts';
import { realWorld } from '../world.ts';
import { acquireTarget } from './acquire-target.ts';
import { describeEnvironment } from './describe-environment.ts';

const run = promisify(execFile);
const goVersion = await run('go', ['env', 'GOVERSION']).then(
  ({ stdout }) => stdout.trim(),
  () => undefined,
);

const service = `package main

import (
	"fmt"
	"net"
	"runtime"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println("serving at", listener.Addr())
	for {
		connection, err := listener.Accept()
		if err != nil {
			panic(err)
		}
		connection.Close()
		runtime.GC()
	}
}
`;

test.skipIf(absent(goVersion !== undefined, 'go') || process.platform !== 'linux')(
  'a Go service says what it was built from and runs with, and traces its collections',
  async (t) => {
    t.timeout(110_000);
    const folder = await mkdtemp(join(tmpdir(), 'plimsoll-service-'));
    t.teardown(async () => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'go.mod'), 'module example.test/orders\n\ngo 1.21\n');
    await writeFile(join(folder, 'main.go'), service);
    const environment = { ...process.env, GOTOOLCHAIN: 'local', GOWORK: 'off', CGO_ENABLED: '0', GOFLAGS: '' };
    await run('go', ['build', '-buildvcs=false', '-o', 'orders', '.'], { cwd: folder, env: environment });

    const { plan } = buildRunRecord({ stages: [{ rate: 1, seconds: 1 }] });
    const launch: Plan = {
      ...plan,
      collect: { ...plan.collect, gctrace: true },
      target: {
        kind: 'launch',
        url: null,
        readyPath: null,
        readyTimeoutMs: seconds(20),
        command: ['./orders'],
        workingDirectory: folder,
        environment: { GOGC: '50', GOMEMLIMIT: '100MiB' },
        listeningPattern: 'serving at (\\S+)',
        limits: { memoryBytes: null, cpus: null },
      },
    };
    const traced = Promise.withResolvers<string>();
    const world = realWorld({ say: () => {}, interrupted: new AbortController().signal });
    const context = { runId: 'r', log: join(folder, 'target.log'), redact: (text: string) => text };
    const onErrorLine = (line: string): void => {
      if (line.startsWith('gc ')) traced.resolve(line);
    };
    const target = await acquireTarget(launch, world, { ...context, onErrorLine });
    t.teardown(async () => target.stop());
    const { target: described } = await describeEnvironment(launch, target);
    t.is(described.goVersion, goVersion ?? null);
    t.is(described.modulePath, 'example.test/orders');
    t.is(described.buildId, (await run('go', ['tool', 'buildid', join(folder, 'orders')])).stdout.trim());
    t.deepEqual([described.gogc, described.gomemlimit, described.gomaxprocs], ['50', '100MiB', null]);
    t.true(described.notes.some((note) => note.includes(`GOARCH=${arch() === 'x64' ? 'amd64' : arch()}`)));
    t.regex(await traced.promise, /^gc 1 @/);
  },
);
