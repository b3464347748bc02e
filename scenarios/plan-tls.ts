import type { TlsPlan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import { joinedPath } from './joined-path.ts';
import type { Reasons } from './reasons.ts';

/** How the target's certificate is checked. File names are relative to the scenario. */
export function planTls({ tls = {} }: Scenario, workingDirectory: string, reasons: Reasons): TlsPlan {
  const path = (file: string | undefined): string | null =>
    file === undefined ? null : joinedPath(workingDirectory, file);
  if (tls.certificate !== undefined && tls.key === undefined)
    reasons.add('tls.key', 'is missing: a client certificate goes with its key', 'write both: --cert and --key');
  if (tls.certificate === undefined && tls.key !== undefined)
    reasons.add('tls.certificate', 'is missing: a key goes with its certificate', 'write both: --cert and --key');
  if (tls.insecure === true && tls.ca !== undefined)
    reasons.add('tls', 'ca says which certificates to trust, insecure to trust any', 'leave one of them out');
  return {
    caFile: path(tls.ca),
    certificateFile: path(tls.certificate),
    keyFile: path(tls.key),
    insecure: tls.insecure ?? false,
  };
}
