export { COMMANDS, type Command, type CommandId, keyOf, keyText } from './commands.svelte.ts';
export {
  asDelivered,
  holderOf,
  KEYS_SETTING,
  type KeyChanges,
  readChanges,
  refusalOf,
  withKey,
  withoutKey,
} from './keys.ts';
export { wordsOf } from './notices.svelte.ts';
export { packageWords } from './package-words.ts';
export { RETRIEVALS, recipeWords } from './recipe-words.ts';
export { addToReport } from './sentence.ts';
export {
  getSession,
  type Marked,
  type PaneId,
  type Screen,
  Session,
  type ShownRegion,
  setSession,
  type Target,
} from './session.svelte.ts';
export type { Shared } from './twin.svelte.ts';
