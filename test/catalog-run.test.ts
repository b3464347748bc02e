import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { z } from 'zod';
import { startPlimsoll } from '../fixtures/run-program.ts';
import { buildGroupBuy, groupBuyTarget } from '../fixtures/services/group-buy-service.ts';
import { seconds } from '../model/units.ts';

/*
 * Ready scenarios run on either engine unchanged: the same seed asks the same requests in the same stages.
 */

const document = z.object({
  engine: z.object({ name: z.string() }),
  stages: z.array(
    z.object({
      name: z.string(),
      due: z.number(),
      done: z.number(),
      failed: z.number(),
      shed: z.number(),
      dropped: z.number(),
      inFlightAtEnd: z.number(),
      endpoints: z.array(z.object({ name: z.string(), due: z.number() })),
    }),
  ),
});

/**
 * As the files of scenarios/catalog and what they export are called, with the shortest load that goes through all of it:
 * those that need no half minute. Of soak and nightly the requests are the same, and so are the kinds of stages.
 */
const scenarios = [
  ['cold-start', 'coldStart', { peak: 40, hold: '3s' }],
  ['water-level', 'waterLevel', { peak: 100, hold: '1s' }],
] as const;

test.before(async (t) => {
  t.timeout(seconds(600));
  await buildGroupBuy(() => undefined);
});

for (const [file, name, options] of scenarios)
  test(`${file} by both engines`, async (t) => {
    t.timeout(seconds(600));
    const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
    t.teardown(() => rm(folder, { recursive: true }));
    const target = groupBuyTarget({
      binary: await buildGroupBuy(() => undefined),
      database: null,
      downstreamUrl: null,
    });
    const module = new URL(`../scenarios/catalog/${file}.ts`, import.meta.url).pathname;
    await writeFile(join(folder, 'package.json'), '{"type": "module"}');
    await writeFile(
      join(folder, 'ready.ts'),
      `import { ${name} } from ${JSON.stringify(module)};
export default ${name}(${JSON.stringify({ ...options, target, seed: 7 })});`,
    );
    const [ours, k6] = await Promise.all(
      ['autocannon', 'k6'].map(async (engine) => {
        const args = ['run', join(folder, 'ready.ts'), '--engine', engine, '--json', '--runs', join(folder, engine)];
        const { out, err } = await startPlimsoll(args).ended;
        t.regex(out, /^\{/, err);
        const ran = document.parse(JSON.parse(out));
        t.is(ran.engine.name, engine);
        for (const stage of ran.stages) t.deepEqual([stage.done, stage.failed + stage.shed], [stage.due, 0], err);
        return ran.stages.map(({ name: stage, due, endpoints }) => ({ stage, due, endpoints }));
      }),
    );
    t.true((ours?.length ?? 0) > 1);
    t.deepEqual(ours, k6);
  });
