/** Words that the window and its shell share: where things are, and what the preload passes on. */

/** GET: 204 with a valid session, 401 without. POST { token }: exchanges the one-time token for the session's cookie. */
export const SESSION_PATH = '/session';
/** The WebSocket of the contract, in the host. */
export const LINE_PATH = '/line';
/** What media.ts addresses are below, in both shells. */
export const MEDIA_BASE = '/media/';
/** GET in the host, without a session: { state: 'building' | 'ready' | 'failed', step }. */
export const START_PATH = '/start';
/** The address of the window in Electron. */
export const APP_ORIGIN = 'app://sightline';

/** Posted by the page: it wants a line. */
export const PAGE_ASKS = 'sightline:line-please';
/** Posted by the preload with one MessagePort. */
export const PAGE_GETS = 'sightline:line';
/** Posted by the preload: the backend has ended; ask again. */
export const LINE_GONE = 'sightline:gone';
