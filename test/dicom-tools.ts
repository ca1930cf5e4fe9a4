/** Other people's readers of DICOM, asked for their opinion where a machine has them. */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';

/** A Python that has highdicom: SIGHTLINE_PYTHON, the one on the path, or one in a place of its own; null where there is none. */
export const pythonWithHighdicom = (): string | null =>
  [process.env.SIGHTLINE_PYTHON, 'python3', 'python', ...globSync('/opt/*/bin/python3')].find(
    (program) => program && spawnSync(program, ['-c', 'import highdicom']).status === 0,
  ) ?? null;

/** Lines of dciodvfy (dicom3tools) that begin with Error; null where it is not installed. */
export const dciodvfyErrors = (path: string): string[] | null => {
  const { stdout, stderr, error } = spawnSync('dciodvfy', [path], { encoding: 'utf8' });
  if (error) return null;
  return `${stdout}\n${stderr}`.split('\n').filter((line) => /^\s*Error/.test(line));
};
