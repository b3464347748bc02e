import type { GatePolicy } from '../../model/gate-policy.ts';
import type { Objective } from '../../model/objective.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { type Known, answerOf } from '../analyzers/analyzer.ts';
import { loadFidelity } from '../analyzers/load-fidelity.ts';
import { objectives } from '../analyzers/objectives.ts';
import { targetPerStage } from '../analyzers/target-per-stage.ts';
import type { RunSample } from '../comparison/run-sample.ts';
import { decodeRecord } from '../decode-record.ts';
import type { GateRun } from './gate-check.ts';

/** A run judged by the policy's objectives in place of those that it was planned with. */
export function gateRun(record: RunRecord, sample: RunSample, { objectives: rules, waivers }: GatePolicy): GateRun {
  const asked: readonly Objective[] = [
    ...rules.map(({ objective }) => objective),
    ...waivers.flatMap(({ upTo }) => (upTo.kind === 'objective' ? [upTo.objective] : [])),
  ];
  let known: Known = decodeRecord({ ...record, plan: { ...record.plan, objectives: asked } });
  known = { ...known, validity: loadFidelity.ask(known) };
  known = { ...known, targets: targetPerStage.ask(known) };
  return { sample, results: answerOf(objectives.ask(known)) ?? [] };
}
