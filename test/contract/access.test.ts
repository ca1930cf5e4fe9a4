import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { type Host, startHost } from '../../main/host/index.ts';
import { createMedia } from '../../main/media.ts';
import { media } from '../../preload/contract/index.ts';
import { LINE_PATH, MEDIA_BASE, SESSION_PATH, START_PATH } from '../../preload/contract/shell.ts';
import { sessionOf, silent } from './bindings.ts';
import { scripted } from './handlers.ts';

const SECRET = 'Doe^Jane pixels';
const PAGE_TEXT = 'the window itself';

/** A request as any program on the machine can make it: every header is free. */
const ask = (
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status: number; headers: http.IncomingHttpHeaders; body: string }> =>
  new Promise((resolve, reject) => {
    const request = http.request(
      { host: '127.0.0.1', port, path, method: options.method ?? 'GET', headers: options.headers ?? {} },
      (answer) => {
        let body = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => {
          body += chunk;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
      },
    );
    request.on('error', reject);
    request.end(options.body);
  });

/** How a socket's opening ends: 'open' or the status that refused it. */
const knock = (port: number, headers: Record<string, string>, path = LINE_PATH): Promise<string> =>
  new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
    socket.on('open', () => {
      socket.terminate();
      resolve('open');
    });
    socket.on('unexpected-response', (_request, answer) => resolve(String(answer.statusCode)));
    socket.on('error', () => {});
  });

