import { TABLE } from './table.ts';

export type Action = 'X' | 'Z' | 'D' | 'U' | 'Z/D' | 'X/Z' | 'X/D' | 'X/Z/D' | 'X/Z/U*';
export interface ProfileAttribute {
  /** Eight hex digits, group and element; X for any digit. */
  readonly tag: string;
  readonly action: Action;
  readonly keyword: string;
}

/** Every attribute that the basic profile names. */
export const PROFILE: readonly ProfileAttribute[] = TABLE.trim()
  .split('\n')
  .map((line) => {
    const [tag = '', action = '', keyword = ''] = line.split(' ');
    return { tag, action: action as Action, keyword };
  });

const exact = new Map(PROFILE.filter((one) => !one.tag.includes('X')).map((one) => [one.tag, one]));
const repeating = PROFILE.filter((one) => one.tag.includes('X')).map((one) => ({
  attribute: one,
  pattern: new RegExp(`^${one.tag.replaceAll('X', '.')}$`, 'u'),
}));

/** PS3.5 7.8: odd groups are private; each of them goes. */
export const isPrivate = (tag: number): boolean => ((tag >>> 16) & 1) === 1;

/** Undefined where the profile keeps the attribute. */
export const profileOf = (tag: number): ProfileAttribute | undefined => {
  const hex = tag.toString(16).toUpperCase().padStart(8, '0');
  return exact.get(hex) ?? repeating.find((one) => one.pattern.test(hex))?.attribute;
};
