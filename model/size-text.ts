import { type Bytes, kibibytes, mebibytes } from './units.ts';

const units: readonly (readonly [name: string, size: number])[] = [
  ['TiB', mebibytes(mebibytes(1))],
  ['GiB', mebibytes(kibibytes(1))],
  ['MiB', mebibytes(1)],
  ['KiB', kibibytes(1)],
];

/** A size in a message for people, to three digits: `200 MiB`, `1.5 GiB`, `300 bytes`. */
export function sizeText(size: Bytes): string {
  const [name, unit] = units.find(([, least]) => size >= least) ?? ['bytes', 1];
  return `${Number((size / unit).toPrecision(Math.max(3, Math.floor(Math.log10(Math.max(1, size / unit))) + 1)))} ${name}`;
}
