import type { Migration } from './index.ts';

export const studies: Migration = {
  number: 1,
  name: 'studies',
  up: (db) => {
    db.exec(``);
  },
};
