import type { ScrapePlan } from '../../model/plan.ts';
import type { AdminAccess } from './admin-headers.ts';
import { intervalCollector } from './interval-collector.ts';
import type { Collector } from './port.ts';
import { scrapeSource } from './scrape-source.ts';

/** Reads Go's expvar (`/debug/vars`), as it comes. */
export function expvarCollector(plan: ScrapePlan, access: AdminAccess): Collector {
  return intervalCollector(
    scrapeSource({
      name: 'expvar',
      plan,
      access,
      accept: 'application/json',
      usualPath: '/debug/vars',
      refuse: expvarRefusal,
    }),
  );
}

/** Why a body of status 200 is no expvar object, or null. Looks at both ends only; decoding is the analysis's. */
export function expvarRefusal(body: string, contentType: string | null): string | null {
  if ((contentType?.toLowerCase().includes('text/html') ?? false) || /^\s*</.test(body))
    return 'the answer is a page of HTML, not expvar: is this the address of a web page, a login or a proxy?';
  if (/^\s*#/.test(body)) return 'the answer is Prometheus metrics, not expvar';
  if (body.trim() === '') return 'the answer is empty';
  return /^\s*\{/.test(body) && /\}\s*$/.test(body) ? null : 'the answer is no JSON object';
}
