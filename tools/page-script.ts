// Bundles the script of report pages into reports/render/page-script.ts. A test tells when that is to be done again.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The script as a text, so that reports need to read nothing, and its hash for the page's policy. */
export async function makePageScript(): Promise<{ readonly hash: string; readonly text: string }> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['reports/page/main.ts'],
    tsconfigRaw: '{}',
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    // Letters beyond ASCII would depend on how the page is read.
    charset: 'ascii',
    write: false,
    logLevel: 'warning',
  });
  const text = (outputFiles[0]?.text ?? '').trim();
  return { text, hash: `sha256-${createHash('sha256').update(text).digest('base64')}` };
}

async function write(): Promise<void> {
  const { hash, text } = await makePageScript();
  const file = join(root, 'reports/render/page-script.ts');
  const source = `// Made by \`npm run page-script\` from reports/page/main.ts.

/** The script of a report's page, and what a Content-Security-Policy knows it by. */
export const pageScript = {
  hash: ${JSON.stringify(hash)},
  text: ${JSON.stringify(text)},
} as const;
`;
  await writeFile(file, source);
  execFileSync('oxfmt', [file], { stdio: 'inherit' });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await write();
