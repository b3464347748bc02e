import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { messageOf } from '../../../model/message-of.ts';
import type { Requests } from '../../../model/traffic.ts';
import { type BuildRequest, type RequestFrame, buildFromEndpoints, buildFromFunction } from './build-request.ts';
import type { EndpointNames } from './endpoint-names.ts';
import { GeneratorFailure } from './generator-failure.ts';
import type { AutocannonJob } from './read-job.ts';

/** The traffic of a job, ready to be asked for the n-th request. @throws GeneratorFailure */
export async function trafficSource(
  job: AutocannonJob,
  environment: Readonly<Record<string, string | undefined>>,
  names: EndpointNames,
): Promise<BuildRequest> {
  const { plan } = job;
  const frame: RequestFrame = {
    host: new URL(job.url).host,
    keepAlive: plan.connections.keepAlive,
    runHeader: plan.headers.run,
    runId: job.runId,
    stageHeader: plan.headers.stage,
    stages: plan.loadProfile.stages.length,
    seed: plan.seed,
    secret: (value) => resolveSecret(value, environment),
  };
  if (plan.traffic.kind === 'endpoints') {
    try {
      return buildFromEndpoints(plan.traffic.endpoints, plan.traffic.rows, frame, names);
    } catch (error) {
      throw new GeneratorFailure(
        `the requests can't be made: ${messageOf(error)}`,
        'correct the endpoint or set the variable',
      );
    }
  }
  const requests = await loadRequests(job.requestsFile);
  const prepared: unknown = job.preparedFile === null ? null : JSON.parse(readFileSync(job.preparedFile, 'utf8'));
  const build = buildFromFunction(requests, prepared, frame, names);
  try {
    build(0, 0);
  } catch (error) {
    throw new GeneratorFailure(
      `the scenario's requests function failed: ${messageOf(error)}`,
      'correct the requests function',
    );
  }
  return build;
}

async function loadRequests(file: string | null): Promise<Requests> {
  const hint = 'the scenario needs a function named requests in its traffic';
  if (file === null) throw new GeneratorFailure('the job has no module with the requests', hint);
  let module: unknown;
  try {
    module = await import(pathToFileURL(file).href);
  } catch (error) {
    throw new GeneratorFailure(`the scenario's module can't be loaded: ${messageOf(error)}`, hint);
  }
  if (typeof module !== 'object' || module === null || !('requests' in module) || !isRequests(module.requests))
    throw new GeneratorFailure('the scenario’s module exports no function named requests', hint);
  return module.requests;
}

/** That it takes and gives the right things shows only when it is called. */
function isRequests(value: unknown): value is Requests {
  return typeof value === 'function';
}

function resolveSecret(value: string, environment: Readonly<Record<string, string | undefined>>): string {
  if (!value.startsWith('env:')) return value;
  const name = value.slice('env:'.length);
  const secret = environment[name];
  if (secret === undefined) throw new Error(`the environment variable ${name} is not set`);
  return secret;
}
