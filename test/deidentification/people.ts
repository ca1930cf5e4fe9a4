/** People as they are planted: names of many kinds, each with numbers of its own. */

export interface Person {
  readonly family: string;
  readonly given: string;
  readonly middle: string;
  readonly id: string;
  readonly accession: string;
  /** Year, month, day. */
  readonly born: readonly [number, number, number];
}

const FAMILY = [
  'Doe',
  'Müller',
  'Öztürk',
  'Šimůnková',
  'O’Brien',
  "D'Angelo",
  'Smith-Jones',
  'Grønbæk',
  'Łukasiewicz',
  'Nguyen',
  'García',
  'Dvořák',
  'Kowalska',
  'Weiß',
  'Schönfelder',
  'McAllister',
  'Åkesson',
  'Yılmaz',
  'Fernández-Ruiz',
  'Papadopoulos',
  'Иванов',
  'Щербакова',
  'White',
  'Young',
  'May',
  'Parkinson',
  'Hill',
  'Black',
  'Long',
  'Baker',
  'Wells',
  'Li',
  'Ng',
  'Wu',
  'Hodgkin',
  'Rose',
  'van der Berg',
  'de la Cruz',
  'von Trautenau',
  'Al-Hashimi',
  'Quellmann',
  'Brzęczyszczykiewicz',
  'Tanaka',
  'Okonkwo',
  'Haraldsdóttir',
  'Vandenbroucke',
  'Lindqvist',
  'Zuckerman',
  'Fitzgerald',
  'Montgomery',
] as const;
const GIVEN = [
  'Jane',
  'Jürgen',
  'Aylin',
  'Jana',
  'Seán',
  'Chiara',
  'Mary-Ann',
  'Søren',
  'Małgorzata',
  'Thuy',
  'José',
  'Antonín',
  'Zofia',
  'Günter',
  'Renée',
  'Ewan',
  'Björn',
  'Çağla',
  'Inés',
  'Νίκος',
  'Сергей',
  'Юлия',
  'Rosalind',
  'Alvin',
  'Willa',
  'Jamison',
  'Bertram',
  'Odette',
  'Cornelius',
  'Hildegard',
  'Thaddeus',
  'Xiaodong',
  'Weiming',
  'Meiling',
  'Dorothea',
  'Ottilie',
  'Pieter',
  'Guadalupe',
  'Leopold',
  'Farouk',
  'Wibke',
  'Grzegorz',
  'Haruto',
  'Chidi',
  'Sigrún',
  'Benoît',
  'Elsa',
  'Miriam',
  'Padraig',
  'Euphemia',
] as const;
const MIDDLE = ['', 'M', 'Ann', '', 'Q', 'Lee', ''] as const;

export const people = (count: number): Person[] =>
  Array.from({ length: count }, (_, n) => ({
    family: FAMILY[n % FAMILY.length] ?? '',
    given: GIVEN[(n * 7) % GIVEN.length] ?? '',
    middle: MIDDLE[n % MIDDLE.length] ?? '',
    id: ['MRN-', 'P', '', 'KH/', 'X-'][n % 5] + String(4_711_000 + n * 37),
    accession: `ACC${20_261_100 + n * 13}`,
    born: [1930 + (n % 70), 1 + (n % 12), 1 + ((n * 5) % 28)],
  }));

export const dicomName = ({ family, given, middle }: Person): string =>
  [family, given, middle].filter(Boolean).join('^');

/** The forms of a name that free text has. */
export const NAME_FORMS: readonly ((person: Person) => string)[] = [
  (p) => dicomName(p).toUpperCase(),
  (p) => `${p.family}, ${p.given}${p.middle ? ` ${p.middle}` : ''}`,
  (p) => `${p.given} ${p.family}`,
  (p) => `${p.given.charAt(0)}. ${p.family}`,
  (p) => `${p.family.toUpperCase()} ${p.given.toUpperCase()}`,
  (p) => `Mrs. ${p.family}`,
  (p) => `${p.given} ${p.family}`.toLowerCase(),
  (p) => `${p.given}.${p.family}`,
  (p) => `${p.family} ${p.given.charAt(0)}.`,
  (p) => `${p.given} ${p.family}’s`,
  (p) => `${p.given} ${p.family}`.normalize('NFD').replace(/\p{M}/gu, '').normalize('NFC'),
];

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const two = (value: number): string => String(value).padStart(2, '0');
export const DATE_FORMS: readonly ((year: number, month: number, day: number) => string)[] = [
  (y, m, d) => `${y}-${two(m)}-${two(d)}`,
  (y, m, d) => `${two(d)}.${two(m)}.${y}`,
  (y, m, d) => `${m}/${d}/${y}`,
  (y, m, d) => `${MONTHS[m - 1]} ${d}, ${y}`,
  (y, m, d) => `${y}${two(m)}${two(d)}`,
  (y, m, d) => `${d} ${MONTHS[m - 1]?.slice(0, 3)} ${y}`,
  (y, m) => `in ${MONTHS[m - 1]} ${y}`,
];
