export { type HeaderIdentities, type HeaderText, headerIdentities, headerValue } from './headers.ts';
export type { KnownValue } from './known.ts';
export { isPrivate, PROFILE, type ProfileAttribute, profileOf } from './profile/index.ts';
export { createScrubber, type Identities, type Scrubber } from './scrub.ts';
export type { Kind } from './span.ts';
