import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { LineWriter } from '../../autocannon/line-writer.ts';
import { type GeneratorJob, protocolVersion } from '../../port.ts';
import { Gate } from './gate.ts';
import { StockRun } from './stock-run.ts';

/*
 * A k6 without our additions as a load generator: this process speaks the protocol, starts k6 and reads its json
 * output. main.ts JOB.json SETTINGS.json; the settings are stock-engine.ts's.
 */

export const stockSettings = z.object({
  file: z.string(),
  args: z.array(z.string()),
  version: z.string(),
  build: z.string(),
});

const command = z.object({ kind: z.enum(['start', 'stop']) });
const writer = new LineWriter(process.stdout);

async function leave(exitCode: number): Promise<never> {
  await writer.flushed();
  process.exit(exitCode);
}

async function fail(error: unknown): Promise<never> {
  const reason = error instanceof Error ? error.message : String(error);
  writer.write({ kind: 'failed', reason, hint: 'see generator.log in the run folder' });
  return await leave(1);
}

async function generate(jobFile: string, settingsFile: string): Promise<void> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own conductor wrote it
  const job = JSON.parse(readFileSync(jobFile, 'utf8')) as GeneratorJob;
  const { file, args, version, build } = stockSettings.parse(JSON.parse(readFileSync(settingsFile, 'utf8')));
  const gate = await Gate.make();
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...environmentOfK6(), PLIMSOLL_GATE: gate.url },
    detached: true,
  });
  child.once('error', (error) => void fail(error));
  const run = new StockRun(child, job, writer.write);
  const stop = (): void => run.stop();
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    try {
      if (command.parse(JSON.parse(line)).kind === 'start') gate.open();
      else stop();
    } catch (error) {
      void fail(error);
    }
  });
  lines.on('close', stop);
  // Ctrl-C reaches the whole process group; the conductor decides what it means.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', stop);
  const announce = async (): Promise<void> => {
    await gate.reached;
    run.isReady();
    const engine = { name: 'k6', version, build } as const;
    writer.write({ kind: 'ready', protocol: protocolVersion, engine, processId: process.pid, selfTest: {} });
  };
  void announce();
  await leave(await run.follow());
}

/** One of k6's own variables would silently replace scenarios or change connections. */
function environmentOfK6(): Record<string, string | undefined> {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('K6_'));
  return { ...Object.fromEntries(others), K6_AUTO_EXTENSION_RESOLUTION: 'false', NO_PROXY: '*', no_proxy: '*' };
}

// Nobody reads any more.
process.stdout.on('error', () => process.exit(1));
process.on('uncaughtException', (error) => void fail(error));
generate(process.argv[2] ?? '', process.argv[3] ?? '').catch(fail);
