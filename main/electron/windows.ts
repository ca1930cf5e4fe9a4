import { join } from 'node:path';
import { app, BrowserWindow, type BrowserWindowConstructorOptions, screen, type WebContents } from 'electron';
import { APP_ORIGIN } from '../../preload/contract/shell.ts';

/** The one window that a page may open: our own page again, as the second of two. */
const SECOND = /^sightline-second-[A-Za-z0-9-]{1,64}$/;

const windowOptions = (): BrowserWindowConstructorOptions => ({
  width: 1600,
  height: 1000,
  minWidth: 900,
  minHeight: 600,
  backgroundColor: '#101418',
  title: 'Sightline',
  webPreferences: {
    preload: join(app.getAppPath(), '.build', 'electron', 'preload.cjs'),
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webSecurity: true,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false,
    devTools: !app.isPackaged,
  },
});

/** Over the other screen, where there is one; else where the system puts it. */
const onOtherScreen = (from: BrowserWindow | null): BrowserWindowConstructorOptions => {
  if (!from) return {};
  const here = screen.getDisplayMatching(from.getBounds());
  const other = screen.getAllDisplays().find((display) => display.id !== here.id);
  return other ? { ...other.workArea } : {};
};

/** What no page of ours may do, whatever got into it. */
export const confine = (contents: WebContents): void => {
  contents.setWindowOpenHandler(({ url, frameName }) =>
    url === `${APP_ORIGIN}/` && SECOND.test(frameName)
      ? {
          action: 'allow',
          // Each of the two can be closed, and the other goes on.
          outlivesOpener: true,
          overrideBrowserWindowOptions: {
            ...windowOptions(),
            ...onOtherScreen(BrowserWindow.fromWebContents(contents)),
          },
        }
      : { action: 'deny' },
  );
  const stay = (event: { preventDefault(): void; url: string }): void => {
    if (event.url !== `${APP_ORIGIN}/`) event.preventDefault();
  };
  contents.on('will-navigate', stay);
  contents.on('will-redirect', stay);
  contents.on('will-frame-navigate', stay);
  contents.on('will-attach-webview', (event) => event.preventDefault());
};

export const openWindow = (): BrowserWindow => {
  const window = new BrowserWindow({ ...windowOptions(), show: false });
  window.once('ready-to-show', () => window.show());
  void window.loadURL(`${APP_ORIGIN}/`);
  return window;
};
