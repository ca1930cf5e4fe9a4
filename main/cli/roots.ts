import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Fault } from '../../preload/contract/index.ts';

/** --root name=/folder, any number of times: the folders that the window may import from. */
export const rootsOf = (given: unknown): Record<string, string> => {
  const roots: Record<string, string> = {};
  for (const entry of Array.isArray(given) ? given : []) {
    const [, name, folder] = /^([^=/\\]{1,64})=(.+)$/.exec(String(entry)) ?? [];
    if (!name || !folder) throw new Fault('invalid', '--root wants name=folder.');
    const path = resolve(folder);
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
      throw new Fault('invalid', `--root ${name}: there is no such folder.`);
    if (Object.hasOwn(roots, name)) throw new Fault('invalid', `--root ${name} is given twice.`);
    roots[name] = path;
  }
  return roots;
};
