import { packageManifest } from '../runners/package-root.ts';

/** Version of this plimsoll, from package.json. */
export const plimsollVersion = (): string => packageManifest().version;
