import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chooseShell, type Machine } from './choose-shell.ts';

const machine = (change: Partial<Machine>): Machine => ({
  platform: 'linux',
  root: false,
  display: true,
  binary: () => null,
  reachable: async () => false,
  download: async () => false,
  ...change,
});
const untouched: Partial<Machine> = {
  reachable: async () => assert.fail('nothing is fetched here'),
  download: async () => assert.fail('nothing is fetched here'),
};

describe('which shell is opened', () => {
  it('is Electron where its binary is installed', async () => {
    const choice = await chooseShell(machine({ ...untouched, binary: () => '/e' }), () => {});
    assert.deepEqual([choice.shell, choice.shell === 'electron' && choice.binary], ['electron', '/e']);
  });
  it('is the host without a display or as root, and nothing is fetched', async () => {
    const none = await chooseShell(machine({ ...untouched, display: false, binary: () => '/e' }), () => {});
    assert.match(none.why, /host: there is no display/);
    const root = await chooseShell(machine({ ...untouched, root: true, binary: () => '/e' }), () => {});
    assert.equal(root.shell, 'host');
  });
  it('is the host after one try that does not connect', async () => {
    let tries = 0;
    const choice = await chooseShell(
      machine({
        reachable: async (limitMs) => {
          tries += 1;
          assert.ok(limitMs <= 5000);
          return false;
        },
        download: async () => assert.fail('not reachable'),
      }),
      () => {},
    );
    assert.deepEqual([choice.shell, tries], ['host', 1]);
  });
  it('is Electron where the binary can be had, and the host where the download breaks off', async () => {
    let there = false;
    const can = machine({
      reachable: async () => true,
      binary: () => (there ? '/e' : null),
      download: async () => {
        there = true;
        return true;
      },
    });
    assert.equal((await chooseShell(can, () => {})).shell, 'electron');
    assert.equal((await chooseShell(machine({ reachable: async () => true }), () => {})).shell, 'host');
  });
});
