/** A path that a scenario names, seen from the folder it is relative to. */
export const joinedPath = (base: string, path: string): string => (path.startsWith('/') ? path : `${base}/${path}`);
