import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Plan } from '../../../../model/plan.ts';
import { ownProgram } from '../../../package-root.ts';
import type { LoadGenerator } from '../../port.ts';
import { k6Process } from '../k6-process.ts';

/** A k6 as others build it. */
export interface StockK6 {
  readonly file: string;
  readonly version: string;
  /** Of ours, what `k6 version` does not list. */
  readonly missing: readonly string[];
}

/** Of the job, what the process is started by; all else is read by the script. */
const startedBy = z.object({
  requestsFile: z.string().nullable(),
  plan: z.object({ connections: z.object({ tls: z.object({ caFile: z.string().nullable() }) }) }),
});

/** Why a stock k6 can't drive a plan; none where it can. */
export function stockFaults({ loadProfile, traffic }: Plan): readonly string[] {
  if (traffic.kind === 'k6-script') return ['the steps of a k6 script are measured by plimsoll’s additions only'];
  if (traffic.kind === 'grpc') return ['gRPC calls are made by our module'];
  if (loadProfile.kind === 'closed') return ['its users pause by no seed of the plan'];
  return loadProfile.arrivals === 'poisson' ? ['its arrivals are even, not Poisson'] : [];
}

/**
 * A k6 without our executor and output: constant-arrival-rate, a scenario for each stage, read through k6's json output
 * by a process of ours. It gives what stock k6 knows: no due times, so neither response times nor lateness, and drops
 * where ours would let requests wait.
 */
export function stockEngine({ file, version, missing }: StockK6): LoadGenerator {
  return {
    name: 'k6',
    command: (jobFile) => {
      const { requestsFile, plan } = startedBy.parse(JSON.parse(readFileSync(jobFile, 'utf8')));
      const script = scriptFor(requestsFile);
      const { caFile } = plan.connections.tls;
      const { args, environment } = k6Process(jobFile, { script, output: 'json', caFile });
      const build = `stock, without ${missing.join(' and ')}`;
      const settings = join(dirname(jobFile), 'stock-k6.json');
      writeFileSync(settings, JSON.stringify({ file, args, version, build }), { mode: 0o600 });
      return {
        file: process.execPath,
        args: [ownProgram('runners/generators/k6/stock/main.ts'), jobFile, settings],
        environment,
      };
    },
  };
}

/** k6 takes the types out of it by itself. */
function scriptFor(requestsFile: string | null): string {
  return [
    `import { stockScript } from ${JSON.stringify(ownProgram('runners/generators/k6/script/stock-script.ts'))};`,
    requestsFile === null ? 'const requests = null;' : `import { requests } from ${JSON.stringify(requestsFile)};`,
    'const script = stockScript(JSON.parse(open(__ENV.PLIMSOLL_JOB)), requests);',
    'export const options = script.options;',
    'export const setup = script.await;',
    'export default script.iterate;',
    '',
  ].join('\n');
}
