import { readFile, stat } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';

/** What the window may load and run: its own files, WebAssembly, pixels that it made itself. Nothing inline. */
const contentSecurityPolicy = (sockets: readonly string[]): string =>
  [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "font-src 'self'",
    ["connect-src 'self'", ...sockets].join(' '),
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

/** Said with every answer, page or pixels. */
export const COMMON_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=()',
  'x-frame-options': 'DENY',
} as const;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.txt': 'text/plain; charset=utf-8',
};

/** The window's own files from one folder; null for what is not there. No patient's data is among them. */
export const createPage =
  (folder: string, sockets: readonly string[]) =>
  async (pathname: string): Promise<Response | null> => {
    let path: string;
    try {
      path = normalize(decodeURIComponent(pathname === '/' ? '/index.html' : pathname));
    } catch {
      return null;
    }
    if (path.includes('\0') || path.split(sep).includes('..')) return null;
    const type = TYPES[extname(path)];
    if (!type) return null;
    const file = join(folder, path);
    if (!(await stat(file).catch(() => null))?.isFile()) return null;
    return new Response(new Uint8Array(await readFile(file)), {
      headers: {
        ...COMMON_HEADERS,
        'content-type': type,
        'content-security-policy': contentSecurityPolicy(sockets),
        // Names under assets/ carry a hash of their content.
        'cache-control': path.startsWith(`${sep}assets${sep}`) ? 'private, max-age=31536000, immutable' : 'no-cache',
      },
    });
  };
