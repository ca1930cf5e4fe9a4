import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { registerHooks } from 'node:module';
import { test } from 'node:test';
import type { FromBackend } from './messages.ts';

/** As Electron's: a V8 that ends (out of memory) is an 'error' first, then an 'exit'. */
class Child extends EventEmitter {
  readonly told: { kind: string; id?: number }[] = [];
  postMessage(message: { kind: string; id?: number }): void {
    this.told.push(message);
  }
  kill(): void {}
}
const started: Child[] = [];
const electron = {
  app: { getAppPath: () => '.' },
  BrowserWindow: { getAllWindows: () => [] },
  dialog: {},
  ipcMain: new EventEmitter(),
  MessageChannelMain: class {},
  utilityProcess: {
    fork: () => {
      const child = new Child();
      started.push(child);
      return child;
    },
  },
};
Object.assign(globalThis, { standInForElectron: electron });
const names = Object.keys(electron).join(', ');
const source = `export const { ${names} } = globalThis.standInForElectron;`;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron'
      ? { url: `data:text/javascript,${encodeURIComponent(source)}`, shortCircuit: true }
      : next(specifier, context),
});

test('a worker or a backend that runs out of memory ends by itself and nothing else', async () => {
  const { startBackend } = await import('./ipc.ts');
  startBackend({ storeFolder: '', modelFolders: [], demonstration: false, onFailed: () => {} });
  const [backend] = started;
  assert.ok(backend);
  const limits = { heapMb: 1, read: [], write: [], native: false };
  backend.emit('message', { kind: 'spawn', id: 7, entry: 'decode', limits } satisfies FromBackend);
  const worker = started[1];
  assert.ok(worker);
  worker.emit('error', 'FatalError', 'somewhere', '{}');
  worker.emit('exit', 5);
  assert.deepEqual(backend.told.at(-1), { kind: 'worker-ended', id: 7, code: 5 });
  backend.emit('error', 'FatalError', 'somewhere', '{}');
  backend.emit('exit', 5);
  assert.equal(started.length, 3, 'the backend was started anew');
});
