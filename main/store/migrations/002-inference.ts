import type { Migration } from './index.ts';

export const inference: Migration = {
  number: 2,
  name: 'inference',
  up: (db) => {
    db.exec(``);
  },
};
