import { objectiveText } from '../model/objective-text.ts';
import type { RunRecord } from '../model/run-record.ts';
import type { AnalysisDetail } from './analysis.ts';
import { type Known, answerOf } from './analyzers/analyzer.ts';
import { coverage } from './analyzers/coverage.ts';
import { disturbance } from './analyzers/disturbance.ts';
import { generatorSummary } from './analyzers/generator-summary.ts';
import { latencyCurves } from './analyzers/latency-curves.ts';
import { poolRules } from './analyzers/pool-rules.ts';
import { scalabilityLaw } from './analyzers/scalability-law.ts';
import { scorecards } from './analyzers/scorecards.ts';
import { signalCharts } from './analyzers/signal-charts.ts';
import { timeline } from './analyzers/timeline.ts';

/** What reports draw beside the figures. */
export function analysisDetail(record: RunRecord, known: Known): AnalysisDetail {
  return {
    startedAt: record.traffic.status === 'captured' ? record.traffic.value.startedAt : record.startedAt,
    objectives: record.plan.objectives.map(objectiveText),
    scorecards: answerOf(scorecards.ask(known)) ?? [],
    timeline: answerOf(timeline.ask(known)) ?? [],
    signals: answerOf(signalCharts.ask(known)) ?? [],
    coverage: answerOf(coverage.ask(known)) ?? [],
    profiles: known.profileSummaries?.status === 'captured' ? known.profileSummaries.value : [],
    callTrees: known.callTrees?.status === 'captured' ? known.callTrees.value : [],
    poolRules: answerOf(poolRules.ask(known)) ?? [],
    costs: known.costs?.status === 'captured' ? known.costs.value : [],
    disturbance: disturbance(known),
    generator: answerOf(generatorSummary.ask(known)),
    latencyCurves: answerOf(latencyCurves.ask(known)) ?? [],
    scalabilityCurves: answerOf(scalabilityLaw.ask(known))?.curves ?? [],
    evidenceFiles: record.profiles.flatMap(({ content }) =>
      content.status === 'captured' ? [content.value.file] : [],
    ),
  };
}
