import type { Captured } from '../model/measurements.ts';
import type { Block, Cell, Document } from '../reports/document.ts';
import { formatBytes } from '../reports/format-quantity.ts';
import type { PostgresProbe } from '../runners/collectors/probe-postgres.ts';
import type { ProbedRole, TargetProbe } from '../runners/collectors/probe-target.ts';
import type { MachineReport } from './describe-machine.ts';

/** What `plimsoll doctor --json` prints, `schema` apart; null: not asked, or it is only started for a run. */
export interface DoctorFigures {
  readonly machine: MachineReport;
  readonly target: TargetProbe | null;
  /** `source` names the variable of its connection string. */
  readonly database: { readonly source: string; readonly answer: Captured<PostgresProbe> } | null;
}

/** What the doctor says, and for everything that is missing the lines that would add it. */
export function composeDoctor({ machine, target, database }: DoctorFigures): Document {
  const asked = [
    'this machine',
    ...(target === null ? [] : ['this target']),
    ...(database === null ? [] : ['this database']),
  ];
  return {
    title: 'What can be measured here',
    subtitle: asked.join(' and '),
    blocks: [
      ...machineBlocks(machine),
      ...(target === null ? [] : targetBlocks(target)),
      ...(database === null ? [] : databaseBlocks(database)),
    ],
  };
}

const answers: Readonly<Record<ProbedRole | 'html' | 'other', string>> = {
  prometheus: 'Prometheus metrics',
  expvar: 'expvar',
  pprof: 'pprof profiles',
  html: 'a page of HTML',
  other: 'something else',
};

const good = (text: string): Cell => ({ text, tone: 'good' });
const lacking = (text: string): Cell => ({ text, tone: 'warning' });

function table(caption: string, rows: readonly (readonly Cell[])[]): Block {
  return {
    kind: 'table',
    caption,
    brief: true,
    columns: [
      { title: '', align: 'left' },
      { title: '', align: 'left' },
    ],
    rows,
  };
}

function machineBlocks(machine: MachineReport): Block[] {
  const { go, canPin, cpuLimit, memoryLimitBytes } = machine;
  return [
    { kind: 'heading', level: 2, text: 'This machine', brief: true },
    table('This machine', [
      ['plimsoll', machine.plimsollVersion],
      ['Node', machine.node],
      ['Go', go === null ? lacking('not on PATH: needed for demo and for BUILDs from source only') : go],
      ['kernel', machine.kernel],
      ['processors', machine.processors],
      [
        'pinning',
        canPin
          ? good('generator and a launched target get processors of their own')
          : lacking('no taskset: generator and target share processors'),
      ],
      ['memory', formatBytes(machine.memoryBytes)],
      ['own CPU limit', cpuLimit === null ? 'none' : `${cpuLimit} processors`],
      ['own memory limit', memoryLimitBytes === null ? 'none' : formatBytes(memoryLimitBytes)],
      ['free disk', formatBytes(machine.freeDiskBytes)],
      ...machine.engines.map(({ name, available, note }): Cell[] => [
        `engine ${name}`,
        available ? good(`available: ${note}`) : lacking(note),
      ]),
    ]),
  ];
}

