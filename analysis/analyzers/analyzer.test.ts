import test from 'ava';
import { captureFailed, captured, notCollected } from '../../model/measurements.ts';
import { answerOf, defineAnalyzer } from './analyzer.ts';

const askOutcome = defineAnalyzer({
  name: 'sample',
  needs: ['outcome'],
  wants: ['restarts'],
  answer: (evidence) => ({
    status: evidence.outcome.status,
    restarts: evidence.restarts?.restarts.length ?? null,
    keys: Object.keys(evidence).toSorted(),
    // @ts-expect-error -- the plan was not declared, so it can't be seen
    plan: evidence.plan === undefined,
  }),
});

test('an analyzer sees what it declared and nothing else', (t) => {
  const answer = askOutcome.ask({
    outcome: captured({ status: 'completed' }),
    restarts: captured({ restarts: [], severalInstances: false }),
    objectives: captured([]),
  });
  t.deepEqual(answerOf(answer), { status: 'completed', restarts: 0, keys: ['outcome', 'restarts'], plan: true });
});

test('what is needed and missing takes the answer away with its reason, what is wanted does not', (t) => {
  t.deepEqual(askOutcome.ask({ outcome: captureFailed('disk full') }), captureFailed('disk full'));
  t.deepEqual(askOutcome.ask({ outcome: notCollected('off') }), notCollected('off'));
  t.is(askOutcome.ask({}).status, 'not-collected');
  t.like(answerOf(askOutcome.ask({ outcome: captured({ status: 'completed' }), restarts: captureFailed('gone') })), {
    restarts: null,
  });
});

test('a want can be missing, so the compiler asks for the null', (t) => {
  const question = defineAnalyzer({
    name: 'sample',
    needs: [],
    wants: ['restarts'],
    // @ts-expect-error -- possibly null
    answer: ({ restarts }) => restarts.severalInstances,
  });
  t.throws(() => question.ask({}));
});
