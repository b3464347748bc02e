import type { BuiltRequest } from './build-request.ts';

/** One request of the schedule on its way. All instants are those of performance.now(). */
export class DueRequest {
  readonly due: number;
  /** Whole second of `due`, from the start of the load. */
  readonly second: number;
  readonly stage: number;
  readonly built: BuiltRequest;
  /** Closed loop: who asks; −1 in an open loop. */
  readonly user: number;
  /** When the schedule handed it over. */
  readonly handedOver: number;
  /** When its first byte was written; NaN before. */
  written = Number.NaN;

  constructor(due: number, second: number, stage: number, built: BuiltRequest, user: number, handedOver: number) {
    this.due = due;
    this.second = second;
    this.stage = stage;
    this.built = built;
    this.user = user;
    this.handedOver = handedOver;
  }
}
