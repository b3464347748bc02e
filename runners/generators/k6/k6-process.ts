import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface K6Process {
  /** A module for k6. */
  readonly script: string;
  /** As `--out` takes it. */
  readonly output: string;
  /** Authority to trust in place of the system's; null: the system's. */
  readonly caFile: string | null;
}

/** How k6 is started, ours or a stock one: script and settings are written beside the job file. */
export function k6Process(
  jobFile: string,
  { script, output, caFile }: K6Process,
): { readonly args: readonly string[]; readonly environment: Readonly<Record<string, string>> } {
  const folder = dirname(jobFile);
  const [scriptFile, settings] = [join(folder, 'load.ts'), join(folder, 'k6.json')];
  writeFileSync(scriptFile, script, { mode: 0o600 });
  // Or k6 reads the user's own.
  writeFileSync(settings, '{}', { mode: 0o600 });
  return {
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
      `--out=${output}`,
      scriptFile,
    ],
    environment: {
      PLIMSOLL_JOB: jobFile,
      // The heap of a hundred interpreters is mostly what does not change: collect it less often.
      GOGC: '400',
      GODEBUG: [process.env['GODEBUG'] ?? '', supervisesSeldom].filter((setting) => setting !== '').join(','),
      // k6 has no option for it, Go has: this file, and no certificate of a folder.
      ...(caFile === null ? {} : { SSL_CERT_FILE: caFile, SSL_CERT_DIR: folder }),
    },
  };
}

/**
 * Go's supervising thread sleeps where there is nothing to do, is woken for the next request, and then looks round every
 * 20 µs: up to a quarter of the CPU at 2,000 requests a second. Where it has a trace of the scheduler to write, it looks
 * round every 10 ms and is not woken. So it gets one to write, at the longest interval there is: a line on standard error
 * every 24 days.
 */
const supervisesSeldom = 'schedtrace=2147483647';
