/** `orders/price.go:42`: a file with its folder, which is enough to find it, and the line. Null where the file is not known. */
export function placeText(file: string, line: number | null): string | null {
  if (file === '') return null;
  const name = file.split('/').slice(-2).join('/');
  return line === null ? name : `${name}:${line}`;
}