describe('who the host lets in', () => {
  let host: Host;
  let folder = '';
  let origin = '';
  const reached: string[] = [];
  const begin = async (): Promise<Host> => {
    const started = await startHost({ port: 0, page: folder, log: silent });
    started.ready({
      handlers: scripted().handlers,
      media: createMedia(
        [
          async (request) => {
            reached.push(`${request.method} ${new URL(request.url).pathname} ${request.headers.get('cookie') ?? ''}`);
            return new Response(SECRET, { headers: { 'content-type': 'application/octet-stream' } });
          },
        ],
        silent,
      ),
    });
    return started;
  };
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sightline-window-'));
    writeFileSync(join(folder, 'index.html'), PAGE_TEXT);
    host = await begin();
    origin = `http://127.0.0.1:${host.port}`;
  });
  after(async () => {
    await host.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Every place that holds something of the patient's or of the window. */
  const everywhere = async (port: number, headers: Record<string, string>): Promise<void> => {
    reached.length = 0;
    const places = [
      { path: '/', method: 'GET' },
      { path: '/index.html', method: 'GET' },
      { path: START_PATH, method: 'GET' },
      { path: MEDIA_BASE + media.pixels('s', 't', 0, 1), method: 'GET' },
      { path: MEDIA_BASE + media.thumbnail('s'), method: 'GET' },
      { path: MEDIA_BASE + media.report('r', 'pdf'), method: 'GET' },
      { path: MEDIA_BASE + media.exported('e', 'a.jsonl'), method: 'GET' },
      { path: MEDIA_BASE + media.upload('u', 0), method: 'PUT' },
    ];
    for (const { path, method } of places) {
      const answer = await ask(port, path, { method, headers, ...(method === 'PUT' ? { body: 'x' } : {}) });
      assert.ok(!answer.body.includes(SECRET) && !answer.body.includes(PAGE_TEXT), `${method} ${path}`);
      if (path !== '/')
        assert.ok(answer.status === 401 || answer.status === 403, `${method} ${path}: ${answer.status}`);
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
    }
    assert.match(await knock(port, headers), /^40[13]$/);
    assert.deepEqual(reached, [], 'nothing reached the backend');
  };

  it('lets a window with a session in everywhere', async () => {
    const headers = { cookie: await sessionOf(host), origin };
    assert.equal((await ask(host.port, '/', { headers })).body, PAGE_TEXT);
    assert.equal((await ask(host.port, MEDIA_BASE + media.thumbnail('s'), { headers })).body, SECRET);
    assert.equal((await ask(host.port, MEDIA_BASE + media.upload('u', 0), { headers, method: 'PUT' })).status, 200);
    assert.equal(await knock(host.port, headers), 'open');
    assert.ok(!reached.join().includes('sightline_'), 'the cookie goes no further than the host');
  });

  it('gives nothing without a cookie, with a made-up one, or with a token in its place', async () => {
    await everywhere(host.port, { origin });
    await everywhere(host.port, { origin, cookie: `sightline_${host.port}=${'A'.repeat(43)}` });
    await everywhere(host.port, { origin, cookie: `sightline_${host.port}=` });
    const token = new URLSearchParams(new URL(host.newAddress()).hash.slice(1)).get('token');
    await everywhere(host.port, { origin, cookie: `sightline_${host.port}=${token}` });
  });

  it('gives nothing to another origin, cookie or not', async () => {
    const cookie = await sessionOf(host);
    for (const other of ['http://evil.example', 'null', `https://127.0.0.1:${host.port}`, 'http://127.0.0.1:1']) {
      await everywhere(host.port, { cookie, origin: other });
    }
    await everywhere(host.port, { cookie, origin, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' });
    await everywhere(host.port, { cookie, origin, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' });
  });

  it('gives nothing to a request that changes something and does not say where it comes from', async () => {
    const cookie = await sessionOf(host);
    reached.length = 0;
    const put = await ask(host.port, MEDIA_BASE + media.upload('u', 0), {
      method: 'PUT',
      headers: { cookie },
      body: 'x',
    });
    assert.equal(put.status, 403);
    assert.equal(await knock(host.port, { cookie }), '403');
    assert.deepEqual(reached, []);
  });

  it('gives nothing under a wrong Host', async () => {
    const cookie = await sessionOf(host);
    for (const name of [
      'evil.example',
      `evil.example:${host.port}`,
      '127.0.0.1',
      'localhost',
      `127.0.0.1:${host.port}.evil.example`,
    ]) {
      await everywhere(host.port, { cookie, host: name, origin: `http://${name}` });
      await everywhere(host.port, { cookie, host: name, origin });
    }
  });

  it('exchanges a token once, and no other text', async () => {
    const exchange = (body: string, headers: Record<string, string> = { origin }) =>
      ask(host.port, SESSION_PATH, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      });
    const token = new URLSearchParams(new URL(host.newAddress()).hash.slice(1)).get('token');
    const body = JSON.stringify({ token });
    assert.equal((await exchange(body, {})).status, 403);
    assert.equal((await exchange(body, { origin: 'http://evil.example' })).status, 403);
    const good = await exchange(body);
    assert.equal(good.status, 204);
    const [cookie = ''] = good.headers['set-cookie'] ?? [];
    assert.match(cookie, /; HttpOnly; SameSite=Strict; Path=\//);
    assert.ok(!cookie.includes(String(token)));
    assert.equal((await exchange(body)).status, 401, 'a second time');
    for (const wrong of ['', '{}', 'null', '[]', '{"token":5}', '{"token":""}', `{"token":"${'A'.repeat(43)}"}`, '{']) {
      assert.ok([400, 401].includes((await exchange(wrong)).status), wrong);
    }
    assert.equal((await exchange(JSON.stringify({ token: 'A'.repeat(5000) }))).status, 413);
  });

  it('gives nothing for what was good before a restart', async () => {
    const cookie = await sessionOf(host);
    const address = new URL(host.newAddress());
    const token = new URLSearchParams(address.hash.slice(1)).get('token');
    const second = await begin();
    try {
      const moved = cookie.replace(`sightline_${host.port}`, `sightline_${second.port}`);
      await everywhere(second.port, { cookie: moved, origin: `http://127.0.0.1:${second.port}` });
      const late = await ask(second.port, SESSION_PATH, {
        method: 'POST',
        headers: { origin: `http://127.0.0.1:${second.port}` },
        body: JSON.stringify({ token }),
      });
      assert.equal(late.status, 401);
    } finally {
      await second.close();
    }
  });

  it('serves no file outside its folder', async () => {
    writeFileSync(join(folder, '..', 'sightline-outside.txt'), SECRET);
    const headers = { cookie: await sessionOf(host), origin };
    for (const path of [
      '/../sightline-outside.txt',
      '/%2e%2e/sightline-outside.txt',
      '/..%2fsightline-outside.txt',
      '/start/../../index.ts',
      '/start/%2e%2e/%2e%2e/index.ts',
      '//etc/passwd',
      '/%00',
      '/%',
    ]) {
      const answer = await ask(host.port, path, { headers });
      assert.ok(answer.status >= 400 && !answer.body.includes(SECRET), `${path}: ${answer.status}`);
    }
    rmSync(join(folder, '..', 'sightline-outside.txt'));
  });

  it('says with every answer that it is nobody else’s to read', async () => {
    const headers = { cookie: await sessionOf(host), origin };
    for (const path of ['/', '/nothing', MEDIA_BASE + media.thumbnail('s'), SESSION_PATH]) {
      const answer = await ask(host.port, path, { headers });
      assert.equal(answer.headers['x-content-type-options'], 'nosniff', path);
      assert.equal(answer.headers['cross-origin-resource-policy'], 'same-origin', path);
      assert.equal(answer.headers['referrer-policy'], 'no-referrer', path);
      assert.match(String(answer.headers['cache-control']), /no-store|no-cache/, path);
    }
    const policy = String((await ask(host.port, '/', { headers })).headers['content-security-policy']);
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /script-src 'self' 'wasm-unsafe-eval'(;|$)/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.ok(!/unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')|\*/.test(policy), policy);
  });

  it('says in words that its port is taken', async () => {
    await assert.rejects(startHost({ port: host.port, page: folder, log: silent }), /Port \d+ is not free/);
  });

  it('listens on loopback only', async (t) => {
    const address = Object.values(networkInterfaces())
      .flat()
      .find((one) => one?.family === 'IPv4' && !one.internal)?.address;
    if (!address) return t.skip('this machine has no other address');
    await assert.rejects(
      new Promise((resolve, reject) => {
        http.get({ host: address, port: host.port, timeout: 2000 }, resolve).on('error', reject);
      }),
      { code: 'ECONNREFUSED' },
    );
  });

  it('hangs up on another user of this machine, session or not', async (t) => {
    if (process.platform !== 'linux' || process.getuid?.() !== 0)
      return t.skip('only root can act as another user, and only Linux tells');
    const cookie = await sessionOf(host);
    chmodSync(folder, 0o755);
    // The same request by this user and by another: only the owner of the connection differs.
    const as = (uid: number): Promise<string> =>
      new Promise((resolve) => {
        const script =
          `const s = require('node:net').connect(${host.port}, '127.0.0.1');` +
          `s.on('error', () => {}); s.on('close', () => process.exit(0)); s.pipe(process.stdout);` +
          `s.write('GET / HTTP/1.1\\r\\nHost: 127.0.0.1:${host.port}\\r\\nCookie: ${cookie}\\r\\nConnection: close\\r\\n\\r\\n');`;
        const child = spawn(process.execPath, ['-e', script], {
          uid,
          gid: uid,
          cwd: '/',
          stdio: ['ignore', 'pipe', 'ignore'],
        });
        let out = '';
        child.stdout?.on('data', (chunk: Buffer) => {
          out += chunk.toString('utf8');
        });
        child.on('error', () => resolve('could not run'));
        child.on('exit', () => resolve(out));
      });
    const mine = await as(0);
    assert.ok(mine.includes(PAGE_TEXT), mine);
    assert.equal(await as(65_534), '');
  });
});
