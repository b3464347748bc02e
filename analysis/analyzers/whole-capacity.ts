import type { Capacity, Warning } from '../analysis.ts';
import { type Known, answerOf } from './analyzer.ts';
import { capacityBracket, noCapacity } from './capacity.ts';
import { limiterSignalsCrossed } from './limiter.ts';
import { nothingMet, objectivesMet } from './objectives-met.ts';
import { noScalability, scalabilityLaw } from './scalability-law.ts';
import { nextLimiter, signalForecasts } from './signal-forecasts.ts';

/** How much the service can take: what was measured, then what models make of it. */
export function capacityOf(known: Known): { readonly capacity: Capacity; readonly warnings: readonly Warning[] } {
  const { capacity, warnings } = answerOf(capacityBracket.ask(known)) ?? noCapacity;
  const [limiter = null, ...crossed] = answerOf(limiterSignalsCrossed.ask(known)) ?? [];
  const forecasts = answerOf(signalForecasts.ask(known)) ?? [];
  return {
    capacity: {
      ...capacity,
      levelsFrom: capacity.levels === null ? null : 'bracket',
      limiter,
      crossed,
      model: answerOf(scalabilityLaw.ask(known))?.choice ?? noScalability,
      objectivesMet: answerOf(objectivesMet.ask(known)) ?? nothingMet,
      forecasts,
      nextLimiter: nextLimiter(limiter, forecasts),
    },
    warnings,
  };
}
