import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Plugin, build } from 'esbuild';
import { seededRandom, streamSeed } from '../model/random.ts';
import type { EndpointInput, Scenario } from '../model/scenario.ts';
import { systemCause } from '../model/system-cause.ts';
import type { RequestInput, Requests } from '../model/traffic.ts';
import { bundleK6Script } from './bundle-k6-script.ts';
import { scenarioFaults } from './define-scenario.ts';
import { MisuseError } from './misuse.ts';
import { parseDataRows } from './parse-data-rows.ts';
import type { RequestsModuleFacts } from './plan-traffic.ts';

/** A user's scenario, with everything it refers to read. */
export interface LoadedScenario {
  readonly scenario: Scenario;
  /** The code that the generator runs: exports `requests` and `prepare`, or a k6 script; null for declarative endpoints. */
  readonly requestsModule: (RequestsModuleFacts & { readonly code: string }) | null;
  readonly rows: readonly Readonly<Record<string, string>>[] | null;
  /** Folder of the file: what its paths are relative to. */
  readonly folder: string;
}

/**
 * Inside a bundle `plimsoll` is this: the scenario was checked when it was loaded. The checks would be loaded for each of
 * k6's virtual users, whose JavaScript cannot run them all.
 */
const identity = 'export const defineScenario = (scenario) => scenario;';
/** Ready scenarios import it as the file that it is. */
const definition = fileURLToPath(new URL('define-scenario.ts', import.meta.url));

/**
 * Reads a scenario file (TypeScript or JavaScript, no build step): bundles it, takes its default export, checks its form
 * and reads bodies and data it names.
 * @throws MisuseError for a missing file, a fault of syntax, a missing export, faults of form
 */
export async function loadScenarioFile(path: string): Promise<LoadedScenario> {
  const file = resolve(path);
  if (
    !(await stat(file).then(
      (found) => found.isFile(),
      () => false,
    ))
  )
    throw failure(`there is no file ${path}`, 'write the path of a scenario file (.ts, .js) or a URL');
  const code = await bundle(file, `import * as scenario from ${beside(file)};\nexport default scenario.default;`);
  const exported = await importCode(code, path);
  if (exported === undefined)
    throw failure(`${path} has no default export`, 'write: export default defineScenario({ … })');
  const faults = scenarioFaults(exported);
  if (faults.length > 0) throw new MisuseError(faults.map((fault) => ({ ...fault, where: `${path}: ${fault.where}` })));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- scenarioFaults looked at every field
  const scenario = exported as Scenario;
  const folder = dirname(file);
  return { ...(await resolveFiles(scenario, folder)), requestsModule: await requestsModuleOf(scenario, file), folder };
}

async function requestsModuleOf(scenario: Scenario, file: string): Promise<LoadedScenario['requestsModule']> {
  if ('k6Script' in scenario.traffic) return bundleK6Script(resolve(dirname(file), scenario.traffic.k6Script));
  if (!('requests' in scenario.traffic)) return null;
  const entry = `import scenario from ${beside(file)};
export const requests = scenario.traffic.requests;
export const prepare = scenario.prepare;`;
  const code = await bundle(file, entry);
  const hash = createHash('sha256').update(code).digest('hex').slice(0, 16);
  return {
    code,
    hash,
    endpoints: scenario.prepare === undefined ? endpointNames(scenario.traffic.requests, scenario.seed ?? 1) : [],
    hasPrepare: scenario.prepare !== undefined,
  };
}

/** Names seen in the first iterations; a function that needs what `prepare` gives cannot be asked beforehand. */
function endpointNames(requests: Requests, seed: number): readonly string[] {
  const names = new Set<string>();
  for (let iteration = 0; iteration < 1_000; iteration++) {
    const { name, method, path } = requestOf(requests, seed, iteration);
    names.add(name ?? `${method ?? 'GET'} ${path}`);
  }
  return [...names];
}

function requestOf(requests: Requests, seed: number, iteration: number): RequestInput {
  // Types are not checked when a scenario is loaded: the function may give anything.
  let input: Partial<RequestInput> | undefined;
  try {
    input = requests(iteration, seededRandom(streamSeed(seed, iteration)), null);
  } catch (error) {
    throw failure(
      `requests failed at iteration ${iteration}: ${error instanceof Error ? error.message : String(error)}`,
      'it has to be a pure function of iteration and random',
    );
  }
  const path = input?.path;
  if (typeof path !== 'string' || !path.startsWith('/'))
    throw failure(
      `requests gave no path that begins with / at iteration ${iteration}`,
      "return { path: '/orders' } and what else the request needs",
    );
  return { ...input, path };
}

