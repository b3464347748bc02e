import type { TargetPlan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import { parseDuration, parseSize, seconds } from '../model/units.ts';
import { joinedPath } from './joined-path.ts';
import type { Reasons } from './reasons.ts';
import { checkSettings, fillSettings, settingTexts } from './target-settings.ts';

const defaultReadyTimeout = seconds(30);
const defaultListening = String.raw`listening on (\S+)`;

/** Where the traffic goes: attach or launch. `workingDirectory` is what `directory` is relative to. */
export function planTarget(target: Scenario['target'], workingDirectory: string, reasons: Reasons): TargetPlan {
  const input = typeof target === 'string' ? { url: target } : target;
  const readyTimeoutMs =
    input.readyTimeout === undefined
      ? defaultReadyTimeout
      : reasons.collect('target.readyTimeout', defaultReadyTimeout, () => parseDuration(input.readyTimeout ?? ''));
  const readyPath = input.ready ?? null;
  if (readyPath !== null && !readyPath.startsWith('/'))
    reasons.add('target.ready', `"${readyPath}" does not begin with /`, 'write the path from the root: /healthz');
  const url = input.url === undefined ? null : originOf(input.url, reasons);
  const common = { readyPath, readyTimeoutMs };
  if (!('launch' in input)) return { kind: 'attach', url: url ?? '', ...common };
  const listeningPattern = url === null ? (input.listening ?? defaultListening) : null;
  if (listeningPattern !== null) reasons.collect('target.listening', null, () => new RegExp(listeningPattern));
  if (url !== null && input.listening !== undefined)
    reasons.add('target', 'both url and listening are given', 'leave one of them out');
  const { memory, environment = {} } = input;
  const settings = settingTexts(input.settings);
  checkSettings([...input.launch, ...Object.values(environment)], settings, reasons);
  const [program, ...words] = input.launch;
  return {
    kind: 'launch',
    url,
    command: [fillSettings(program, settings), ...words.map((word) => fillSettings(word, settings))],
    workingDirectory: input.directory === undefined ? workingDirectory : joinedPath(workingDirectory, input.directory),
    environment: Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [name, fillSettings(value, settings)]),
    ),
    listeningPattern,
    limits: {
      memoryBytes: memory === undefined ? null : reasons.collect('target.memory', null, () => parseSize(memory)),
      cpus: input.cpus ?? null,
    },
    ...common,
  };
}

/** http://host:port of a URL; what else it holds belongs to the endpoints. */
export function originOf(text: string, reasons: Reasons): string {
  const hint = 'write the address of a server, such as http://127.0.0.1:8080';
  if (!URL.canParse(text)) {
    reasons.add('target.url', `"${text}" is not a URL`, hint);
    return '';
  }
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    reasons.add('target.url', `"${text}" is neither http nor https`, hint);
  if (url.username !== '' || url.password !== '')
    reasons.add('target.url', 'user and password in a URL end up in records', 'use --auth user:password');
  return url.origin;
}
