import type { CollectorSummary } from '../../model/measurements.ts';
import type { DecodedScrapes } from './decode-scrapes.ts';
import type { DecodedSource } from './reading.ts';

const startTime = 'process_start_time_seconds';
/** What only a page of a Go process has. */
const tellsOfProcess: ReadonlySet<string> = new Set(['go_info', 'go_goroutines', startTime]);

/**
 * The sources that tell of the process under analysis: metrics may be read from several replicas, or from a service
 * behind this one, and figures of two processes must not be mixed. It is the one whose page is named first in the plan;
 * a later page counts only where it tells of no process of its own (a page of the application's metrics alone), or of
 * the same one, which its start time shows.
 *
 * @param collectors in the order of the plan, which that of the first answers need not be
 */
export function mainInstance({ sources }: DecodedScrapes, collectors: readonly CollectorSummary[]): DecodedScrapes {
  const place = ({ collector, source }: DecodedSource): number => {
    const index = collectors.findIndex((one) => one.collector === collector && one.source === source);
    return index === -1 ? collectors.length : index;
  };
  const inOrder = sources.toSorted((one, other) => place(one) - place(other));
  const main = inOrder.find(isProcess);
  return { sources: inOrder.filter((source) => source === main || !isProcess(source) || isSame(source, main)) };
}

const isProcess = ({ collector, series }: DecodedSource): boolean =>
  collector === 'prometheus' && series.some(({ name }) => tellsOfProcess.has(name));

/** Exactly the same: replicas may start within the same second. */
function isSame(one: DecodedSource, other: DecodedSource | undefined): boolean {
  const known = new Set(other === undefined ? [] : startTimes(other));
  return startTimes(one).some((value) => known.has(value));
}

const startTimes = ({ series }: DecodedSource): readonly number[] =>
  series.filter(({ name }) => name === startTime).flatMap(({ values }) => [...values]);
