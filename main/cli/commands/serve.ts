import { ensureDemonstration } from '../../demonstration.ts';
import { runHost } from '../../host/run.ts';
import { consoleLog } from '../../outside-node.ts';
import { type Command, wholeNumber } from '../command.ts';
import { rootsOf } from '../roots.ts';

export const serve: Command = {
  name: 'serve',
  usage: 'serve [--port N] [--root name=folder ...] [--open] [--demo]',
  summary: 'The workstation in a browser on this machine.',
  flags: {
    port: { type: 'string' },
    root: { type: 'string', multiple: true },
    open: { type: 'boolean' },
    demo: { type: 'boolean' },
  },
  run: (call) =>
    runHost(
      {
        storeFolder: call.storeFolder,
        roots: rootsOf(call.flags.root),
        port: wholeNumber(call, 'port', 0),
        open: call.flags.open === true,
        log: consoleLog(true),
        say: (line) => process.stdout.write(`${line}\n`),
        onReady: (backend, outside) => {
          process.stdout.write('The window is ready.\n');
          if (call.flags.demo === true) void ensureDemonstration(backend.domains, outside, outside.log);
        },
      },
      call.signal,
    ),
};
