import type { Analysis } from '../../analysis/analysis.ts';
import type { ObjectiveResult } from '../../model/finding.ts';
import type { Objective } from '../../model/objective.ts';
import type { Plan } from '../../model/plan.ts';
import type { SearchFigures } from '../../model/search-figures.ts';
import { formatIn, formatInterval, formatRate, scaleFor, unknownText } from '../format-quantity.ts';
import type { TestCase, TestSuite } from '../render/to-junit.ts';
import { sayValidity } from '../wording.ts';
import { objectiveUnit } from './objective-unit.ts';
import { type RunView, drivenSeconds, holds, loadText, stageText } from './run-view.ts';

/**
 * A run's verdict as tests: one for each objective over all stages. It fails where a valid stage missed it, is an error where
 * a stage is not valid or left it open, and passes otherwise. All tests pass only where the verdict is a pass.
 */
export function runSuite(analysis: Analysis, plan: Plan): TestSuite {
  const view: RunView = { analysis, plan };
  const { verdict, outcome, detail } = analysis;
  const names = [...new Set([...detail.objectives, ...verdict.objectives.map(({ objective }) => objective)])];
  const cases: TestCase[] = names.map((name) => objectiveCase(view, name));
  if (names.length === 0) cases.push(notAsked);
  if (outcome.status !== 'completed')
    cases.push(unknown('the run ends as planned', `the run ${outcome.status}: ${outcome.reason}`));
  if (verdict.status !== 'pass' && cases.every(({ status }) => status === 'pass'))
    cases.push(unknown('the verdict', verdict.reasons.join('; ')));
  return suiteOf(view, cases);
}

/** A search as one test: whether a rate was found that holds the objectives, with enough to rely on. */
export function searchSuite(analysis: Analysis, plan: Plan, figures: SearchFigures): TestSuite {
  const view: RunView = { analysis, plan };
  const { low, high } = figures.boundsPerSecond;
  const { status, reasons } = analysis.verdict;
  return suiteOf(view, [
    {
      name: `a highest rate holds ${analysis.detail.objectives.join(', ')}`,
      status: status === 'inconclusive' ? 'unknown' : status,
      message: reasons.length === 0 ? figures.status : reasons.join('; '),
      lines: [`passes: ${formatRate(low)}`, `fails: ${formatRate(high)}`, `status: ${figures.status}`],
    },
  ]);
}

function suiteOf(view: RunView, cases: readonly TestCase[]): TestSuite {
  const { name, detail, runs, verdict, capacity, environment } = view.analysis;
  const level = capacity.waterLevelPerSecond;
  return {
    name,
    timestamp: Number.isFinite(detail.startedAt) ? new Date(detail.startedAt).toISOString().slice(0, 19) : '',
    seconds: drivenSeconds(view),
    properties: {
      run: runs.join(' '),
      verdict: verdict.status,
      target: environment.target.url ?? unknownText,
      'water-level': level === null ? unknownText : `${formatRate(level.low)} to ${formatRate(level.high)}`,
    },
    cases,
  };
}

const unknown = (name: string, message: string): TestCase => ({ name, status: 'unknown', message, lines: [] });

const notAsked: TestCase = {
  name: 'objectives',
  status: 'not-asked',
  message: 'the run had no objectives, so nothing was judged',
  lines: [],
};

function objectiveCase(view: RunView, name: string): TestCase {
  const { verdict, detail } = view.analysis;
  const asked = view.plan.objectives[detail.objectives.indexOf(name)];
  const seen = verdict.objectives.filter(({ objective }) => objective === name);
  const lines = seen.map((result) => resultText(view, asked, result));
  const missed = seen.filter(({ status }) => status === 'fail');
  if (missed.length > 0) {
    const at = missed.map(({ stage }) => loadText(view, stage)).join(', ');
    return { name, status: 'fail', message: `${name} was missed at ${at}`, lines };
  }
  // Shedding that no objective is about is told only of the stages that shed.
  const stages = asked === undefined ? [] : holds(view);
  const doubts = [
    ...stages.flatMap(({ index, validity }) =>
      validity.status === 'valid'
        ? []
        : [`${stageText(view, index)} is ${validity.status}: ${validity.reasons.map(sayValidity).join(', ')}`],
    ),
    ...stages.flatMap(({ index, validity }) =>
      validity.status === 'valid' && !seen.some(({ stage }) => stage === index)
        ? [`${stageText(view, index)} was not judged`]
        : [],
    ),
    ...seen.flatMap(({ stage, status, reason }) =>
      status === 'inconclusive' ? [`${stageText(view, stage)}: ${reason ?? 'undecided'}`] : [],
    ),
  ];
  if (asked !== undefined && stages.length === 0) doubts.push('no hold stage was driven');
  return doubts.length === 0
    ? { name, status: 'pass', message: '', lines }
    : { name, status: 'unknown', message: doubts.join('; '), lines };
}

/** "stage 5 (1,000/s): fail, 448 ms (421–470)". */
function resultText(
  view: RunView,
  asked: Objective | undefined,
  { stage, status, measured, reason }: ObjectiveResult,
): string {
  const scale = scaleFor(asked === undefined ? 'ratio' : objectiveUnit(asked), [measured?.estimate ?? null]);
  const figure =
    measured === null
      ? ''
      : `, ${formatIn(scale, measured.estimate)} ${scale.symbol} (${formatInterval(scale, measured.low, measured.high)})`;
  return `${stageText(view, stage)}: ${status}${figure}${reason === null ? '' : `, ${reason}`}`;
}
