/** The Cornerstone3D page in a browser of its own, its files served from memory. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { chromium } from 'playwright-core';
import { findChromium, HOW_TO_GET, launchFlags } from '../chromium.ts';
import type { Peer } from './cornerstone/page.ts';

const HERE = import.meta.dirname;
const BUILT = join(HERE, '../../.build/cornerstone-page');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
};

export const buildPage = async (): Promise<void> => {
  const { build } = await import('vite');
  await build({ configFile: join(HERE, 'cornerstone/vite.config.ts'), configLoader: 'native', logLevel: 'silent' });
};

const serveFromMemory = async (paths: readonly string[]): Promise<{ origin: string; close: () => void }> => {
  const files = new Map<string, { bytes: Buffer; type: string }>();
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const name = path === '/' ? '/index.html' : path;
    const place = join(BUILT, name);
    if (!files.has(name) && !name.includes('..') && existsSync(place))
      files.set(name, { bytes: readFileSync(place), type: TYPES[extname(name)] ?? 'application/octet-stream' });
    const file = files.get(name);
    if (!file) return response.writeHead(404).end();
    response.writeHead(200, {
      'content-type': file.type,
      'content-length': file.bytes.length,
      'cache-control': 'no-store',
    });
    response.end(file.bytes);
  });
  for (const [n, path] of paths.entries())
    files.set(`/dicom/${n}.dcm`, { bytes: readFileSync(path), type: 'application/dicom' });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};

export const startPeer = async (
  paths: readonly string[],
  size: readonly [number, number],
  flags: readonly string[] = [],
) => {
  const executablePath = findChromium();
  if (!executablePath) throw new Error(HOW_TO_GET);
  const server = await serveFromMemory(paths);
  const browser = await chromium.launch({ executablePath, args: [...launchFlags(), ...flags], headless: true });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(120_000);
  const addresses = paths.map((_, n) => `${server.origin}/dicom/${n}.dcm`);
  return {
    /** In a new window: what the last one held is gone. */
    open: async (before: () => void = () => {}): Promise<{ firstMs: number; allMs: number }> => {
      await page.goto(server.origin);
      await page.waitForFunction(() => 'peer' in window);
      await page.evaluate((wanted) => (window as unknown as { peer: Peer }).peer.start(wanted), size);
      await page.waitForTimeout(500);
      before();
      return page.evaluate(([ids, first]) => (window as unknown as { peer: Peer }).peer.open(ids, first), [
        addresses,
        Math.floor(addresses.length / 2),
      ] as const);
    },
    window: (low: number, high: number): Promise<void> =>
      page.evaluate(([a, b]) => (window as unknown as { peer: Peer }).peer.window(a, b), [low, high] as const),
    overlay: (balls: readonly (readonly [number, number, number])[]): Promise<void> =>
      page.evaluate(
        (shown) => (window as unknown as { peer: Peer }).peer.overlay({ columns: 512, balls: shown }),
        balls,
      ),
    canvasAt: (index: number): Promise<{ canvas: string; stored: string }> =>
      page.evaluate(async (wanted) => {
        const { peer } = window as unknown as { peer: Peer };
        await peer.step(wanted - peer.index());
        return { canvas: peer.canvas(), stored: await peer.stored(wanted) };
      }, index),
    /** Milliseconds of each step. */
    scroll: (steps: number): Promise<number[]> =>
      page.evaluate(async (count) => {
        const { peer } = window as unknown as { peer: Peer };
        const times: number[] = [];
        let by = 1;
        for (let n = 0; n < count; n++) {
          if (n % 100 === 99) by = -by;
          const from = performance.now();
          await peer.step(by);
          times.push(performance.now() - from);
        }
        return times;
      }, steps),
    close: async (): Promise<void> => {
      await browser.close();
      server.close();
    },
  };
};
