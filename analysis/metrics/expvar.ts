import { isJsonObject, numbersIn, parseJson } from './json-body.ts';
import { type MemoryStatistics, countingMemoryFields, stitchPauses } from './memory-statistics.ts';
import type { DecodedReadings, Reading } from './reading.ts';
import { SeriesTable } from './series-table.ts';

/** One answer of `/debug/vars`. */
export interface ExpvarReading {
  readonly command: readonly string[] | null;
  readonly memory: MemoryStatistics | null;
  /** All other numbers, by their path (`orders.open`). */
  readonly numbers: ReadonlyMap<string, number>;
}

/** @returns why the body is not the answer of expvar, where it is not. */
export function readExpvar(body: string): ExpvarReading | string {
  const json = parseJson(body);
  if (json.reason !== null) return json.reason;
  if (!isJsonObject(json.value)) return 'JSON, but no object';
  const { cmdline, memstats, ...rest } = json.value;
  const command = Array.isArray(cmdline) ? cmdline.filter((part) => typeof part === 'string') : null;
  return {
    command,
    memory: isJsonObject(memstats) ? readMemory(memstats) : null,
    numbers: new Map(numbersIn(rest, '')),
  };
}

const numbersOf = (list: unknown): number[] =>
  Array.isArray(list) ? list.filter((item) => typeof item === 'number') : [];

function readMemory(memstats: Readonly<Record<string, unknown>>): MemoryStatistics {
  const fields = Object.entries(memstats).flatMap(([name, value]): [string, number][] =>
    typeof value === 'number' ? [[name, value]] : [],
  );
  const { PauseNs: pauses, PauseEnd: ends } = memstats;
  return { fields: new Map(fields), pauseNanoseconds: numbersOf(pauses), pauseEnds: numbersOf(ends) };
}

/** Series `memstats.<Go's field name>` and one per other number, by its path; the pauses stitched from the rings. */
export function decodeExpvar(source: string, readings: readonly Reading[]): DecodedReadings {
  const table = new SeriesTable('expvar', source);
  const memories: MemoryStatistics[] = [];
  const refusals = readings.map(({ at, body }) => {
    const reading = readExpvar(body);
    if (typeof reading === 'string') return reading;
    if (reading.memory !== null) memories.push(reading.memory);
    for (const [field, value] of reading.memory?.fields ?? [])
      table.add(at, value, `memstats.${field}`, countingMemoryFields.has(field) ? 'counter' : 'gauge');
    for (const [path, value] of reading.numbers) table.add(at, value, path, 'unknown');
    return null;
  });
  return { series: table.finish(), refusals, pauses: stitchPauses(memories) };
}
