import type { Migration } from './index.ts';

export const studies: Migration = {
  number: 1,
  name: 'studies',
  up: (db) => {
    db.exec(`
      CREATE TABLE studies (
        id TEXT PRIMARY KEY,
        -- Study Instance UID and patient: files that share a UID but name another patient are another study.
        key TEXT NOT NULL UNIQUE,
        uid TEXT NOT NULL,
        patient_name TEXT NOT NULL,
        patient_id TEXT NOT NULL,
        patient_issuer TEXT NOT NULL,
        birth_date TEXT,
        sex TEXT,
        study_date TEXT,
        study_time TEXT,
        accession TEXT NOT NULL,
        description TEXT NOT NULL,
        -- JSON lists, kept with each change of the series.
        modalities TEXT NOT NULL DEFAULT '[]',
        body_parts TEXT NOT NULL DEFAULT '[]',
        series_count INTEGER NOT NULL DEFAULT 0,
        image_count INTEGER NOT NULL DEFAULT 0,
        missing_count INTEGER NOT NULL DEFAULT 0,
        status TEXT NOT NULL DEFAULT 'unread',
        imported_at TEXT NOT NULL,
        -- Name, id, accession, description, folded: lower case, without accents.
        search TEXT NOT NULL,
        name_order TEXT NOT NULL
      ) STRICT;
      CREATE INDEX studies_newest ON studies (study_date DESC, study_time DESC, id);
      CREATE INDEX studies_imported ON studies (imported_at DESC, id);
      CREATE INDEX studies_name ON studies (name_order, id);

      CREATE TABLE series (
        id TEXT PRIMARY KEY,
        study_id TEXT NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
        uid TEXT NOT NULL,
        -- From 0; above it, files whose UIDs are here already with other content.
        variant INTEGER NOT NULL,
        number INTEGER,
        modality TEXT NOT NULL,
        description TEXT NOT NULL,
        body_part TEXT NOT NULL,
        kind TEXT NOT NULL,
        -- JSON of what a NIfTI or picture needs to be read again; null for DICOM.
        form TEXT NOT NULL DEFAULT 'dicom',
        frame_count INTEGER NOT NULL DEFAULT 0,
        missing_count INTEGER NOT NULL DEFAULT 0,
        refused TEXT,
        UNIQUE (study_id, uid, variant)
      ) STRICT;
      CREATE INDEX series_uid ON series (uid);

      CREATE TABLE instances (
        id INTEGER PRIMARY KEY,
        series_id TEXT NOT NULL REFERENCES series (id) ON DELETE CASCADE,
        sop_instance_uid TEXT NOT NULL,
        sop_class_uid TEXT NOT NULL,
        number INTEGER,
        -- Absolute where it lies in place; below the store's files folder where copied.
        path TEXT NOT NULL,
        copied INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        modified_ms REAL NOT NULL,
        fingerprint TEXT NOT NULL,
        frames INTEGER NOT NULL,
        -- JSON of ImageWords; null where there is no image that is shown.
        image TEXT,
        refused TEXT,
        missing INTEGER NOT NULL DEFAULT 0
      ) STRICT;
      CREATE INDEX instances_series ON instances (series_id);
      CREATE INDEX instances_uid ON instances (sop_instance_uid);
      CREATE INDEX instances_path ON instances (path);

      CREATE TABLE imports (
        id TEXT PRIMARY KEY,
        started_at TEXT NOT NULL,
        ended_at TEXT,
        state TEXT NOT NULL,
        copied INTEGER NOT NULL,
        -- Absolute path to read again on resume; null once it has ended well.
        source TEXT,
        imported INTEGER NOT NULL DEFAULT 0,
        already_there INTEGER NOT NULL DEFAULT 0,
        ignored INTEGER NOT NULL DEFAULT 0,
        refused INTEGER NOT NULL DEFAULT 0
      ) STRICT;
      CREATE TABLE import_files (
        import_id TEXT NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
        n INTEGER NOT NULL,
        path TEXT NOT NULL,
        outcome TEXT NOT NULL,
        reason TEXT NOT NULL,
        study_id TEXT,
        PRIMARY KEY (import_id, n)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX import_files_study ON import_files (study_id);

      CREATE TABLE overlays (
        id TEXT PRIMARY KEY,
        series_id TEXT NOT NULL REFERENCES series (id) ON DELETE CASCADE,
        study_id TEXT NOT NULL,
        package TEXT,
        created_at TEXT NOT NULL,
        -- JSON of the contract's Overlay.
        overlay TEXT NOT NULL,
        -- Opaque name below the store's overlays folder; null for boxes.
        file TEXT,
        sha256 TEXT
      ) STRICT;
      CREATE INDEX overlays_study ON overlays (study_id);

      CREATE TABLE view_memory (
        study_id TEXT PRIMARY KEY REFERENCES studies (id) ON DELETE CASCADE,
        view TEXT NOT NULL,
        at TEXT NOT NULL
      ) STRICT;
      -- Files to delete: written with the change that made them useless, so that a crash in between loses none.
      CREATE TABLE file_removals (path TEXT PRIMARY KEY) STRICT;
    `);
  },
};
