import type { Migration } from './index.ts';

/** A label map that came before its images is shown as images of its own, and known for what it is until they come. */
export const labelMaps: Migration = {
  number: 8,
  name: 'label maps',
  up: (db) => {
    db.exec('ALTER TABLE series ADD COLUMN label_map INTEGER NOT NULL DEFAULT 0');
  },
};
