import { protocol } from 'electron';
import { APP_ORIGIN, MEDIA_BASE } from '../../preload/contract/shell.ts';
import { createPage } from '../page.ts';
import type { ElectronBackend } from './ipc.ts';

const SCHEME = new URL(APP_ORIGIN).protocol.slice(0, -1);

/** Before the application is ready: app:// is an origin of its own, as safe as https, with fetch and streams. */
export const claimScheme = (): void => {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: SCHEME,
      privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true },
    },
  ]);
};

/** The window's files from the folder, pixels from the backend; everything else is not there. */
export const serveScheme = (folder: string, backend: Pick<ElectronBackend, 'media'>): void => {
  const page = createPage(folder, []);
  protocol.handle(SCHEME, async (request) => {
    const { origin, host, pathname } = new URL(request.url);
    // Chromium gives a custom scheme's origin as 'null' where the URL class does not know the scheme.
    if (origin !== APP_ORIGIN && host !== new URL(APP_ORIGIN).host) return new Response(null, { status: 404 });
    if (pathname.startsWith(MEDIA_BASE)) return backend.media(request);
    if (request.method !== 'GET') return new Response(null, { status: 405 });
    return (await page(pathname)) ?? new Response(null, { status: 404 });
  });
};
