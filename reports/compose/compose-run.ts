import type { Analysis } from '../../analysis/analysis.ts';
import type { Plan } from '../../model/plan.ts';
import { seconds } from '../../model/units.ts';
import type { Document } from '../document.ts';
import { formatDuration, formatInstant } from '../format-quantity.ts';
import { capacitySection } from './capacity-section.ts';
import { costsSection } from './costs-section.ts';
import { endpointsSection } from './endpoints-section.ts';
import { findingsSection } from './findings-section.ts';
import { loadSection } from './load-section.ts';
import { objectivesSection } from './objectives-section.ts';
import { planSection } from './plan-section.ts';
import { profilesSection } from './profiles-section.ts';
import { type RunView, drivenSeconds, holds } from './run-view.ts';
import { stepsSection } from './steps-section.ts';
import { targetSection } from './target-section.ts';
import { trustSection } from './trust-section.ts';
import { verdictSection } from './verdict-section.ts';

/**
 * The report of one run, in the order in which an engineer asks:
 *
 *   is it all right, how much, what stops it → how it went over load → why → what inside → may I believe it → how made
 */
export function composeRun(analysis: Analysis, plan: Plan): Document {
  const view: RunView = { analysis, plan };
  return {
    title: analysis.name,
    subtitle: subtitle(view),
    blocks: [
      verdictSection(view),
      ...outcomeNotice(view),
      ...loadSection(view),
      ...capacitySection(view),
      ...findingsSection(view),
      ...objectivesSection(view),
      ...endpointsSection(view),
      ...stepsSection(view),
      ...targetSection(view),
      ...costsSection(view),
      ...profilesSection(view),
      ...trustSection(view),
      ...planSection(view),
    ],
  };
}

function subtitle(view: RunView): string {
  const { environment, detail } = view.analysis;
  return [
    formatInstant(detail.startedAt),
    ...drivenLoad(view),
    environment.target.url ?? 'target never listened',
    ...(environment.target.goVersion === null ? [] : [environment.target.goVersion]),
  ].join(' · ');
}

/** "2 min 25 s of open-loop load by autocannon"; of a run that ended early what was driven, which may be none. */
function drivenLoad(view: RunView): readonly string[] {
  const { outcome, engine } = view.analysis;
  const { stages, kind } = view.plan.loadProfile;
  const planned = stages.reduce((sum, stage) => sum + stage.durationMs, 0);
  const lasted = outcome.status === 'completed' ? planned : Math.min(planned, seconds(drivenSeconds(view)));
  if (lasted === 0) return [];
  const early = lasted < planned ? ` (of ${formatDuration(planned)})` : '';
  return [
    `${formatDuration(lasted)}${early} of ${kind === 'closed' ? 'closed-loop' : 'open-loop'} load by ${engine.name}`,
  ];
}

/** "; 2 of 7 hold stages were reached"; nothing where all were. */
function reachedText(view: RunView): string {
  const all = holds(view);
  const reached = all.filter(({ due }) => due > 0).length;
  return reached === all.length ? '' : `; ${reached} of ${all.length} hold stages were reached`;
}

function outcomeNotice(view: RunView): Document['blocks'] {
  const { outcome } = view.analysis;
  switch (outcome.status) {
    case 'completed':
      return [];
    case 'aborted':
      return [
        {
          kind: 'text',
          text: `The run ended early: ${outcome.reason}. What was measured until then is below${reachedText(view)}.`,
          tone: 'warning',
          brief: true,
        },
      ];
    case 'failed':
      return [
        {
          kind: 'text',
          text: `The run failed (${outcome.phase}): ${outcome.reason}. What to do: ${outcome.hint}.`,
          tone: 'bad',
          brief: true,
        },
      ];
    default:
      return outcome satisfies never;
  }
}
