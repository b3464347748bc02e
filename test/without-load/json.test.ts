import { cpSync, readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { z } from 'zod';
import { exitCodes } from '../../cli/exit-codes.ts';
import { startPlimsoll } from '../../fixtures/run-program.ts';

/*
 * docs/json.md has a row for every document that --json prints, with its keys: those that are printed.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));

const codes = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

/** Schema → keys beside it, from the page's table; "the same" are those of the row above. */
function documented(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  let above: readonly string[] = [];
  for (const [, schemas = '', keys = ''] of readFileSync(join(root, 'docs/json.md'), 'utf8').matchAll(
    /^\| ((?:`plimsoll\/[^|]+)) \| ([^|]+) \|/gm,
  )) {
    above = [...(keys.startsWith('the same') ? above : []), ...codes(keys)];
    for (const schema of codes(schemas)) found.set(schema, above);
  }
  return found;
}
const table = documented();

/** As the sources write them; those of runs are put together from the verb's name. */
function printed(): readonly string[] {
  const sources = readdirSync(join(root, 'cli'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => readFileSync(join(root, 'cli', name), 'utf8'));
  const whole = sources.flatMap((text) => [...text.matchAll(/'(plimsoll\/[a-z-]+\/1)'/g)].map(([, name = '']) => name));
  const ofRuns = sources.flatMap((text) =>
    [...text.matchAll(/presentRun\([^,]+, context, '([a-z]+)'|rendered\.json\('([a-z]+)'\)/g)].map(
      ([, one, other]) => `plimsoll/${one ?? other}/1`,
    ),
  );
  return [...new Set([...whole, ...ofRuns])].toSorted();
}

test('every document that --json prints has its row', (t) => {
  t.true(printed().length > 12, 'the scan works');
  t.deepEqual([...table.keys()].toSorted(), printed());
});

/** What each of them is printed by, where that takes no load; the folder has the files. */
const commands: Readonly<Record<string, string>> = {
  'plimsoll/analyze/1': 'analyze last',
  'plimsoll/plan/1': 'plan http://127.0.0.1:8080/ --rate 100',
  'plimsoll/doctor/1': 'doctor',
  'plimsoll/whatif/1': 'whatif last --rate 5/s',
  'plimsoll/size-pool/1': 'size pool --arrival-rate 500/s --hold-time 10ms --wait-objective p99<5ms',
  'plimsoll/size-client/1': 'size client --arrival-rate 200/s --call-time 30ms --wait-objective p99<5ms',
  'plimsoll/size-workers/1': 'size workers --arrival-rate 200/s --service-time 40ms --wait-objective p99<50ms',
  'plimsoll/size-gc/1': 'size gc --run last --memory-limit 512MiB --rate 5/s',
  'plimsoll/size-replicas/1': 'size replicas --capacity 900/s --forecast 12000/s',
  'plimsoll/queue/1': 'queue --servers 4 --arrival-rate 300/s --service-time 10ms',
  'plimsoll/queue-network/1': 'queue network network.json',
  'plimsoll/fit-usl/1': 'fit usl stages.csv',
  'plimsoll/fit-contest/1': 'fit contest stages.csv',
  'plimsoll/compare/1': 'compare --samples base.csv candidate.csv',
  'plimsoll/gate/1': 'gate last --policy gate.yml',
  'plimsoll/history-add/1': 'history add last',
  'plimsoll/history-list/1': 'history list',
  'plimsoll/history-changes/1': 'history changes --series base.csv',
  'plimsoll/profile-top/1': 'profile top cpu.pb.gz',
  'plimsoll/profile-diff/1': 'profile diff cpu.pb.gz cpu.pb.gz',
  'plimsoll/profile-flame/1': 'profile flame cpu.pb.gz --out flame.html',
  'plimsoll/profile-cost/1': 'profile cost last',
  'plimsoll/signoff-key/1': 'signoff key --out key',
  'plimsoll/signoff-make/1': 'signoff make last --policy gate.yml --target 300/s --key key.pem',
  'plimsoll/signoff-verify/1': 'signoff verify signoff --key key.pub.pem',
};
/** Tested where a load is driven, or a whole search made. */
const elsewhere = ['plimsoll/run/1', 'plimsoll/demo/1', 'plimsoll/search/1', 'plimsoll/sweep/1'];

test('its keys are those that are printed, schema first', async (t) => {
  t.deepEqual([...Object.keys(commands), ...elsewhere].toSorted(), [...table.keys()].toSorted());
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  cpSync(join(root, 'fixtures/records/format-1'), join(folder, '.plimsoll/runs'), { recursive: true });
  cpSync(join(root, 'fixtures/captures/cpu-loaded.pb.gz'), join(folder, 'cpu.pb.gz'));
  for (const arm of ['base.csv', 'candidate.csv']) await writeFile(join(folder, arm), '101\n99\n100\n102\n101\n');
  await writeFile(join(folder, 'stages.csv'), 'concurrency,throughput\n1,100\n2,190\n4,350\n8,560\n16,700\n32,690\n');
  await writeFile(join(folder, 'gate.yml'), 'policy: any\nobjectives: [p99<1s]\n');
  const network = {
    kind: 'closed',
    classes: [{ name: 'all', population: 4, thinkTimeMs: 100 }],
    stations: [{ name: 'cpu', servers: 1, demandMs: 5 }],
  };
  await writeFile(join(folder, 'network.json'), JSON.stringify(network));
  for (const [schema, line] of Object.entries(commands)) {
    const { code, out, err } = await startPlimsoll([...line.split(' '), '--json'], { cwd: folder }).ended;
    t.true(code === exitCodes.done || code === exitCodes.inconclusive, `${line}: ${code} ${err}`);
    t.not(out, '', `${line}: ${err}`);
    const document = z.record(z.string(), z.unknown()).parse(JSON.parse(out));
    const [first, ...keys] = Object.keys(document);
    t.is(first, 'schema');
    t.is(document['schema'], schema);
    t.deepEqual(keys.toSorted(), [...(table.get(schema) ?? [])].toSorted(), schema);
  }
});
