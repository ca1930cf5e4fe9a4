import type { Migration } from './index.ts';

/** Exports as written. Nothing here tells which key in a file stands for which study or rater. */
export const exports: Migration = {
  number: 5,
  name: 'exports',
  up: (db) => {
    db.exec(`
      CREATE TABLE export (
        id TEXT PRIMARY KEY,
        op_id TEXT NOT NULL UNIQUE,
        created_at TEXT NOT NULL,
        format TEXT NOT NULL,
        lines INTEGER NOT NULL,
        files TEXT NOT NULL           -- JSON: paths below the export's folder
      ) STRICT, WITHOUT ROWID;

      -- So that an export goes with a study that is in it.
      CREATE TABLE export_study (
        export_id TEXT NOT NULL REFERENCES export (id) ON DELETE CASCADE,
        study_id TEXT NOT NULL,
        PRIMARY KEY (export_id, study_id)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX export_study_study ON export_study (study_id);
    `);
  },
};
