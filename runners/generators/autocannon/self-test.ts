import { messageOf } from '../../../model/message-of.ts';
import { type Milliseconds, eventsIn, milliseconds, perSecond, seconds } from '../../../model/units.ts';
import type { BuiltRequest } from './build-request.ts';
import { EndpointNames } from './endpoint-names.ts';
import { compileExpectation } from '../expectation.ts';
import { GeneratorFailure } from './generator-failure.ts';
import { loopbackRun } from './loopback-run.ts';
import { LoopbackServer } from './loopback-server.ts';

/** The release whose inside we know. */
const knownVersion = '9.0.0';
const pauseMs = 20;
/** More than its connections can take (300/s): then one that says it is free always gets the next request at once. */
const load = { perSecond: 400, durationMs: milliseconds(300), connections: 6 };

/**
 * Drives autocannon's client against a server of our own process: every request must arrive once, be answered once,
 * and take the time the server takes. Fails where autocannon's undocumented inside is not what this engine was
 * written for, not where the machine is slow: how late a load is, is judged stage by stage.
 * @param patienceMs for an answer: enough that a busy machine is not taken for a broken client
 * @throws GeneratorFailure
 */
export async function selfTest(
  version: string,
  patienceMs: Milliseconds = seconds(15),
): Promise<Readonly<Record<string, number>>> {
  const faults: string[] = [];
  if (version !== knownVersion) faults.push(`its version is ${version}, not ${knownVersion}`);
  const names = new EndpointNames();
  const request: BuiltRequest = {
    endpoint: names.indexOf('self-test'),
    bytes: 'GET /self-test HTTP/1.1\r\nHost: localhost\r\n\r\n',
    isHead: false,
    expectation: compileExpectation({ statuses: [200], body: '^a body of some length\n$' }),
  };
  const server = await LoopbackServer.listen(pauseMs);
  try {
    const began = performance.now();
    const settings = { ...load, patienceMs };
    const { due, sent, outcomes, serviceTime } = await loopbackRun(server, settings, () => request, request, names);
    const whole = performance.now() - began;
    const shortest = serviceTime.quantile(0) ?? milliseconds(0);
    const longest = serviceTime.max() ?? milliseconds(0);
    const expected = eventsIn(perSecond(load.perSecond), load.durationMs);
    if (due !== expected) faults.push(`${due} requests were due instead of ${expected}`);
    if (server.requests !== due) faults.push(`${server.requests} requests arrived of ${due}`);
    if (sent !== due || outcomes.done !== due)
      faults.push(`of ${due} requests ${sent} were sent and ${outcomes.done} done`);
    if (server.connections !== load.connections)
      faults.push(`${server.connections} connections instead of ${load.connections}`);
    // Timers may be a millisecond early, and on a busy machine as late as they like; none outlasts the test.
    if (shortest < pauseMs - 2 || longest > whole)
      faults.push(`answers after ${pauseMs} ms were measured as ${shortest} to ${longest} ms within ${whole} ms`);
    if (faults.length === 0) return { requests: due, serviceTimeP50Ms: serviceTime.quantile(0.5) ?? milliseconds(0) };
  } catch (error) {
    faults.push(messageOf(error));
  } finally {
    await server.close();
  }
  throw new GeneratorFailure(
    `the self-test of the autocannon engine failed: ${faults.join('; ')}`,
    `install exactly autocannon ${knownVersion} (npm ci)${version === knownVersion ? '; a machine too busy to answer itself fails it, too' : ''}`,
  );
}
