import { inMebibytes, bytes, mebibytes } from '../../../model/units.ts';
import type { CollectorObservation } from '../../models/garbage-collector/collector-observation.ts';

/** GOMEMLIMIT for a container, and what it leaves to others. */
export interface LimitChoice {
  /** Whole MiB. */
  readonly memoryLimitBytes: number;
  /** Resident memory that the runtime does not count; null: not measured, the head-room has to do. */
  readonly nonGoBytes: number | null;
  readonly headroomBytes: number;
}

/**
 * The container's limit less what is not the runtime's and a head-room of 5 % (10 % where the former was not measured);
 * never above 90 %.
 *
 * Source of the head-room: Go's guide to the garbage collector, "5-10 %"; of the 90 %: the automemlimit library's default.
 */
export function chooseMemoryLimit(containerBytes: number, observations: readonly CollectorObservation[]): LimitChoice {
  const measured = observations.flatMap(({ nonGoBytes }) => nonGoBytes ?? []);
  const nonGoBytes = measured.length === 0 ? null : Math.max(...measured);
  const headroomBytes = containerBytes * headroomShare(nonGoBytes);
  const left = Math.min(containerBytes - (nonGoBytes ?? 0) - headroomBytes, containerBytes * mostOfContainer);
  return { memoryLimitBytes: mebibytes(Math.max(0, Math.floor(inMebibytes(bytes(left))))), nonGoBytes, headroomBytes };
}

export const headroomShare = (nonGoBytes: number | null): number =>
  nonGoBytes === null ? unmeasuredHeadroom : headroom;

const headroom = 0.05;
const unmeasuredHeadroom = 0.1;
export const mostOfContainer = 0.9;
