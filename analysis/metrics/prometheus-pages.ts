import { PrometheusTextDecoder } from './prometheus-text.ts';
import type { DecodedReadings, Reading } from './reading.ts';

/** The pages of one Prometheus endpoint as series. */
export function decodePrometheusPages(source: string, readings: readonly Reading[]): DecodedReadings {
  const decoder = new PrometheusTextDecoder('prometheus', source);
  let malformedLines = 0;
  let firstMalformed: string | null = null;
  const refusals = readings.map(({ at, body, contentType }) => {
    const page = decoder.add(body, at, contentType?.includes('openmetrics') === true);
    if (page.error !== null) return page.error;
    malformedLines += page.malformedLines;
    firstMalformed ??= page.firstMalformed;
    return null;
  });
  return { series: decoder.finish(), families: decoder.families, refusals, malformedLines, firstMalformed };
}
