import type { Migration } from './index.ts';

/**
 * Key images and presentations. Every change of a key image is a version of its own and none is ever overwritten; a
 * presentation is kept as it was made until it is removed.
 */
export const keyImages: Migration = {
  number: 10,
  name: 'key images and presentations',
  up: (db) => {
    db.exec(`
      CREATE TABLE key_image (
        id TEXT PRIMARY KEY,
        study_id TEXT NOT NULL,
        series_id TEXT NOT NULL,
        instance_uid TEXT NOT NULL,
        frame_number INTEGER NOT NULL,
        UNIQUE (study_id, series_id, instance_uid, frame_number)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE key_image_version (
        key_image_id TEXT NOT NULL REFERENCES key_image (id) ON DELETE CASCADE,
        revision INTEGER NOT NULL,
        reader TEXT NOT NULL,         -- pseudonym
        at TEXT NOT NULL,
        note TEXT,                    -- null where it is key no more
        PRIMARY KEY (key_image_id, revision)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE presentation (
        id TEXT PRIMARY KEY,
        study_id TEXT NOT NULL,
        series_id TEXT NOT NULL,
        reader TEXT NOT NULL,         -- pseudonym
        at TEXT NOT NULL,
        removed INTEGER NOT NULL DEFAULT 0,
        body TEXT NOT NULL            -- JSON: Presentation
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX presentation_study ON presentation (study_id);
    `);
  },
};
