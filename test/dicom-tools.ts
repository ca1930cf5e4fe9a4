/** Other people's readers of DICOM, asked for their opinion where a machine has them. */
import { spawnSync } from 'node:child_process';

/** A Python that has highdicom: SIGHTLINE_PYTHON, or the one on the path; null where there is none. */
export const pythonWithHighdicom = (): string | null =>
  [process.env.SIGHTLINE_PYTHON, 'python3', 'python'].find(
    (program) => program && spawnSync(program, ['-c', 'import highdicom']).status === 0,
  ) ?? null;

/** Lines of dciodvfy (dicom3tools) that begin with Error; null where it is not installed. */
export const dciodvfyErrors = (path: string): string[] | null => {
  const { stdout, stderr, error } = spawnSync('dciodvfy', [path], { encoding: 'utf8' });
  if (error) return null;
  return `${stdout}\n${stderr}`.split('\n').filter((line) => /^\s*Error/.test(line));
};
