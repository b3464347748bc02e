import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { inMegabytes, bytes } from '../model/units.ts';
import { type Benchmark, median } from './benchmark.ts';
import { largeProfile } from './large-profile.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const environment = { ...process.env, GOTOOLCHAIN: 'local' };

/** Wall time of one command from its start to its end; it was run once before, so its files are in memory. */
async function timed(program: string, args: readonly string[]): Promise<{ readonly ms: number; readonly out: string }> {
  const started = performance.now();
  const { stdout } = await run(program, args, { cwd: root, env: environment });
  return { ms: performance.now() - started, out: stdout };
}

/** What follows the line of titles: the rows. */
const rowsOf = (out: string): string => out.slice(out.indexOf('cum%'));

/** `profile top` as it is installed, against `go tool pprof -top`, of one profile of about 1 MB. */
export const profileTop: Benchmark = {
  name: 'profile-top',
  about: 'start, decode and top of a profile of 1 MB, against a warm go tool pprof -top',
  minutes: 1,
  run: async ({ folder, repeats, quick }) => {
    const file = await largeProfile(folder);
    await run('node', ['tools/build.ts'], { cwd: root });
    const ours = ['cli/plimsoll.js', 'profile', 'top', file];
    const theirs = ['tool', 'pprof', '-top', file];
    const [first, second] = [await timed('node', ours), await timed('go', theirs)];
    const isSame = rowsOf(first.out) === rowsOf(second.out) && rowsOf(first.out).split('\n').length > 20;
    const oursMs: number[] = [];
    const theirsMs: number[] = [];
    // In turns, so that a busy neighbour hinders both.
    for (let repeat = 0; repeat < Math.max(quick ? 3 : 15, repeats); repeat++) {
      oursMs.push((await timed('node', ours)).ms);
      theirsMs.push((await timed('go', theirs)).ms);
    }
    const [own, other] = [median(oursMs), median(theirsMs)];
    const size = inMegabytes(bytes((await stat(file)).size));
    return [
      {
        what: `rows of a profile of ${size.toFixed(2)} MB`,
        asked: 'equal',
        measured: isSame ? 'equal' : 'NOT EQUAL',
        pass: isSame,
      },
      {
        what: 'wall time against go tool pprof -top',
        asked: '≤ 1.0 ×',
        measured: `${(own / other).toFixed(2)} × (${own.toFixed(0)} ms against ${other.toFixed(0)} ms)`,
        pass: own <= other,
      },
    ];
  },
};
