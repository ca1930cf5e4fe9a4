/** The desktop application: owns windows and nothing else. The backend runs in a utility process. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { app, BrowserWindow, dialog, session } from 'electron';
import { APP_ORIGIN } from '../../preload/contract/shell.ts';
import { startBackend } from './ipc.ts';
import { setMenu } from './menu.ts';
import { claimScheme, serveScheme } from './protocol.ts';
import { confine, openWindow } from './windows.ts';

const { values } = parseArgs({
  args: process.argv.slice(app.isPackaged ? 1 : 2),
  options: { store: { type: 'string' }, 'no-demo': { type: 'boolean' } },
  strict: false,
});
const storeFolder = typeof values.store === 'string' ? values.store : join(app.getPath('userData'), 'store');
/** Native code and models cannot be read inside the archive: they lie beside it. */
const unpacked = app.getAppPath().replace(/\.asar$/, '.asar.unpacked');

app.enableSandbox();
claimScheme();

const start = async (): Promise<void> => {
  await app.whenReady();
  // Every window shares this session: what it may not do, none may.
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.defaultSession.setPermissionCheckHandler(() => false);
  session.defaultSession.setDevicePermissionHandler(() => false);
  session.defaultSession.webRequest.onBeforeRequest((details, answer) => {
    answer({ cancel: !(details.url.startsWith(`${APP_ORIGIN}/`) || /^(blob|data|devtools):/.test(details.url)) });
  });
  const backend = startBackend({
    storeFolder,
    modelFolders: [join(unpacked, 'models', 'packages'), join(storeFolder, 'models')],
    demonstration: values['no-demo'] !== true,
    onFailed: (message) => {
      dialog.showErrorBox('Sightline cannot open its store', message);
      app.quit();
    },
  });
  serveScheme(join(app.getAppPath(), '.build', 'renderer'), backend);
  setMenu();
  await backend.ready;
  openWindow();
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) openWindow();
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  let closed = false;
  app.on('before-quit', (event) => {
    if (closed) return;
    event.preventDefault();
    void backend.close().then(() => {
      closed = true;
      app.quit();
    });
  });
};

app.on('web-contents-created', (_event, contents) => confine(contents));

// A second start shows the first one's window: two cannot hold one store.
if (app.requestSingleInstanceLock({ storeFolder })) {
  app.on('second-instance', () => {
    const [window] = BrowserWindow.getAllWindows();
    window?.show();
    window?.focus();
  });
  void start();
} else {
  app.quit();
}
