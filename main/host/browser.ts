import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const onPath = (name: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, name)));

/** Whether a window could be shown at all. */
export const hasDisplay = (): boolean =>
  process.platform === 'win32' ||
  (process.platform === 'darwin' && !process.env.SSH_CONNECTION) ||
  Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);

const opener = (): readonly string[] | null => {
  if (process.platform === 'win32') return ['explorer.exe'];
  if (process.platform === 'darwin') return ['open'];
  return onPath('xdg-open') ? ['xdg-open'] : null;
};

/**
 * Opens the address in the user's browser. The command line of a process is readable by every user of the machine, so
 * the browser is given a file that only this user can read, and the token stands in the file. Returns its removal.
 */
export const openBrowser = (address: string, say: (line: string) => void): (() => void) => {
  const command = opener();
  if (!hasDisplay() || !command) {
    say('There is no display here, so no browser is opened: use the address from one that is on this machine.');
    return () => {};
  }
  const folder = mkdtempSync(join(tmpdir(), 'sightline-open-'));
  const file = join(folder, 'open.html');
  const escaped = address.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  writeFileSync(
    file,
    `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=${escaped}">` +
      `<title>Sightline</title><a href="${escaped}">Open Sightline</a>\n`,
    { mode: 0o600 },
  );
  const [program = '', ...rest] = command;
  const child = spawn(program, [...rest, pathToFileURL(file).href], { stdio: 'ignore', detached: true });
  child.on('error', () => say('The browser could not be opened: use the address above.'));
  child.unref();
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  setTimeout(remove, 60_000).unref();
  return remove;
};
