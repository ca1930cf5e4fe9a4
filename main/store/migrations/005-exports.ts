import type { Migration } from './index.ts';

export const exports: Migration = {
  number: 5,
  name: 'exports',
  up: (db) => {
    db.exec(``);
  },
};
