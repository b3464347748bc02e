import type { Milliseconds, PerSecond, Ratio } from '../../../model/units.ts';

/** One place of a network: so many servers with one line, or a delay, where nobody waits for anybody. */
export interface Station {
  readonly name: string;
  readonly servers: number | 'delay';
}

/** What a job of one class does at one station, over its whole way through the network. */
export interface Demand {
  readonly visits: number;
  /** Visits × mean service time of one visit. */
  readonly demand: Milliseconds;
}

export interface ClosedClass {
  readonly name: string;
  /** Jobs of this class, always in the network. */
  readonly population: number;
  /** Mean pause between two ways through the network. */
  readonly thinkTime: Milliseconds;
  /** One per station, in their order. */
  readonly demands: readonly Demand[];
}

export interface OpenClass {
  readonly name: string;
  readonly arrivalRate: PerSecond;
  readonly demands: readonly Demand[];
}

export interface ClosedNetwork {
  readonly stations: readonly Station[];
  readonly classes: readonly ClosedClass[];
}

export interface OpenNetwork {
  readonly stations: readonly Station[];
  readonly classes: readonly OpenClass[];
}

export interface StationFigures {
  readonly name: string;
  /** Visits per second. */
  readonly throughput: PerSecond;
  /** Visits × response time per visit. */
  readonly residence: Milliseconds;
  /** Jobs there, those in service included. */
  readonly queueLength: number;
  /** Per server; null for a delay. */
  readonly utilization: Ratio | null;
}

export interface ClassFigures {
  readonly name: string;
  readonly throughput: PerSecond;
  /** One way through the network, think time not included. */
  readonly response: Milliseconds;
  readonly stations: readonly StationFigures[];
}

export interface NetworkFigures {
  readonly classes: readonly ClassFigures[];
  readonly method: string;
}
