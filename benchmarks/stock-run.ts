import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';

const program = fileURLToPath(new URL('stock-autocannon.mjs', import.meta.url));
const result = z.object({
  requests: z.number(),
  cpuMs: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  maxMs: z.number(),
});

/** autocannon with its own rate option, schedule and histogram, on a processor of ours. */
export async function stockRun(
  processors: string | null,
  load: { readonly url: string; readonly rate: number; readonly seconds: number; readonly connections: number },
): Promise<z.output<typeof result>> {
  const args = [program, load.url, `${load.rate}`, `${load.seconds}`, `${load.connections}`];
  const [file = '', ...rest] = [
    ...(processors === null ? [] : ['taskset', '--cpu-list', processors]),
    process.execPath,
    ...args,
  ];
  const { stdout } = await promisify(execFile)(file, rest);
  return result.parse(JSON.parse(stdout));
}
