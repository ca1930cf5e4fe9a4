/**
 * A font of this machine for Chinese, Japanese and Korean: the one that comes along has no such letters, and those that
 * have them are larger than the program.
 */
import { existsSync } from 'node:fs';

export interface EastAsianFont {
  readonly path: string;
  /** PostScript name of the face, where the file is a collection. */
  readonly face: string | null;
}
type Script = 'japanese' | 'korean' | 'chinese';

const NOTO = [
  '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc',
  '/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc',
  '/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc',
  '/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc',
];
const noto = (face: string): EastAsianFont[] => NOTO.map((path) => ({ path, face }));

/** By script, the likeliest first; each draws at least the letters of its own script. */
const KNOWN: Record<Script, readonly EastAsianFont[]> = {
  japanese: [
    ...noto('NotoSansCJKjp-Regular'),
    { path: '/usr/share/fonts/opentype/ipafont-gothic/ipag.ttf', face: null },
    { path: 'C:\\Windows\\Fonts\\YuGothR.ttc', face: 'YuGothic-Regular' },
    { path: 'C:\\Windows\\Fonts\\msgothic.ttc', face: 'MS-Gothic' },
    { path: '/System/Library/Fonts/ヒラギノ角ゴシック W3.ttc', face: 'HiraginoSans-W3' },
  ],
  korean: [
    ...noto('NotoSansCJKkr-Regular'),
    { path: '/usr/share/fonts/truetype/nanum/NanumGothic.ttf', face: null },
    { path: 'C:\\Windows\\Fonts\\malgun.ttf', face: null },
    { path: '/System/Library/Fonts/AppleSDGothicNeo.ttc', face: 'AppleSDGothicNeo-Regular' },
  ],
  chinese: [
    ...noto('NotoSansCJKsc-Regular'),
    { path: '/usr/share/fonts/truetype/wqy/wqy-microhei.ttc', face: 'WenQuanYiMicroHei' },
    { path: 'C:\\Windows\\Fonts\\simhei.ttf', face: null },
    { path: 'C:\\Windows\\Fonts\\msyh.ttc', face: 'MicrosoftYaHei' },
    { path: '/System/Library/Fonts/PingFang.ttc', face: 'PingFangSC-Regular' },
    { path: '/System/Library/Fonts/STHeiti Light.ttc', face: 'STHeitiSC-Light' },
  ],
};

/** The same ideograph is drawn otherwise in Japan, Korea and China: kana and hangul tell. Null where nothing needs it. */
export const scriptOf = (text: string): Script | null => {
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return 'japanese';
  if (/\p{Script=Hangul}/u.test(text)) return 'korean';
  return /[\p{Script=Han}\p{Script=Bopomofo}\u3000-\u303f\uff00-\uffef]/u.test(text) ? 'chinese' : null;
};

export const eastAsianFont = (text: string, isThere: (path: string) => boolean = existsSync): EastAsianFont | null => {
  const script = scriptOf(text);
  return script === null ? null : (KNOWN[script].find(({ path }) => isThere(path)) ?? null);
};