async function resolveFiles(scenario: Scenario, folder: string): Promise<Pick<LoadedScenario, 'scenario' | 'rows'>> {
  const { traffic } = scenario;
  if ('requests' in traffic || 'k6Script' in traffic) return { scenario, rows: null };
  const rows =
    typeof traffic.data === 'string' ? parseDataRows(traffic.data, await textOf(resolve(folder, traffic.data))) : null;
  if ('grpc' in traffic) {
    await checkProtoFiles(traffic, folder);
    return { scenario, rows };
  }
  const endpoints: EndpointInput[] = [];
  for (const endpoint of traffic.endpoints) {
    const body =
      endpoint.body?.startsWith('@') === true ? await textOf(resolve(folder, endpoint.body.slice(1))) : endpoint.body;
    endpoints.push(body === undefined ? endpoint : { ...endpoint, body });
  }
  return { scenario: { ...scenario, traffic: { ...traffic, endpoints } }, rows };
}

/** Every .proto file is in one of the folders. @throws MisuseError with each that is not */
async function checkProtoFiles(
  { proto = [], protoPath = '.' }: { proto?: string | readonly string[]; protoPath?: string | readonly string[] },
  folder: string,
): Promise<void> {
  const folders = [protoPath].flat().map((path) => resolve(folder, path));
  const missing = await Promise.all(
    [proto].flat().map(async (file) => {
      const found = await Promise.all(
        folders.map((path) =>
          stat(join(path, file)).then(
            (at) => at.isFile(),
            () => false,
          ),
        ),
      );
      return found.includes(true) ? [] : [file];
    }),
  );
  const faults = missing.flat().map((file) => ({
    where: 'traffic.proto',
    message: `there is no file ${file} in ${folders.join(', ')}`,
    hint: 'write it relative to the scenario, or to protoPath',
  }));
  if (faults.length > 0) throw new MisuseError(faults);
}

/** @throws MisuseError where the file cannot be read */
export async function textOf(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((error: unknown) => {
    throw failure(`cannot read ${file}: ${systemCause(error)}`, 'check the path');
  });
}

/** The file as the entry beside it imports it. */
const beside = (file: string): string => JSON.stringify(`./${basename(file)}`);

async function bundle(file: string, entry: string): Promise<string> {
  const plimsoll: Plugin = {
    name: 'plimsoll',
    setup: (context) => {
      context.onResolve({ filter: /^plimsoll$/ }, () => ({ path: 'plimsoll', namespace: 'plimsoll' }));
      context.onResolve({ filter: /\/define-scenario\.ts$/ }, ({ path, resolveDir }) =>
        resolve(resolveDir, path) === definition ? { path: 'plimsoll', namespace: 'plimsoll' } : null,
      );
      context.onLoad({ filter: /.*/, namespace: 'plimsoll' }, () => ({ contents: identity, loader: 'js' }));
    },
  };
  try {
    const { outputFiles } = await build({
      stdin: { contents: entry, resolveDir: dirname(file), loader: 'ts', sourcefile: 'plimsoll-entry.ts' },
      // Every path in the output is relative to here, so that the same scenario has the same hash wherever it lies.
      absWorkingDir: dirname(file),
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: 'node22',
      sourcemap: 'inline',
      logLevel: 'silent',
      plugins: [plimsoll],
    });
    return outputFiles[0]?.text ?? '';
  } catch (error) {
    throw new MisuseError(buildFaults(error));
  }
}

function buildFaults(error: unknown): { where: string; message: string; hint: string }[] {
  if (!(error instanceof Error) || !('errors' in error) || !Array.isArray(error.errors)) throw error;
  return error.errors.map(
    (fault: { text: string; location: { file: string; line: number; column: number } | null }) => ({
      where:
        fault.location === null ? '' : `${fault.location.file}:${fault.location.line}:${fault.location.column + 1}`,
      message: fault.text,
      hint: /resolve/.test(fault.text)
        ? 'a scenario imports only from plimsoll and from files beside it'
        : 'correct it; an editor that knows TypeScript shows the place',
    }),
  );
}

async function importCode(code: string, path: string): Promise<unknown> {
  try {
    const module: Record<string, unknown> = await import(
      `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`
    );
    return module['default'];
  } catch (error) {
    throw failure(
      `${path} failed when it was loaded: ${error instanceof Error ? error.message : String(error)}`,
      'it is run once to read the scenario',
    );
  }
}

const failure = (message: string, hint: string): MisuseError => new MisuseError([{ where: '', message, hint }]);
