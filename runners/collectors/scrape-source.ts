import type { CollectorName } from '../../model/measurements.ts';
import type { ScrapePlan } from '../../model/plan.ts';
import { milliseconds } from '../../model/units.ts';
import type { AdminAccess } from './admin-headers.ts';
import { type BoundedHttp, boundedHttp } from './bounded-http.ts';
import type { Reading, ReadingSource } from './interval-collector.ts';
import { statusRefusal } from './status-refusal.ts';
import { withoutCredentials } from './without-credentials.ts';

export interface ScrapeOptions {
  readonly name: CollectorName;
  readonly plan: ScrapePlan;
  readonly access: AdminAccess;
  readonly accept: string;
  readonly usualPath: string;
  /** Why a body that came with status 200 is not what was asked for, or null. Must be cheap: it sees every body. */
  readonly refuse: (body: string, contentType: string | null) => string | null;
}

/** A source read by GET whose answer is text. */
export function scrapeSource(options: ScrapeOptions): ReadingSource {
  const { name, plan, access, accept, usualPath, refuse } = options;
  let http: BoundedHttp | null = null;
  return {
    name,
    source: withoutCredentials(plan.url),
    intervalMs: plan.intervalMs,
    // A little more than a reading's own limit, so that it ends with its own reason.
    stopWithinMs: milliseconds(plan.timeoutMs + 500),
    // What takes long here is mostly the target's work, and a busy target is when readings matter.
    busyShare: null,
    async read({ world }, _count, signal): Promise<Reading> {
      http ??= boundedHttp(world, access);
      const { url, timeoutMs, maxBytes } = plan;
      // Compressing is nearly half of what a page of metrics costs the target; a few kB a second cost nobody anything.
      const answer = await http.get({ url, accept, compressed: false, timeoutMs, maxBytes, signal });
      if (answer.status === 'failed')
        return { bytes: answer.bytes, contentType: null, body: null, error: answer.reason };
      const location = answer.headers['location'];
      const text = answer.body.toString('utf8');
      const error =
        statusRefusal(answer.code, typeof location === 'string' ? location : undefined, usualPath) ??
        refuse(text, answer.contentType);
      return { bytes: answer.bytes, contentType: answer.contentType, body: error === null ? text : null, error };
    },
    close: () => http?.close(),
  };
}
