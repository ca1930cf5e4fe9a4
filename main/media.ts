import { Fault, type FaultCode } from '../preload/contract/index.ts';
import { MEDIA_BASE } from '../preload/contract/shell.ts';
import type { MediaHandler } from './domains.ts';
import type { Log } from './outside.ts';
import { COMMON_HEADERS } from './page.ts';

const STATUS: Readonly<Record<FaultCode, number>> = {
  invalid: 400,
  'not-found': 404,
  refused: 422,
  conflict: 409,
  cancelled: 499,
  closed: 503,
  internal: 500,
};

const HEADERS = { ...COMMON_HEADERS, 'cache-control': 'no-store' };

const said = (status: number, message: string): Response =>
  new Response(message, { status, headers: { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' } });

/** Pixels and files by address, for every shell: finds whose the address is, and answers faults as statuses. */
export const createMedia =
  (handlers: readonly MediaHandler[], log: Log) =>
  async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith(MEDIA_BASE)) return said(404, 'There is nothing here.');
    let segments: string[];
    try {
      segments = pathname.slice(MEDIA_BASE.length).split('/').map(decodeURIComponent);
    } catch {
      return said(400, 'The address is malformed.');
    }
    if (segments.some((segment) => segment === '' || segment === '.' || segment === '..' || segment.includes('\0'))) {
      return said(400, 'The address is malformed.');
    }
    try {
      for (const handler of handlers) {
        const answer = handler(request, segments);
        if (answer === null) continue;
        const response = await answer;
        for (const [name, value] of Object.entries(HEADERS)) response.headers.set(name, value);
        return response;
      }
      return said(404, 'There is nothing here.');
    } catch (error) {
      if (error instanceof Fault) return said(STATUS[error.code], error.message);
      log.error('a media address failed', error, { kind: segments[0] });
      return said(500, 'Something went wrong here; the log says more.');
    }
  };
