import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const manifestShape = z.object({ name: z.literal('plimsoll'), version: z.string() });

/** Folder of the package this code belongs to: the clone's root, or the installed package (code is in dist/ there). */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && manifestShape.safeParse(JSON.parse(readFileSync(manifest, 'utf8'))).success)
      return folder;
    const parent = dirname(folder);
    if (parent === folder) throw new Error('plimsoll cannot find its own package.json');
    folder = parent;
  }
}

export function packageManifest(): { readonly name: 'plimsoll'; readonly version: string } {
  return manifestShape.parse(JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')));
}

/**
 * A module of ours that runs in a process of its own: the .ts file in a clone, the built .js file in an installed
 * package.
 */
export function ownProgram(path: `${string}.ts`): string {
  const source = join(packageRoot(), path);
  // node_modules is no place where Node strips types, and an installed package has dist/ only.
  return existsSync(source) ? source : join(packageRoot(), 'dist', path.replace(/\.ts$/, '.js'));
}
