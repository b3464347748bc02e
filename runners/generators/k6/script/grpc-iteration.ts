import * as load from 'k6/x/plimsoll';
import type { Traffic } from '../../../../model/traffic.ts';
import { type CompiledCallExpectation, compileCallExpectation, judgeCall } from '../../call-expectation.ts';
import { callsOf, chooseCall } from '../../choose-call.ts';
import { keepUnchanging } from '../../keep-unchanging.ts';
import type { GeneratorJob } from '../../port.ts';

/*
 * The plan's gRPC calls, one per iteration. The engine's module makes them (engine/calls); what a call is and what its
 * answer counts as is said here.
 */

type GrpcTraffic = Extract<Traffic, { readonly kind: 'grpc' }>;

/** The first so many characters of an answer are looked at. */
const answerLimit = 1_048_576;
/** What `turn` gives where all calls are to be looked at, before the load. */
const everyCall = -2;
const mostRows = 1_000;

interface ReadyCall {
  readonly name: string;
  readonly call: load.Call;
  readonly expectation: CompiledCallExpectation;
}

/** @param secret resolves `env:NAME` */
export function grpcIteration(
  { plan, runId }: GeneratorJob,
  traffic: GrpcTraffic,
  secret: (value: string) => string,
): () => void {
  const expectations = new Map(traffic.endpoints.map(({ expect }) => [expect, compileCallExpectation(expect)]));
  const choose = chooseCall(traffic.endpoints, traffic.rows, { seed: plan.seed, secret });
  const next = keepUnchanging(choose, (call, stage): ReadyCall => ({
    name: call.name,
    call: load.call(
      call.method,
      call.message,
      { ...call.metadata, [plan.headers.run]: runId, [plan.headers.stage]: `${stage}` },
      call.deadlineMs,
    ),
    expectation: expectations.get(call.expect) ?? compileCallExpectation(call.expect),
  }));
  return () => {
    const turn = load.turn();
    if (turn === everyCall) checkCalls(traffic, secret);
    if (turn < 0) return;
    const { name, call, expectation } = next(turn, load.stage());
    if (!load.send(name)) return;
    const code = load.invoke(call);
    // The engine knows why.
    if (code === '') return;
    const { outcome, failure, byStatus } = judgeCall(expectation, code, () => load.text().slice(0, answerLimit));
    load.judge(outcome, failure ?? '', byStatus ? code : '');
  };
}

/** @throws Error with the first fault of each endpoint's messages */
function checkCalls({ endpoints, rows }: GrpcTraffic, secret: (value: string) => string): void {
  const faults = endpoints.flatMap((endpoint) => {
    try {
      const calls = callsOf(endpoint, rows, secret);
      for (let row = 0; row < Math.min(Math.max(rows.length, 1), mostRows); row++) {
        const { method, message, deadlineMs } = calls(row);
        load.call(method, message, {}, deadlineMs);
      }
      return [];
    } catch (error) {
      return [`${endpoint.name}: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
  if (faults.length > 0) throw new Error(faults.join('; '));
}
