import { spawn } from 'node:child_process';

/** Opens a file with what the desktop opens web pages with; where there is no desktop, nothing happens. */
export function openInBrowser(file: string): void {
  const opener = process.platform === 'darwin' ? 'open' : process.platform === 'win32' ? 'explorer' : 'xdg-open';
  const child = spawn(opener, [file], { stdio: 'ignore', detached: true });
  // The report's path was printed: a missing opener costs a click, not the run.
  child.on('error', () => undefined);
  child.unref();
}
