import { seconds } from '../../../model/units.ts';
import type { BuildRequest, BuiltRequest } from './build-request.ts';
import type { EndpointNames } from './endpoint-names.ts';
import { loopbackRun } from './loopback-run.ts';
import { LoopbackServer } from './loopback-server.ts';

const load = { perSecond: 4000, durationMs: seconds(2), connections: 50, patienceMs: seconds(2) };

/**
 * Lets the compiler of this process see all that the load will need, with the job's own requests, on a server of our
 * own: without it the first seconds of a load are several milliseconds late. The workload's URL gets nothing.
 */
export async function warmUp(
  build: BuildRequest,
  unbuilt: BuiltRequest,
  names: EndpointNames,
): Promise<Readonly<Record<string, number>>> {
  const server = await LoopbackServer.listen(0);
  try {
    const { due, lateness } = await loopbackRun(server, load, build, unbuilt, names);
    return { warmUpRequests: due, warmUpLatenessP99Ms: lateness.quantile(0.99) ?? 0 };
  } finally {
    await server.close();
  }
}
