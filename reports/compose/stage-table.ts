import type { Table } from '../document.ts';
import { formatPercent } from '../format-quantity.ts';
import { sayValidity } from '../wording.ts';
import { buildTable, counts, estimates, quantities, texts } from './build-table.ts';
import { failureText } from './failure-text.ts';
import {
  type RunView,
  errorShare,
  holds,
  isLate,
  loadText,
  resultOf,
  stageList,
  stageText,
  wasReached,
} from './run-view.ts';
import { timeScale } from './time-scale.ts';

/** Each stage in one line: what was asked, what came, how long it took, how it was judged. */
export function stageTable(view: RunView): Table {
  const { stages } = view.analysis;
  const closed = view.plan.loadProfile.kind === 'closed';
  const time = timeScale(stages.map(({ responseTimeMs }) => responseTimeMs));
  return buildTable(
    'Response time counts from the moment a request was due; completed are the good answers of each second, whenever they were due. Under each figure: its 95% interval.',
    [
      counts(
        'stage',
        stages.map(({ index }) => index),
      ),
      texts(
        closed ? 'users' : 'load',
        stages.map(({ index }) => loadText(view, index)),
      ),
      texts(
        'result',
        stages.map((stage) => resultOf(view, stage)),
      ),
      estimates(
        'p50',
        time,
        stages.map(({ responseTimeMs }) => responseTimeMs['0.5']),
        { leaves: 5 },
      ),
      estimates(
        'p90',
        time,
        stages.map(({ responseTimeMs }) => responseTimeMs['0.9']),
        { leaves: 3 },
      ),
      estimates(
        'p99',
        time,
        stages.map(({ responseTimeMs }) => responseTimeMs['0.99']),
      ),
      estimates(
        'p99.9',
        time,
        stages.map(({ responseTimeMs }) => responseTimeMs['0.999']),
        { leaves: 1 },
      ),
      quantities(
        'max',
        time,
        stages.map(({ responseTimeMs }) => responseTimeMs.max),
        { leaves: 0 },
      ),
      quantities(
        closed ? 'asked' : 'offered',
        '1/s',
        stages.map((stage) => (wasReached(stage) ? stage.offeredPerSecond : null)),
        { leaves: 2 },
      ),
      quantities(
        'completed',
        '1/s',
        stages.map((stage) => (wasReached(stage) ? stage.completedPerSecond : null)),
        { leaves: 6 },
      ),
      {
        ...texts(
          'errors',
          stages.map((stage) => formatPercent(errorShare(stage))),
        ),
        align: 'right',
      },
    ],
    { brief: true },
  );
}

/** Where every due request went; the columns add up. */
export function booksTable({ analysis: { stages } }: RunView): Table {
  return buildTable(
    'Every request accounted for: due = done + failed + shed + dropped + in flight at the end.',
    [
      counts(
        'stage',
        stages.map(({ index }) => index),
      ),
      ...(['due', 'sent', 'done', 'failed', 'shed', 'dropped', 'inFlightAtEnd'] as const).map((key) =>
        counts(
          key === 'inFlightAtEnd' ? 'in flight at end' : key,
          stages.map((stage) => stage[key]),
        ),
      ),
      quantities(
        'lateness p99',
        'ms',
        stages.map(({ latenessMs }) => latenessMs['0.99']),
      ),
    ],
    { folded: true },
  );
}

/** Why stages were left out of the judgement, stages of the same reason together; the warm-up needs no explanation. */
export function notJudged(view: RunView): readonly string[] {
  const invalid = view.analysis.stages.filter(({ validity }) => validity.status === 'invalid');
  return together(
    view,
    invalid.map(({ index, validity }) => ({ stage: index, why: validity.reasons.map(sayValidity).join('; ') })),
    ['is invalid and was not judged', 'are invalid and were not judged'],
  );
}

/** In which valid stages the generator was late: what it may have caused is undecided there, all else is not. */
export function drivenLate(view: RunView): readonly string[] {
  return together(
    view,
    holds(view)
      .filter(isLate)
      .map(({ index, validity }) => ({ stage: index, why: validity.reasons.map(sayValidity).join('; ') })),
    ['was driven late and is judged as far as that allows', 'were driven late and are judged as far as that allows'],
  );
}

/** Why valid stages neither held nor missed: of each the first objective that was not decided. */
export function undecided(view: RunView): readonly string[] {
  const { verdict } = view.analysis;
  const reasons = holds(view)
    .filter(({ validity, held }) => validity.status === 'valid' && held === null)
    .flatMap(({ index }) => {
      const open = verdict.objectives.find(
        ({ stage, status, reason }) => stage === index && status === 'inconclusive' && reason !== null,
      );
      return open === undefined ? [] : [{ stage: index, why: `${open.objective}: ${open.reason ?? ''}` }];
    });
  return together(view, reasons, ['is undecided', 'are undecided']);
}

/** Stages of the same reason in one sentence. */
function together(
  view: RunView,
  reasons: readonly { readonly stage: number; readonly why: string }[],
  [one, many]: readonly [string, string],
): readonly string[] {
  const byReason = new Map<string, number[]>();
  for (const { stage, why } of reasons) byReason.set(why, [...(byReason.get(why) ?? []), stage]);
  return [...byReason].map(([why, stages]) => {
    const [first = 0] = stages;
    return stages.length === 1
      ? `Stage ${first} (${loadText(view, first)}) ${one}: ${why}.`
      : `Stages ${stageList(stages)} ${many}: ${why}.`;
  });
}

/** Stages that are named one by one; the table of the full report has all. */
const mostFailing = 8;

/** How requests failed, a line for each stage in which some did. */
export function failuresByStage(view: RunView): readonly string[] {
  const failing = view.analysis.stages.filter(({ failed }) => failed > 0);
  const left = failing.length - mostFailing;
  return [
    ...failing
      .slice(0, mostFailing)
      .map((stage) => `Failed in ${stageText(view, stage.index)}: ${failureText([stage])}.`),
    ...(left > 0 ? [`Requests failed in ${left} more ${left === 1 ? 'stage' : 'stages'}.`] : []),
  ];
}
