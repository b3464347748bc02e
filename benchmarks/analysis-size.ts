import { readFileSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type Benchmark, median } from './benchmark.ts';
import { analyze } from '../analysis/analyze.ts';
import { composeRun } from '../reports/compose/compose-run.ts';
import { toHtml } from '../reports/render/to-html.ts';
import { type StageDescription, buildRunRecord } from '../fixtures/records/build-run-record.ts';
import { captured } from '../model/measurements.ts';
import type { ProfileCapture, Scrape } from '../model/measurements.ts';
import type { RunRecord } from '../model/run-record.ts';
import {
  after,
  bytes,
  inMebibytes,
  inMegabytes,
  kibibytes,
  mebibytes,
  microseconds,
  milliseconds,
  millisecondsOf,
  percent,
  seconds,
} from '../model/units.ts';

const analysisSizeLine = z.object({
  analysisMs: z.number(),
  /** Composing the document, pre-rendering its charts, writing the page. */
  pageMs: z.number(),
  /** Of both. Wall time tells of the neighbours as well; CPU time less so. */
  cpuMs: z.number(),
  pageBytes: z.number(),
  peakRssMiB: z.number(),
  recordRssMiB: z.number(),
});
type AnalysisSize = z.infer<typeof analysisSizeLine>;

/** The record is made in this process first, so what is said of memory holds the record as well. */
async function measureAnalysisSize(): Promise<AnalysisSize> {
  const record = largeRecord();
  const profile = readFileSync(fileURLToPath(new URL('../fixtures/captures/cpu-loaded.pb.gz', import.meta.url)));
  const recordRssMiB = peakRss();
  const started = performance.now();
  const cpuBefore = process.cpuUsage();
  const analysis = analyze(record, { readProfile: () => profile });
  const analysisMs = performance.now() - started;
  if (analysis.stages.length !== record.plan.loadProfile.stages.length) throw new Error('stages are missing');
  const page = await toHtml(composeRun(analysis, record.plan));
  const pageMs = performance.now() - started - analysisMs;
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    analysisMs,
    pageMs,
    cpuMs: millisecondsOf(microseconds(user + system)),
    pageBytes: Buffer.byteLength(page),
    peakRssMiB: peakRss(),
    recordRssMiB,
  };
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
        source: null,
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

/** Each measurement in a process of its own, so that its peak is its own. */
export const analysisSize: Benchmark = {
  name: 'analysis-size',
  about: 'analysis and report of 10 stages of a minute, 5 endpoints, 500 series at 1 s, 60 profiles',
  minutes: 1,
  run: async ({ repeats }) => {
    const sizes: AnalysisSize[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(import.meta.url)]);
      sizes.push(analysisSizeLine.parse(JSON.parse(stdout)));
    }
    const typical = (key: keyof AnalysisSize): number => Math.round(median(sizes.map((size) => size[key])));
    const [analysisMs, pageMs, page, peak] = [
      typical('analysisMs'),
      typical('pageMs'),
      typical('pageBytes'),
      typical('peakRssMiB'),
    ];
    return [
      {
        what: 'time of analysis and page',
        asked: `≤ ${most.timeMs} ms`,
        measured: `${analysisMs + pageMs} ms (analysis ${analysisMs}, page ${pageMs}; ${typical('cpuMs')} ms CPU)`,
        pass: analysisMs + pageMs <= most.timeMs,
      },
      {
        what: 'peak memory, with the record',
        asked: `≤ ${most.peakMB} MB`,
        measured: `${Math.round(inMegabytes(mebibytes(peak)))} MB (the record alone ${typical('recordRssMiB')} MiB)`,
        pass: inMegabytes(mebibytes(peak)) <= most.peakMB,
      },
      {
        what: 'the page',
        asked: `< ${most.pageMB} MB`,
        measured: `${inMegabytes(bytes(page)).toFixed(2)} MB`,
        pass: inMegabytes(bytes(page)) < most.pageMB,
      },
    ];
  },
};

const most = { timeMs: seconds(5), peakMB: 600, pageMB: 2 };

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(await measureAnalysisSize()));
