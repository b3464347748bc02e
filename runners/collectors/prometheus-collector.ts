import type { ScrapePlan } from '../../model/plan.ts';
import type { AdminAccess } from './admin-headers.ts';
import { intervalCollector } from './interval-collector.ts';
import type { Collector } from './port.ts';
import { scrapeSource } from './scrape-source.ts';

/**
 * The text format first, since there counters keep the names their service gave them; OpenMetrics for who speaks only
 * that. UTF-8 names come quoted.
 */
export const prometheusAccept =
  'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.9,text/plain;version=0.0.4;q=0.8,' +
  'application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1';

/** Reads Prometheus metrics in a text format, as they come. */
export function prometheusCollector(plan: ScrapePlan, access: AdminAccess): Collector {
  return intervalCollector(
    scrapeSource({
      name: 'prometheus',
      plan,
      access,
      accept: prometheusAccept,
      usualPath: '/metrics',
      refuse: prometheusRefusal,
    }),
  );
}

/** Name or quoted name first; value, perhaps timestamp and exemplar, last. */
const sampleLine =
  /^(?:[A-Za-z_:]|\{").*[ \t}](?:[-+]?(?:\d[\d.]*(?:e[-+]?\d+)?|inf)|nan)(?: -?[\d.]+)?(?: *#.*)?\r?$/im;

/** Why a body of status 200 is no metrics text, or null. Looks at its beginning only. */
export function prometheusRefusal(body: string, contentType: string | null): string | null {
  const type = contentType?.toLowerCase() ?? '';
  const beginning = body.slice(0, 65_536);
  if (type.includes('text/html') || /^\s*</.test(beginning))
    return 'the answer is a page of HTML, not metrics: is this the address of a web page, a login or a proxy?';
  if (type.includes('application/vnd.google.protobuf'))
    return 'the answer is in the protobuf format, although a text format was asked for';
  if (beginning.startsWith('#') || sampleLine.test(beginning)) return null;
  if (beginning.trim() === '') return 'the answer is empty: the endpoint answers, but no metric is registered';
  return /^\s*[{[]/.test(beginning)
    ? 'the answer is JSON, not metrics; if it is /debug/vars, read it with expvar'
    : 'the answer has no line that looks like a metric';
}
