/** npm start: the workstation in Electron where that can be had, else in a browser on this machine. */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Fault } from '../preload/contract/index.ts';
import { buildElectronApart } from './build.ts';
import { chooseShell, thisMachine } from './choose-shell.ts';
import { rootsOf } from './cli/roots.ts';
import { ensureDemonstration } from './demonstration.ts';
import { hasDisplay } from './host/browser.ts';
import { runHost } from './host/run.ts';
import { consoleLog, dataFolder } from './outside-node.ts';
import { abortWhenStopped } from './process/stop.ts';

const REPOSITORY = resolve(fileURLToPath(new URL('.', import.meta.url)), '..');

const options = () => {
  const { values } = parseArgs({
    options: {
      store: { type: 'string' },
      root: { type: 'string', multiple: true },
      port: { type: 'string' },
      'no-open': { type: 'boolean' },
      'no-demo': { type: 'boolean' },
      host: { type: 'boolean' },
    },
  });
  const port = Number(values.port ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Fault('invalid', '--port wants a port number.');
  return {
    storeFolder: resolve(values.store ?? dataFolder()),
    roots: rootsOf(values.root),
    port,
    open: values['no-open'] !== true,
    demonstration: values['no-demo'] !== true,
    hostAsked: values.host === true,
  };
};

const runElectron = async (binary: string, given: ReturnType<typeof options>): Promise<number> => {
  await buildElectronApart();
  const child = spawn(
    binary,
    [REPOSITORY, `--store=${given.storeFolder}`, ...(given.demonstration ? [] : ['--no-demo'])],
    { stdio: 'inherit' },
  );
  return new Promise((done) => {
    child.on('error', () => done(1));
    child.on('exit', (code) => done(code ?? 1));
  });
};

const start = async (): Promise<number> => {
  const given = options();
  const say = (line: string): void => console.log(line);
  const choice = given.hostAsked
    ? ({ shell: 'host', why: 'Running in the browser host: --host was given.' } as const)
    : await chooseShell(thisMachine(hasDisplay()), say);
  say(choice.why);
  if (choice.shell === 'electron') return runElectron(choice.binary, given);
  const controller = new AbortController();
  abortWhenStopped(controller);
  const log = consoleLog(true);
  await runHost(
    {
      ...given,
      log,
      say,
      onReady: (backend, outside) => {
        say('The window is ready.');
        if (given.demonstration) void ensureDemonstration(backend.domains, outside, outside.log);
      },
    },
    controller.signal,
  );
  return 0;
};

try {
  process.exitCode = await start();
} catch (error) {
  console.error(error instanceof Fault ? error.message : error);
  process.exitCode = 1;
}
