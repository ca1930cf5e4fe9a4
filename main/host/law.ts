import type { IncomingMessage } from 'node:http';

/** Which requests are heard at all, before cookies are looked at. Answers why not, or null. */
export const refusal = (request: IncomingMessage, port: number): string | null => {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { host, origin } = request.headers;
  // A name that was made to point here (DNS rebinding) comes with its own Host.
  if (host === undefined || !hosts.includes(host)) return 'wrong host';
  if (request.headersDistinct.host?.length !== 1) return 'wrong host';
  if (origin !== undefined && origin !== `http://${host}`) return 'other origin';
  const changes = request.method !== 'GET' && request.method !== 'HEAD';
  const upgrade = request.headers.upgrade !== undefined;
  if ((changes || upgrade) && origin === undefined) return 'no origin';
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    // A link or the opening file leads here from elsewhere: the start page alone may be shown, and it has no data.
    const navigation =
      request.headers['sec-fetch-mode'] === 'navigate' && request.headers['sec-fetch-dest'] === 'document';
    if (!(navigation && !changes && request.url === '/')) return 'other site';
  }
  return null;
};
