import type { Domains } from './backend.ts';
import type { Log } from './outside.ts';

/** On an empty store: makes the demonstration patient, imports it and drafts it, in the background. */
export const ensureDemonstration = async (_domains: Domains, _storeFolder: string, log: Log): Promise<void> => {
  log.info('the demonstration patient is not built yet');
};
