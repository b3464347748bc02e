import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { plantedFaults } from '../../fixtures/planted-faults.ts';

/*
 * The table of planted faults names things of the Go service and of the findings' page: each has to be there, or the
 * benchmark would find out after an hour.
 */

const root = fileURLToPath(new URL('../..', import.meta.url));
const service = join(root, 'fixtures', 'services', 'group-buy');

async function goSources(): Promise<string> {
  const files = (await readdir(service, { recursive: true })).filter(
    (file) => file.endsWith('.go') && !file.endsWith('_test.go'),
  );
  const texts = await Promise.all(files.map((file) => readFile(join(service, file), 'utf8')));
  return texts.join('\n');
}

async function findingIds(): Promise<ReadonlySet<string>> {
  const page = await readFile(join(root, 'docs', 'findings.md'), 'utf8');
  return new Set([...page.matchAll(/^\| `([^`]+)`/gm)].map(([, id = '']) => id));
}

test('every fault of the service is planted somewhere, and nothing else is', async (t) => {
  const inService = [...(await goSources()).matchAll(/\n\t\tName:\s+"([^"]+)"/g)].map(([, name = '']) => name);
  t.true(inService.length > 20, 'the scan works');
  const planted = new Set(plantedFaults.flatMap(({ faults }) => Object.keys(faults)));
  t.deepEqual([...planted].toSorted(), inService.toSorted());
  t.is(new Set(plantedFaults.map(({ name }) => name)).size, plantedFaults.length, 'names are unique');
});

test('what has to be found, and where, exists', async (t) => {
  const [sources, ids] = [await goSources(), await findingIds()];
  for (const { name, expected, also = [] } of plantedFaults) {
    for (const id of [...(expected === null ? [] : [expected.finding]), ...also])
      t.true(ids.has(id), `${name}: docs/findings.md has no ${id}`);
    const site = expected?.site ?? null;
    // A function by its last name, as its source has it; a statement as it is.
    const written = site?.startsWith('plimsoll.dev/') === true ? (site.split('.').at(-1) ?? '') : site;
    if (written !== null) t.true(sources.includes(written), `${name}: the service has no ${written}`);
    const { low = 0, high = 1 } = expected?.magnitude ?? {};
    t.true(low < high, name);
  }
  for (const [, list = ''] of sources.matchAll(/(?:Findings|Absent): \[\]string\{([^}]*)\}/g))
    for (const [, id = ''] of list.matchAll(/"([^"]+)"/g)) t.true(ids.has(id), `a fault of the service names ${id}`);
});

test('decoys and faults are both there in numbers', (t) => {
  const decoys = plantedFaults.filter(({ expected }) => expected === null);
  t.true(decoys.length >= 7, `${decoys.length} decoys`);
  t.true(plantedFaults.length - decoys.length >= 18, `${plantedFaults.length - decoys.length} faults`);
});
