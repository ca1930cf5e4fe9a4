/** Names for studies, raters and images that mean nothing outside one export: random, and kept nowhere. */
export interface Keys {
  study(studyId: string): string;
  rater(pseudonym: string): string;
  image(seriesId: string, frameIndex: number): string;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

export const createKeys = (randomBytes: (count: number) => Uint8Array): Keys => {
  const given = new Map<string, string>();
  /** Letters only, all of one length: a key must look like neither a date nor a number, and a dry run tells the bytes. */
  const random = (): string => {
    let made = '';
    while (made.length < 20)
      for (const byte of randomBytes(32)) if (byte < 234 && made.length < 20) made += LETTERS.charAt(byte % 26);
    return made;
  };
  const key = (of: string): string => {
    const known = given.get(of);
    if (known) return known;
    const made = random();
    given.set(of, made);
    return made;
  };
  return {
    study: (studyId) => key(`study ${studyId}`),
    rater: (pseudonym) => key(`rater ${pseudonym}`),
    image: (seriesId, frameIndex) => key(`image ${seriesId} ${frameIndex}`),
  };
};
