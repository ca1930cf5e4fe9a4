import type { Migration } from './index.ts';

/** Reports that can be searched, what the reader said of priors, and drafts. No patient's name: a prior is found by id and birth date. */
export const knowledge: Migration = {
  number: 4,
  name: 'knowledge',
  up: (db) => {
    db.exec(`
      CREATE TABLE knowledge (
        row INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        patient_id TEXT NOT NULL,
        birth_date TEXT,
        date TEXT,
        modality TEXT NOT NULL,
        body_part TEXT NOT NULL,
        indication TEXT NOT NULL,
        findings TEXT NOT NULL,
        impression TEXT NOT NULL,
        study_id TEXT,
        source TEXT NOT NULL,
        -- sha256 over what makes a report the same one: a second import adds nothing
        content_hash TEXT NOT NULL UNIQUE,
        added_at TEXT NOT NULL
      ) STRICT;
      CREATE INDEX knowledge_patient ON knowledge (patient_id) WHERE patient_id <> '';
      CREATE INDEX knowledge_birth ON knowledge (birth_date) WHERE birth_date IS NOT NULL;
      CREATE INDEX knowledge_study ON knowledge (study_id) WHERE study_id IS NOT NULL;

      CREATE VIRTUAL TABLE knowledge_words USING fts5(body, tokenize = 'porter unicode61 remove_diacritics 2');
      INSERT INTO knowledge_words (knowledge_words, rank) VALUES ('secure-delete', 1);

      -- one row a report and encoder version: int8 for the scan, float32 for the last word
      CREATE TABLE knowledge_embedding (
        row INTEGER PRIMARY KEY REFERENCES knowledge (row) ON DELETE CASCADE,
        encoder TEXT NOT NULL,
        vector BLOB NOT NULL
      ) STRICT;

      CREATE TABLE prior_confirmation (
        study_id TEXT NOT NULL,
        knowledge_id TEXT NOT NULL,
        same INTEGER NOT NULL,
        said_at TEXT NOT NULL,
        PRIMARY KEY (study_id, knowledge_id)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE draft (
        id TEXT PRIMARY KEY,
        study_id TEXT NOT NULL,
        created_at TEXT NOT NULL,
        body TEXT NOT NULL
      ) STRICT;
      CREATE INDEX draft_study ON draft (study_id, created_at);
    `);
  },
};
