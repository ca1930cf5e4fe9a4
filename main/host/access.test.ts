import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAccess } from './access.ts';
import { ownerIn } from './peer.ts';

describe('tokens and sessions', () => {
  const cookieOf = (header: string | null): string => header?.split(';')[0] ?? '';

  it('last as long as they should and no longer', () => {
    let now = 0;
    const access = createAccess(7000, () => now);
    const late = access.newToken();
    now += 15 * 60_000 + 1;
    assert.equal(access.exchange(late), null, 'a token of a quarter of an hour ago');
    const cookie = cookieOf(access.exchange(access.newToken()));
    assert.ok(access.allowed(cookie));
    assert.ok(access.allowed(`other=1; ${cookie}; more=2`));
    now += 7 * 24 * 3_600_000 + 1;
    assert.ok(!access.allowed(cookie), 'a session of last week');
  });

  it('belong to one host: another port has another cookie', () => {
    const here = createAccess(7000, () => 0);
    const cookie = cookieOf(here.exchange(here.newToken()));
    assert.ok(!createAccess(7001, () => 0).allowed(cookie));
    assert.ok(!createAccess(7000, () => 0).allowed(cookie), 'a restart on the same port');
  });

  it('are bounded in number: the oldest session goes', () => {
    const access = createAccess(7000, () => 0);
    const cookies = Array.from({ length: 40 }, () => cookieOf(access.exchange(access.newToken())));
    assert.ok(!access.allowed(cookies[0]));
    assert.ok(access.allowed(cookies[39]));
  });
});

describe('the owner of a connection', () => {
  const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
  const row = (local: string, remote: string, uid: number): string =>
    `   0: ${local} ${remote} 01 00000000:00000000 00:00000000 00000000 ${String(uid).padStart(5)}        0 12345 1\n`;

  it('is read from the other end’s line', () => {
    const table =
      HEAD +
      row('0100007F:1B58', '0100007F:C350', 0) +
      row('0100007F:C350', '0100007F:1B58', 1001) +
      row('0100007F:C351', '0100007F:1B58', 7);
    assert.equal(ownerIn(table, 50_000, 7000), 1001);
    assert.equal(ownerIn(table, 50_001, 7000), 7);
  });

  it('is read for an IPv4 connection from an IPv6 socket', () => {
    const mapped = '0000000000000000FFFF00000100007F';
    assert.equal(ownerIn(HEAD + row(`${mapped}:C350`, `${mapped}:1B58`, 42), 50_000, 7000), 42);
  });

  it('is not known where no line is that connection’s', () => {
    assert.equal(ownerIn(HEAD + row('0200A8C0:C350', '0100007F:1B58', 1), 50_000, 7000), null);
    assert.equal(ownerIn('', 50_000, 7000), null);
  });
});
