import type { Migration } from './index.ts';

/**
 * Reports, ratings and settings. A report is its start and the log of what the reader did: nothing in the log is ever
 * changed. No foreign key to the study: the domain deletes its rows inside the transaction that removes the study.
 */
export const reports: Migration = {
  number: 3,
  name: 'reports',
  up: (db) => {
    db.exec(`
      CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

      CREATE TABLE reader (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        name TEXT NOT NULL,
        pseudonym TEXT NOT NULL
      ) STRICT;

      -- What was done once and must not be done again: the window repeats a command whose answer it did not get.
      CREATE TABLE operation (
        op_id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        study_id TEXT,
        at TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX operation_study ON operation (study_id);
      CREATE INDEX operation_subject ON operation (subject, kind);

      CREATE TABLE report (
        id TEXT PRIMARY KEY,
        study_id TEXT NOT NULL,
        draft_id TEXT,
        start TEXT NOT NULL,          -- JSON: the sentences as it was begun
        state TEXT NOT NULL CHECK (state IN ('draft', 'preliminary', 'final')),
        revision INTEGER NOT NULL,
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL,
        replaced_at TEXT,             -- set where another was begun in its place
        signed TEXT,                  -- JSON: the sentences as they were signed
        signed_by TEXT,
        signed_at TEXT,
        hash TEXT,
        history_hash TEXT
      ) STRICT, WITHOUT ROWID;
      CREATE UNIQUE INDEX report_current ON report (study_id) WHERE replaced_at IS NULL;
      CREATE INDEX report_study ON report (study_id);

      CREATE TABLE report_edit (
        report_id TEXT NOT NULL REFERENCES report (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        at TEXT NOT NULL,
        edit TEXT NOT NULL,           -- JSON: ReportEdit
        PRIMARY KEY (report_id, position)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE report_addendum (
        report_id TEXT NOT NULL REFERENCES report (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        id TEXT NOT NULL UNIQUE,
        text TEXT NOT NULL,
        signed_by TEXT NOT NULL,
        signed_at TEXT NOT NULL,
        hash TEXT NOT NULL,
        previous_hash TEXT NOT NULL,
        PRIMARY KEY (report_id, position)
      ) STRICT, WITHOUT ROWID;

      -- Signed reports that knowledge has not taken in yet; written with the signature, deleted when taken in.
      CREATE TABLE report_outbox (
        report_id TEXT PRIMARY KEY REFERENCES report (id) ON DELETE CASCADE,
        revision INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE rating (
        draft_id TEXT NOT NULL,
        rater TEXT NOT NULL,
        study_id TEXT NOT NULL,
        score INTEGER CHECK (score BETWEEN 1 AND 5),
        comment TEXT NOT NULL,
        recipe TEXT NOT NULL,         -- JSON: DraftRecipe of the rated draft
        rated_at TEXT NOT NULL,
        PRIMARY KEY (draft_id, rater)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX rating_study ON rating (study_id);

      CREATE TABLE rating_sentence (
        draft_id TEXT NOT NULL,
        rater TEXT NOT NULL,
        sentence_id TEXT NOT NULL,
        verdict TEXT NOT NULL CHECK (verdict IN ('right', 'wrong', 'unsure')),
        category TEXT,
        significant INTEGER,
        rated_at TEXT NOT NULL,
        PRIMARY KEY (draft_id, rater, sentence_id),
        FOREIGN KEY (draft_id, rater) REFERENCES rating (draft_id, rater) ON DELETE CASCADE
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE comparison (
        id TEXT PRIMARY KEY,
        study_id TEXT NOT NULL,
        rater TEXT NOT NULL,
        left_draft TEXT NOT NULL,
        right_draft TEXT NOT NULL,
        earlier_on_left INTEGER NOT NULL,
        pair TEXT NOT NULL,           -- both texts' hashes, sorted: the same pair is never offered twice
        recipes TEXT NOT NULL,        -- JSON: [left, right]
        made INTEGER NOT NULL,        -- number in the rater's history, for the balance of sides
        created_at TEXT NOT NULL,
        choice TEXT CHECK (choice IN ('left', 'right', 'tie', 'both-bad')),
        decided_at TEXT,
        UNIQUE (rater, study_id, pair),
        UNIQUE (rater, made)
      ) STRICT;
      CREATE UNIQUE INDEX comparison_open ON comparison (study_id, rater) WHERE choice IS NULL;
    `);
  },
};
