/** Words made comparable: without case and marks, in the Latin letters that a name is usually written in. */

const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  ø: 'o',
  æ: 'ae',
  œ: 'oe',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
  ŋ: 'ng',
  // ISO 9 simplified, as on passports.
  а: 'a',
  б: 'b',
  в: 'v',
  г: 'g',
  д: 'd',
  е: 'e',
  ж: 'zh',
  з: 'z',
  и: 'i',
  й: 'y',
  к: 'k',
  л: 'l',
  м: 'm',
  н: 'n',
  о: 'o',
  п: 'p',
  р: 'r',
  с: 's',
  т: 't',
  у: 'u',
  ф: 'f',
  х: 'kh',
  ц: 'ts',
  ч: 'ch',
  ш: 'sh',
  щ: 'shch',
  ъ: '',
  ы: 'y',
  ь: '',
  э: 'e',
  ю: 'yu',
  я: 'ya',
  і: 'i',
  ї: 'yi',
  є: 'ye',
  ґ: 'g',
  // ISO 843 without accents.
  α: 'a',
  β: 'v',
  γ: 'g',
  δ: 'd',
  ε: 'e',
  ζ: 'z',
  η: 'i',
  θ: 'th',
  ι: 'i',
  κ: 'k',
  λ: 'l',
  μ: 'm',
  ν: 'n',
  ξ: 'x',
  ο: 'o',
  π: 'p',
  ρ: 'r',
  σ: 's',
  ς: 's',
  τ: 't',
  υ: 'y',
  φ: 'f',
  χ: 'ch',
  ψ: 'ps',
  ω: 'o',
};
const UMLAUTS: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', ø: 'oe', å: 'aa' };

const plain = (lower: string): string =>
  [...lower.normalize('NFD')]
    .filter((letter) => !/\p{M}|['’ʼ`.]/u.test(letter))
    .map((letter) => LETTERS[letter] ?? letter)
    .join('');

/** 'Müller' and 'MULLER' alike. */
export const fold = (word: string): string => plain(word.toLowerCase().normalize('NFC'));

/** Every way the word may be written in Latin letters: Müller, Mueller, Muller. */
export const spellings = (word: string): string[] => {
  const lower = word.toLowerCase().normalize('NFC');
  const base = plain(lower);
  const expanded = plain([...lower].map((letter) => UMLAUTS[letter] ?? letter).join(''));
  const found = new Set([base, expanded]);
  // Mueller for Muller; short words would lose too much.
  if (base.length >= 5) found.add(base.replace(/([aou])e/gu, '$1'));
  // Iwanow, Chekhov: the commonest other transliterations.
  if (/\p{Script=Cyrillic}/u.test(lower)) {
    found.add(base.replaceAll('v', 'w'));
    found.add(base.replaceAll('kh', 'h').replaceAll('ts', 'c').replaceAll('yu', 'iu').replaceAll('ya', 'ia'));
    found.add(base.replace(/ey$/u, 'ei').replace(/iy$/u, 'y').replace(/iy/gu, 'i'));
  }
  return [...found].filter(Boolean);
};
