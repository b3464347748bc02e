import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { ownProgram } from '../../package-root.ts';
import type { BuiltProgram } from '../../cached-go-program.ts';
import type { LoadGenerator } from '../port.ts';

const named = z.object({ requestsFile: z.string().nullable() });

/**
 * k6 with our executor and output, in a process of its own, talked to by files, arguments and pipes only. The script is
 * made beside the job file; the lines come on standard output.
 */
export function k6Engine({ file, hash }: BuiltProgram): LoadGenerator {
  return {
    name: 'k6',
    command: (jobFile) => {
      const folder = dirname(jobFile);
      const [script, settings] = [join(folder, 'load.ts'), join(folder, 'k6.json')];
      const { requestsFile } = named.parse(JSON.parse(readFileSync(jobFile, 'utf8')));
      writeFileSync(script, scriptFor(requestsFile), { mode: 0o600 });
      // Or k6 reads the user's own.
      writeFileSync(settings, '{}', { mode: 0o600 });
      return {
        file,
        // The script last: then it is bundled.
        args: [
          'run',
          '--quiet',
          '--no-color',
          '--log-format=json',
          '--no-usage-report',
          '--address=',
          // Both, or k6 keeps every sample.
          '--summary-mode=disabled',
          '--no-thresholds',
          `--config=${settings}`,
          '--out=plimsoll=fd:1',
          script,
        ],
        // The heap of a hundred interpreters is mostly what does not change: collect it less often.
        environment: { PLIMSOLL_JOB: jobFile, PLIMSOLL_BUILD: `k6-engine ${hash}`, GOGC: '400' },
      };
    },
  };
}

/** A module for k6: the plan's traffic, with the scenario's own function where it has one. */
function scriptFor(requestsFile: string | null): string {
  return [
    `import { loadScript } from ${JSON.stringify(ownProgram('runners/generators/k6/script/load-script.ts'))};`,
    requestsFile === null ? 'const requests = null;' : `import { requests } from ${JSON.stringify(requestsFile)};`,
    'const script = loadScript(JSON.parse(open(__ENV.PLIMSOLL_JOB)), requests);',
    'export const options = script.options;',
    'export default script.iterate;',
    '',
  ].join('\n');
}
