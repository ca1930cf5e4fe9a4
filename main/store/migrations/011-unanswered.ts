import type { Migration } from './index.ts';

/** What a run could not say of its series: a draft must not tell these findings to be absent. */
export const unanswered: Migration = {
  number: 11,
  name: 'unanswered findings',
  up(db) {
    // JSON: keys of the package's labels
    db.exec(`ALTER TABLE model_runs ADD COLUMN unanswered TEXT NOT NULL DEFAULT '[]'`);
  },
};
