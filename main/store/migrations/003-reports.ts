import type { Migration } from './index.ts';

export const reports: Migration = {
  number: 3,
  name: 'reports',
  up: (db) => {
    db.exec(``);
  },
};
