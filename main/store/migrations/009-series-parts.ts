import type { Migration } from './index.ts';

/** A series that holds several volumes is shown as its parts: rows of their own beside it, over the same instances. */
export const seriesParts: Migration = {
  number: 9,
  name: 'parts of series',
  up: (db) => {
    db.exec(`
      -- The series whose instances this row shows a part of; null where they are its own.
      ALTER TABLE series ADD COLUMN base_id TEXT REFERENCES series (id) ON DELETE CASCADE;
      -- Which part it shows, and its name for the reader; '' for all.
      ALTER TABLE series ADD COLUMN part TEXT NOT NULL DEFAULT '';
      ALTER TABLE series ADD COLUMN part_label TEXT NOT NULL DEFAULT '';
      CREATE INDEX series_base ON series (base_id);
    `);
  },
};
