export { noteDone, type Operation, wasDone } from './operation.ts';
export { openStore, type Reader, type SqlValue, type Store, type Writer } from './store.ts';