function targetBlocks({ endpoints, prometheus, expvar, pprof }: TargetProbe): Block[] {
  const rows = endpoints.map(({ role, url, answer }): Cell[] => [
    `${role} ${url}`,
    answer.status === 'captured'
      ? answer.value.kind === role
        ? good(`answers (${answer.value.durationMs.toFixed(1)} ms)`)
        : lacking(`answers, but with ${answers[answer.value.kind]}`)
      : lacking(answer.reason),
  ]);
  const blocks: Block[] = [
    { kind: 'heading', level: 2, text: 'The target', brief: true },
    table('Where it was asked', rows),
  ];
  const advice: string[] = [];
  if (endpoints.every(({ answer }) => answer.status === 'failed')) {
    const text = 'Nothing answers there: is the service running, and is this its address?';
    return [...blocks, { kind: 'text', text, tone: 'bad', brief: true }];
  }
  if (prometheus === null)
    advice.push(
      'no Prometheus metrics: no GC, heap, goroutine or pool figures. In Go:',
      '    import "github.com/prometheus/client_golang/prometheus/promhttp"',
      '    mux.Handle("GET /metrics", promhttp.Handler())',
    );
  else {
    blocks.push(
      table('Metrics', [
        ['Go version', prometheus.goVersion ?? lacking('not exposed')],
        ['known families', `${prometheus.present.length} of ${prometheus.present.length + prometheus.missing.length}`],
      ]),
    );
    const byWay = Map.groupBy(prometheus.missing, ({ exposedBy }) => exposedBy);
    for (const [way, families] of byWay)
      advice.push(`not exposed: ${families.map(({ family }) => family).join(', ')}. In Go:`, ...(goLines[way] ?? []));
  }
  if (pprof === null)
    advice.push(
      'no pprof: no profiles. In Go, on an address that only you can reach:',
      '    import _ "net/http/pprof"',
      '    go http.ListenAndServe("127.0.0.1:6060", nil)',
    );
  else {
    blocks.push(
      table('Profiles', [
        ['pprof', pprof.profiles.map(({ name }) => name).join(', ')],
        [
          'block',
          pprof.block.status === 'captured'
            ? pprof.block.value === 'recording'
              ? good('recording')
              : lacking('nothing recorded: off, or nothing blocked yet')
            : lacking(pprof.block.reason),
        ],
        [
          'mutex',
          pprof.mutexFraction.status === 'captured'
            ? pprof.mutexFraction.value > 0
              ? good(`recording 1 of ${pprof.mutexFraction.value}`)
              : lacking('off')
            : lacking(pprof.mutexFraction.reason),
        ],
        [
          'goroutine leaks',
          pprof.hasGoroutineLeak ? good('goroutineleak is there') : 'told by counts only (goroutineleak needs Go 1.27)',
        ],
      ]),
    );
    if (pprof.mutexFraction.status === 'captured' && pprof.mutexFraction.value === 0)
      advice.push('no mutex profile. In Go:', '    runtime.SetMutexProfileFraction(100)');
    if (pprof.block.status === 'captured' && pprof.block.value === 'nothing-recorded')
      advice.push(
        'perhaps no block profile. In Go:',
        '    runtime.SetBlockProfileRate(10_000) // nanoseconds; cheap from 10,000 on',
      );
  }
  if (expvar === null && prometheus === null)
    advice.push('expvar (/debug/vars) would give memory statistics without a package: import _ "expvar"');
  if (advice.length > 0) blocks.push({ kind: 'heading', level: 2, text: 'What would add the rest', brief: true });
  return [...blocks, ...advice.map((text): Block => ({ kind: 'text', text, brief: true }))];
}

function databaseBlocks({ source, answer }: NonNullable<DoctorFigures['database']>): Block[] {
  const heading: Block = { kind: 'heading', level: 2, text: 'The database', brief: true };
  if (answer.status !== 'captured')
    return [heading, { kind: 'text', text: `${source}: ${answer.reason}`, tone: 'bad', brief: true }];
  const { version, maxConnections, reservedConnections, seesAllSessions, statements } = answer.value;
  const advice = [
    ...(seesAllSessions
      ? []
      : [
          'only sessions of its own role are seen. In SQL:',
          '    grant pg_read_all_stats to …; -- the role of the connection',
        ]),
    ...(statements.status === 'captured'
      ? []
      : [
          'no statements: nothing tells which of them are slow. In SQL, and in postgresql.conf:',
          "    create extension pg_stat_statements; -- shared_preload_libraries = 'pg_stat_statements'",
        ]),
  ];
  return [
    heading,
    table('The database', [
      [source, good(`answers: PostgreSQL ${version}`)],
      ['connections', `${maxConnections}, ${reservedConnections} of them for administrators`],
      ['sessions', seesAllSessions ? good('of all roles') : lacking('of its own role only')],
      [
        'statements',
        statements.status === 'captured' ? good(`pg_stat_statements ${statements.value}`) : lacking(statements.reason),
      ],
    ]),
    ...advice.map((text): Block => ({ kind: 'text', text, brief: true })),
  ];
}

const goLines: Readonly<Record<string, readonly string[]>> = {
  NewGoCollector: ['    registry.MustRegister(collectors.NewGoCollector())'],
  'WithGoCollectorRuntimeMetrics(MetricsAll)': [
    '    prometheus.Unregister(collectors.NewGoCollector())',
    '    prometheus.MustRegister(collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(collectors.MetricsAll)))',
  ],
  NewProcessCollector: ['    registry.MustRegister(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))'],
  NewDBStatsCollector: ['    prometheus.MustRegister(collectors.NewDBStatsCollector(db, "main"))'],
};
