import type { Migration } from './index.ts';

export const knowledge: Migration = {
  number: 4,
  name: 'knowledge',
  up: (db) => {
    db.exec(``);
  },
};
