import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { analyze } from '../analysis/analyze.ts';
import { type StageDescription, buildRunRecord } from '../fixtures/records/build-run-record.ts';
import { captured } from '../model/measurements.ts';
import type { ProfileCapture, Scrape } from '../model/measurements.ts';
import type { RunRecord } from '../model/run-record.ts';
import { after, bytes, inMebibytes, kibibytes, milliseconds, percent, seconds } from '../model/units.ts';

/**
 * Time and memory of analysing a large run: ten stages of a minute each, five endpoints, 500 series scraped every second,
 * 60 profiles. The budget is 3 s and 400 MB for the analysis alone; the record is made in this process first, so what
 * is printed for memory holds the record as well.
 */
export function measureAnalysisSize(): {
  readonly analysisMs: number;
  readonly peakRssMiB: number;
  readonly recordRssMiB: number;
} {
  const record = largeRecord();
  const profile = readFileSync(fileURLToPath(new URL('../fixtures/captures/cpu-loaded.pb.gz', import.meta.url)));
  const recordRssMiB = peakRss();
  const started = performance.now();
  const analysis = analyze(record, { readProfile: () => profile });
  const analysisMs = performance.now() - started;
  if (analysis.stages.length !== record.plan.loadProfile.stages.length) throw new Error('stages are missing');
  return { analysisMs, peakRssMiB: peakRss(), recordRssMiB };
}

function peakRss(): number {
  // Node gives kilobytes of 1,024 bytes.
  return inMebibytes(kibibytes(process.resourceUsage().maxRSS));
}

function largeRecord(): RunRecord {
  const stages = Array.from({ length: 10 }, (_, index): StageDescription => ({
    name: `level ${index + 1}`,
    rate: 200 * (index + 1),
    seconds: 60,
    settling: 10,
    latencyMs: (random) => 2 + random.exponential() * (5 + index),
    failures: { timeout: 0.001 },
    target: {
      cpuMsPerRequest: 0.4,
      allocBytesPerRequest: 20_000,
      gcCyclesPerSecond: 4,
      gcCpuShare: 0.03,
      rssBytes: 90_000_000,
      goroutines: 120,
      pool: { maxOpen: 20, inUse: index, waitsPerSecond: index, waitMsPerRequest: index / 10 },
    },
  }));
  return buildRunRecord({
    name: 'analysis-size',
    objectives: [
      { kind: 'latency-quantile', quantile: 0.99, limitMs: milliseconds(60), endpoint: null, comparison: '<' },
      { kind: 'errors', limit: percent(1), endpoint: null, comparison: '<' },
    ],
    endpoints: { menu: 5, join: 2, order: 2, read: 4, pay: 1 },
    stages,
    scrapes: (startedAt) =>
      Array.from({ length: 601 }, (_, second): Scrape => {
        const body = foreignSeries(second);
        return {
          collector: 'prometheus',
          source: 'http://127.0.0.1:9100/metrics',
          at: after(startedAt, seconds(second)),
          durationMs: milliseconds(4),
          bytes: bytes(body.length),
          contentType: 'text/plain; version=0.0.4',
          body,
          error: null,
        };
      }),
    profiles: Array.from({ length: 60 }, (_, index): ProfileCapture => {
      const stage = Math.floor(index / 6);
      const kind = (['cpu', 'heap', 'allocs', 'goroutine', 'mutex', 'block'] as const)[index % 6] ?? 'cpu';
      return {
        stage,
        label: 'stage',
        kind,
        startedAt: after(startOf, seconds(stage * 60 + 20)),
        durationMs: seconds(kind === 'cpu' ? 30 : 0),
        cumulative: kind === 'allocs' || kind === 'mutex' || kind === 'block',
        content: captured({ file: `profiles/${stage}-${kind}.pb.gz`, bytes: bytes(30_000) }),
      };
    }),
  });
}

const startOf = buildRunRecord({ stages: [] }).startedAt;

/** 500 series that no analyzer knows: they must be read over all the same. */
function foreignSeries(second: number): string {
  const lines: string[] = [];
  for (let family = 0; family < 10; family++) {
    lines.push(`# HELP foreign_${family}_total Something of somebody else.`, `# TYPE foreign_${family}_total counter`);
    for (let series = 0; series < 50; series++)
      lines.push(`foreign_${family}_total{instance="a",shard="${series}"} ${second * (series + family)}`);
  }
  return `${lines.join('\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { analysisMs, peakRssMiB, recordRssMiB } = measureAnalysisSize();
  console.log(
    `analysis of 10 × 60 s, 5 endpoints, 500 series, 60 profiles: ${Math.round(analysisMs)} ms, peak RSS ${Math.round(peakRssMiB)} MiB (the record alone ${Math.round(recordRssMiB)} MiB)`,
  );
}
