import type { TrafficInput } from '../model/scenario.ts';
import type { ScriptTraffic } from '../model/traffic.ts';
import { joinedPath } from './joined-path.ts';

/** The plan's description of a k6 script; `hash` is that of its bundle, `directory` what its path is relative to. */
export function planK6Script(
  { k6Script, environment = {} }: Extract<TrafficInput, { readonly k6Script: string }>,
  hash: string,
  directory: string,
): ScriptTraffic {
  const path = joinedPath(directory, k6Script);
  return {
    kind: 'k6-script',
    file: `script-${hash}.mjs`,
    hash,
    endpoints: [k6ScriptName(k6Script)],
    folder: path.slice(0, Math.max(1, path.lastIndexOf('/'))),
    environment,
  };
}

/** `./flows/checkout.k6.ts` → `checkout`. */
export const k6ScriptName = (path: string): string =>
  path.slice(path.lastIndexOf('/') + 1).replace(/(\.k6)?\.[jt]s$/, '');
