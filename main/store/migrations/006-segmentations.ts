import type { Migration } from './index.ts';

/**
 * Segmentations that the reader edits: a file with all slices at one edit, and the edits since, which are never changed.
 * An edit names the one it was made on, so that undo and redo are steps between rows. No foreign key to the study: the
 * domain deletes its rows inside the transaction that removes the study.
 */
export const segmentations: Migration = {
  number: 6,
  name: 'segmentations',
  up: (db) => {
    db.exec(`
      CREATE TABLE segmentation (
        id TEXT PRIMARY KEY,
        study_id TEXT NOT NULL,
        series_id TEXT NOT NULL,
        title TEXT NOT NULL,
        source TEXT,                  -- JSON: id and title of the overlay it was copied from
        family TEXT NOT NULL,
        dims TEXT NOT NULL,           -- JSON: [columns, rows, slices]
        frames TEXT NOT NULL,         -- JSON: [instance UID, frame number] of each slice
        start TEXT NOT NULL,          -- JSON: the segments before the first edit
        created_at TEXT NOT NULL,
        changed_at TEXT NOT NULL,
        file TEXT NOT NULL,           -- below the store's segmentations folder
        file_edit TEXT,               -- the edit whose labels the file holds; null: none
        current TEXT,                 -- the last edit that is done; null: none
        measured TEXT NOT NULL,       -- JSON: voxels and bounds by label
        measured_edit TEXT
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX segmentation_study ON segmentation (study_id, created_at);

      CREATE TABLE segmentation_edit (
        number INTEGER PRIMARY KEY,
        segmentation_id TEXT NOT NULL REFERENCES segmentation (id) ON DELETE CASCADE,
        id TEXT NOT NULL,
        parent TEXT,
        at TEXT NOT NULL,
        title TEXT NOT NULL,
        segments TEXT,                -- JSON: the segments after it; null where it left them
        bytes INTEGER NOT NULL,
        difference BLOB,              -- deflated; null where there is none, or it lies in a file
        file TEXT,
        UNIQUE (segmentation_id, id)
      ) STRICT;

      CREATE TABLE segment_review (
        overlay_id TEXT NOT NULL,
        value INTEGER NOT NULL,
        study_id TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('not-started', 'in-progress', 'complete', 'flagged')),
        locked INTEGER NOT NULL,
        PRIMARY KEY (overlay_id, value)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX segment_review_study ON segment_review (study_id);
    `);
  },
};
