import { mergeValueCounts, timeQuantile } from '../traffic/value-counts.ts';
import { milliseconds, ratio, seconds } from '../../model/units.ts';
import type { GeneratorSummary } from '../analysis.ts';
import { sumBooks } from '../traffic/decode-traffic.ts';
import { generatorProcessors } from '../traffic/stage-plan.ts';
import { defineAnalyzer } from './analyzer.ts';

/** How the generator fared over the whole load; null where it said nothing of itself. */
export const generatorSummary = defineAnalyzer({
  name: 'generator-summary',
  needs: ['plan', 'traffic'],
  wants: [],
  answer: ({ plan, traffic }): GeneratorSummary | null => {
    const { health } = traffic.measurement;
    if (health.length === 0) return null;
    const sent = sumBooks(traffic.stages.map((stage) => stage.all)).sent;
    const cpu = health.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
    const lateness = mergeValueCounts(traffic.stages.flatMap((stage) => stage.health.map((second) => second.lateness)));
    const most = (of: (line: (typeof health)[number]) => number): number => Math.max(...health.map(of));
    return {
      cpuShareMax: ratio(most(({ cpuMs }) => cpuMs) / seconds(1) / generatorProcessors(plan)),
      cpuMsPerRequest: sent === 0 ? null : cpu / sent,
      latenessP99Ms: timeQuantile(lateness, 0.99),
      stallMaxMs: milliseconds(most(({ stallMaxMs }) => stallMaxMs)),
      connectionsOpenMax: most(({ connectionsOpen }) => connectionsOpen),
      connectsTotal: most(({ connectsTotal }) => connectsTotal),
      queueLengthMax: most(({ queueLengthMax }) => queueLengthMax),
    };
  },
});
