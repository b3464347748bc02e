import { open, rename } from 'node:fs/promises';
import { storeFailure } from './store-failure.ts';

/** Writes a file so that it is there whole or not at all, also after a power cut. @throws StoreFailure */
export async function writeWholeFile(file: string, content: string | Uint8Array): Promise<void> {
  const fresh = `${file}.new`;
  try {
    const handle = await open(fresh, 'w');
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(fresh, file);
  } catch (error) {
    throw storeFailure(error, file);
  }
}
