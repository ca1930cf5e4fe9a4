import { SENTENCE_KEYS, type SentenceAct } from '../session/sentence-keys.ts';

/** The act that a key means on a focused sentence row; null where it is not one of the row's keys. */
export const actOf = (
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>,
): SentenceAct | null => {
  if (event.ctrlKey || event.metaKey) return null;
  const name =
    event.key.length === 1 ? (event.shiftKey ? event.key.toUpperCase() : event.key.toLowerCase()) : event.key;
  const key = [event.altKey ? 'Alt' : '', event.shiftKey ? 'Shift' : '', name].filter((part) => part !== '').join('+');
  return SENTENCE_KEYS.find((one) => (one.keys as readonly string[]).includes(key))?.act ?? null;
};
