import { join } from 'node:path';
import { app, BrowserWindow, type WebContents } from 'electron';
import { APP_ORIGIN } from '../../preload/contract/shell.ts';

/** What no page of ours may do, whatever got into it. */
export const confine = (contents: WebContents): void => {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  const stay = (event: { preventDefault(): void; url: string }): void => {
    if (event.url !== `${APP_ORIGIN}/`) event.preventDefault();
  };
  contents.on('will-navigate', stay);
  contents.on('will-redirect', stay);
  contents.on('will-frame-navigate', stay);
  contents.on('will-attach-webview', (event) => event.preventDefault());
};

export const openWindow = (): BrowserWindow => {
  const window = new BrowserWindow({
    width: 1600,
    height: 1000,
    minWidth: 900,
    minHeight: 600,
    backgroundColor: '#101418',
    show: false,
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
  window.once('ready-to-show', () => window.show());
  void window.loadURL(`${APP_ORIGIN}/`);
  return window;
};
