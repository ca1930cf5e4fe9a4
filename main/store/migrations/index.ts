import type { DatabaseSync } from 'node:sqlite';
import { studies } from './001-studies.ts';
import { inference } from './002-inference.ts';
import { reports } from './003-reports.ts';
import { knowledge } from './004-knowledge.ts';
import { exports } from './005-exports.ts';
import { segmentations } from './006-segmentations.ts';
import { measurements } from './007-measurements.ts';
import { labelMaps } from './008-label-maps.ts';
import { seriesParts } from './009-series-parts.ts';
import { keyImages } from './010-key-images.ts';
import { unanswered } from './011-unanswered.ts';

export interface Migration {
  readonly number: number;
  readonly name: string;
  /** Runs inside a transaction. */
  up(db: DatabaseSync): void;
}

/** In order; a landed migration is never changed, a new one is added. */
export const migrations: readonly Migration[] = [
  studies,
  inference,
  reports,
  knowledge,
  exports,
  segmentations,
  measurements,
  labelMaps,
  seriesParts,
  keyImages,
  unanswered,
];
