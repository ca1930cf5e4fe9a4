import type { Migration } from './index.ts';

/**
 * What readers measured. Every change is a version of its own and none is ever overwritten: where the last one could not be
 * read, the one before it still can.
 */
export const measurements: Migration = {
  number: 7,
  name: 'measurements',
  up: (db) => {
    db.exec(`
      CREATE TABLE measurement (
        id TEXT PRIMARY KEY,
        study_id TEXT NOT NULL,
        series_id TEXT NOT NULL,
        tracking_uid TEXT NOT NULL UNIQUE,
        reader TEXT NOT NULL,         -- pseudonym
        created_at TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX measurement_study ON measurement (study_id);

      CREATE TABLE measurement_version (
        measurement_id TEXT NOT NULL REFERENCES measurement (id) ON DELETE CASCADE,
        revision INTEGER NOT NULL,
        reader TEXT NOT NULL,         -- who made this change
        at TEXT NOT NULL,
        body TEXT,                    -- JSON: MeasurementDraft; null where it was removed
        PRIMARY KEY (measurement_id, revision)
      ) STRICT, WITHOUT ROWID;
    `);
  },
};
