import type { Migration } from './index.ts';

export const inference: Migration = {
  number: 2,
  name: 'inference',
  up: (db) => {
    db.exec(`
      -- The last complete run of a package on a series: its findings and marks are those of this version and pixels.
      CREATE TABLE model_runs (
        series_id TEXT NOT NULL,
        package TEXT NOT NULL,
        version TEXT NOT NULL,
        pixel_tag TEXT NOT NULL,
        study_id TEXT NOT NULL,
        job_id TEXT NOT NULL,
        provider TEXT NOT NULL,
        remarks TEXT NOT NULL,
        ended_at TEXT NOT NULL,
        PRIMARY KEY (series_id, package)
      ) STRICT;
      CREATE INDEX model_runs_study ON model_runs (study_id);
      CREATE TABLE model_findings (
        id TEXT PRIMARY KEY,
        study_id TEXT NOT NULL,
        series_id TEXT NOT NULL,
        package TEXT NOT NULL,
        position INTEGER NOT NULL,
        finding TEXT NOT NULL
      ) STRICT;
      CREATE INDEX model_findings_study ON model_findings (study_id, series_id, package, position);
    `);
  },
};
