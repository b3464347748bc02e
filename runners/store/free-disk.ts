import { statfs } from 'node:fs/promises';
import { type Bytes, bytes } from '../../model/units.ts';

/** What an ordinary user may still write to the file system that holds `place` (root's reserve is not counted). */
export async function freeDisk(place: string): Promise<Bytes> {
  const { bavail, bsize } = await statfs(place);
  return bytes(bavail * bsize);
}
