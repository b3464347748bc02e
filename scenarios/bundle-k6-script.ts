import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { type BuildFailure, type Plugin, build } from 'esbuild';
import { systemCause } from '../model/system-cause.ts';
import { type Misuse, MisuseError } from './misuse.ts';
import { k6ScriptName } from './plan-k6-script.ts';
import type { RequestsModuleFacts } from './plan-traffic.ts';

/**
 * k6's own module, with the engine's `sleep`: what a script sleeps is a user's thinking, which the engine has to know. The
 * names are all that `k6` exports in the pinned release.
 */
const k6WithOurSleep = `import { check, fail, group, randomSeed } from 'k6';
import { sleep } from 'k6/x/plimsoll';
export { check, fail, group, randomSeed, sleep };
export default { check, fail, group, randomSeed, sleep };`;

/** What k6 would read of a script and plimsoll does not, with what to write instead. */
const foreignExports: Readonly<Record<string, string>> = {
  options: 'write rates, users and thresholds into load and objectives of the scenario, and leave the export out',
  setup: 'log in inside the script: what a module keeps, each of its virtual users keeps',
  teardown: 'leave it out: plimsoll stops what it started itself',
  handleSummary: 'leave it out: plimsoll writes the report',
};

/**
 * Bundles a user's k6 script with what it imports: TypeScript, JSON, packages from node_modules beside it.
 * @throws MisuseError for a missing file, faults of syntax or imports, no default export, exports that are plimsoll's
 */
export async function bundleK6Script(file: string): Promise<RequestsModuleFacts & { readonly code: string }> {
  await readFile(file).catch((error: unknown) => {
    const hint = 'check the path: it is relative to the scenario';
    throw new MisuseError([{ where: 'traffic.k6Script', message: `cannot read ${file}: ${systemCause(error)}`, hint }]);
  });
  const { code, exports } = await bundle(file);
  const faults = exportFaults(basename(file), exports);
  if (faults.length > 0) throw new MisuseError(faults);
  const hash = createHash('sha256').update(code).digest('hex').slice(0, 16);
  return { code, hash, endpoints: [k6ScriptName(file)], hasPrepare: false };
}

function exportFaults(where: string, exports: readonly string[]): Misuse[] {
  const faults = exports.flatMap((name): Misuse[] => {
    const hint = foreignExports[name];
    return hint === undefined ? [] : [{ where, message: `exports ${name}, which the scenario decides`, hint }];
  });
  if (!exports.includes('default'))
    faults.push({ where, message: 'has no default export', hint: 'write: export default function () { … }' });
  return faults;
}

async function bundle(file: string): Promise<{ readonly code: string; readonly exports: readonly string[] }> {
  try {
    const { outputFiles, metafile } = await build({
      entryPoints: [file],
      // Every path in the output is relative to here, so that the same script has the same hash wherever it lies.
      absWorkingDir: dirname(file),
      outdir: dirname(file),
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'neutral',
      mainFields: ['module', 'main'],
      target: 'es2022',
      // The module is evaluated where what it throws can be told, which is no place to wait.
      supported: { 'top-level-await': false },
      sourcemap: 'inline',
      logLevel: 'silent',
      plugins: [k6Modules],
    });
    const [output] = Object.values(metafile.outputs);
    return { code: outputFiles[0]?.text ?? '', exports: output?.exports ?? [] };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    throw new MisuseError(
      error.errors.map(({ text, location, detail }) => ({
        where: location === null ? '' : `${location.file}:${location.line}:${location.column + 1}`,
        message: text,
        hint:
          typeof detail === 'string' ? detail : 'a script imports k6, files beside it, and packages in node_modules',
      })),
    );
  }
}

const k6Modules: Plugin = {
  name: 'k6-modules',
  setup: (context) => {
    context.onResolve({ filter: /^k6$/ }, ({ namespace }) =>
      namespace === 'k6' ? { path: 'k6', external: true } : { path: 'k6', namespace: 'k6' },
    );
    context.onResolve({ filter: /^k6\// }, ({ path }) => ({ path, external: true }));
    context.onLoad({ filter: /.*/, namespace: 'k6' }, () => ({ contents: k6WithOurSleep, loader: 'js' }));
    context.onResolve({ filter: /^https?:/ }, ({ path }) => ({
      errors: [
        {
          text: `${path} would be fetched when the script is bundled`,
          detail: 'put the file beside the script, or take its package from npm',
        },
      ],
    }));
  },
};

const isBuildFailure = (error: unknown): error is BuildFailure =>
  error instanceof Error && 'errors' in error && Array.isArray(error.errors);
