export { bleu } from './bleu.ts';
export { cider, cidersOf } from './cider.ts';
export type { ByLength, Pair } from './n-grams.ts';
export { rouge, rougeOf } from './rouge.ts';
