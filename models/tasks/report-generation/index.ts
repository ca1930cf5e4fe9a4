export { type Generated, generateSentence, type NextLogits, promptIds } from './generate.ts';
export { promptText, type SentencePrompt } from './prompt.ts';
