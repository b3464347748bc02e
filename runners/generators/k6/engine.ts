import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ownProgram } from '../../package-root.ts';
import type { BuiltProgram } from '../../cached-go-program.ts';
import type { LoadGenerator } from '../port.ts';
import { k6Process } from './k6-process.ts';

/** Of the job, what the process is started by; all else is read by the script. */
const startedBy = z.object({
  requestsFile: z.string().nullable(),
  plan: z.object({
    connections: z.object({ tls: z.object({ caFile: z.string().nullable() }) }),
    // The folder is that of a user's k6 script.
    traffic: z.object({ kind: z.string(), folder: z.string().optional() }),
  }),
});

/**
 * k6 with our executor and output, in a process of its own, talked to by files, arguments and pipes only. The script is
 * made beside the job file; the lines come on standard output.
 */
export function k6Engine({ file, hash }: BuiltProgram): LoadGenerator {
  return {
    name: 'k6',
    command: (jobFile) => {
      const { requestsFile, plan } = startedBy.parse(JSON.parse(readFileSync(jobFile, 'utf8')));
      const script = plan.traffic.kind === 'k6-script' ? flowScriptFor(requestsFile) : scriptFor(requestsFile);
      const { caFile } = plan.connections.tls;
      const { args, environment } = k6Process(jobFile, { script, output: 'plimsoll=fd:1', caFile });
      return {
        file,
        args,
        environment: { ...environment, PLIMSOLL_BUILD: `k6-engine ${hash}` },
        ...(plan.traffic.folder === undefined ? {} : { directory: plan.traffic.folder }),
      };
    },
  };
}

/*
 * What the modules export is set as it is: k6 looks the function up for each iteration, and what `export` becomes in a
 * bundle is found through two functions.
 */

/** A module for k6: the plan's traffic, with the scenario's own function where it has one. */
function scriptFor(requestsFile: string | null): string {
  return [
    `const { loadScript } = require(${JSON.stringify(ownProgram('runners/generators/k6/script/load-script.ts'))});`,
    requestsFile === null ? 'const requests = null;' : `const { requests } = require(${JSON.stringify(requestsFile)});`,
    'const script = loadScript(JSON.parse(open(__ENV.PLIMSOLL_JOB)), requests);',
    'exports.options = script.options;',
    'exports.default = script.iterate;',
    '',
  ].join('\n');
}

/** A module for k6: a user's script, evaluated where its exceptions can be told. */
function flowScriptFor(bundleFile: string | null): string {
  return [
    `const { loadFlow } = require(${JSON.stringify(ownProgram('runners/generators/k6/script/load-flow.ts'))});`,
    `const script = loadFlow(JSON.parse(open(__ENV.PLIMSOLL_JOB)), () => require(${JSON.stringify(bundleFile)}));`,
    'exports.options = script.options;',
    'exports.default = script.iterate;',
    '',
  ].join('\n');
}
