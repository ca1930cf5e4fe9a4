export { COMMANDS, type Command, type CommandId, keyText } from './commands.svelte.ts';
export { wordsOf } from './notices.svelte.ts';
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
