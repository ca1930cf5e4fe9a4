import { execFileSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge', 'msedge'];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ...[process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA].flatMap((folder) =>
    folder
      ? [
          join(folder, 'Google/Chrome/Application/chrome.exe'),
          join(folder, 'Chromium/Application/chrome.exe'),
          join(folder, 'Microsoft/Edge/Application/msedge.exe'),
        ]
      : [],
  ),
];
/** Where Playwright's own installer puts what it fetches. */
const CACHES = [
  process.env.PLAYWRIGHT_BROWSERS_PATH,
  join(homedir(), '.cache/ms-playwright'),
  join(homedir(), 'Library/Caches/ms-playwright'),
  join(process.env.LOCALAPPDATA ?? homedir(), 'ms-playwright'),
];

export const HOW_TO_GET =
  'No Chromium was found. Any of these will do: apt-get install chromium (Debian), Google Chrome or Microsoft Edge, ' +
  'npx playwright-core install chromium; or name one in the environment variable CHROMIUM.';

/** Any Chromium on this machine, or null. The environment variable CHROMIUM comes first. */
export const findChromium = (): string | null => {
  const named = process.env.CHROMIUM;
  if (named) return existsSync(named) ? named : null;
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .flatMap((folder) => NAMES.map((name) => join(folder, process.platform === 'win32' ? `${name}.exe` : name)));
  const cached = CACHES.filter((folder) => folder !== undefined).flatMap((folder) =>
    globSync('chromium-*/*/{chrome,chrome.exe,Chromium.app/Contents/MacOS/Chromium}', { cwd: folder }).map((path) =>
      join(folder, path),
    ),
  );
  return [...onPath, '/usr/bin/chromium', ...PLACES, ...cached].find((path) => existsSync(path)) ?? null;
};

/** Who draws WebGL where there is no graphics hardware: Chromium's own, or Mesa's llvmpipe. */
export type SoftwareRenderer = 'swiftshader' | 'llvmpipe';
const RENDERERS = {
  swiftshader: ['--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
  llvmpipe: ['--use-angle=gl-egl', '--ignore-gpu-blocklist'],
} as const satisfies Record<SoftwareRenderer, readonly string[]>;

/** Chromium's sandbox needs user namespaces and does not run as root: inside a container it has to go. */
export const launchFlags = (renderer?: SoftwareRenderer): string[] => {
  const flags: string[] = [];
  if (process.getuid?.() === 0 || process.env.CI === 'true') flags.push('--no-sandbox');
  if (renderer !== undefined) return [...flags, ...RENDERERS[renderer]];
  // Mesa's software renderer is two to five times faster than SwiftShader, where its libraries are there.
  if (process.platform === 'linux' && hasMesa()) flags.push(...RENDERERS.llvmpipe);
  return flags;
};

export const hasMesa = (): boolean => {
  try {
    const libraries = execFileSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' });
    return /libEGL_mesa\.so/.test(libraries) && globSync('/usr/lib/*/dri/swrast_dri.so').length > 0;
  } catch {
    return false;
  }
};
