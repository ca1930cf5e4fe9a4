import { Fault } from '../../preload/contract/index.ts';
import type { SeriesPlan } from './images.ts';

const SOURCE_MISSING = 'The source file is missing or has changed since it was imported.';
export const sourceMissing = (plan: SeriesPlan): Fault =>
  new Fault('refused', SOURCE_MISSING, { seriesId: plan.images.seriesId, sourceMissing: true });

/** Errors of the file system in words; the code decides, the message (which names a path) stays here. */
export const diskFault = (error: unknown): Fault => {
  if (error instanceof Fault) return error;
  const code = String((error as { code?: unknown } | null)?.code ?? '');
  if (code === 'ENOSPC' || code === 'EDQUOT') return new Fault('refused', 'The disk of the store is full.', { code });
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM')
    return new Fault('refused', 'The folder of the store cannot be written.', { code });
  return new Fault('internal', 'Writing to the store failed.', { code });
};
