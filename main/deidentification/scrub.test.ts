import assert from 'node:assert/strict';
import test from 'node:test';
import { createScrubber, headerIdentities, isPrivate, PROFILE, profileOf } from './index.ts';

const scrubber = createScrubber({
  own: ['Müller-White^Jane^M', 'Wang^Xiaodong=王^小东', 'Dr. Ada Reader'],
  other: ['Kowalski^Anna', 'Black^Jamison'],
  values: [
    { kind: 'id', value: 'MRN-4711' },
    { kind: 'institution', value: 'Sonnenhof Lindental' },
  ],
  otherIds: ['KX-88123'],
});
const clean = (text: string): string => scrubber.clean(text);
const cases = (list: Readonly<Record<string, string>>): void => {
  for (const [text, made] of Object.entries(list)) assert.equal(clean(text), made);
};
const unchanged = (list: readonly string[]): void => {
  for (const text of list) assert.equal(clean(text), text);
};

test('medicine stays', () => {
  unchanged([
    'White matter lesions.',
    'May represent gliosis or an early infarct.',
    'Parkinson disease, Hodgkin lymphoma, Baker cyst, Wells score 3, Riedel lobe.',
    "Crohn's disease with skip lesions; Sjögren syndrome.",
    'T2 hyperintense focus at L4/L5, 3/4 of the lobe, 12 x 14 mm, Series 3, image 45.',
    'Charcot-Marie-Tooth disease.',
    'MR angiography of the circle of Willis; MS plaques.',
    'Breast mass at 10:30 position.',
    'Patient is rotated. Patient Position supine.',
    'Follow-up in 12 months. Grade III/IV. SUV max 12.4. 5 mm nodule. Ratio 0.55.',
    'Black blood imaging was done; the long segment is narrowed.',
    'A 45-year-old man; 89-year-old woman.',
    'Cirrhosis by hepatitis B. Cholelithiasis.',
  ]);
});

test('a known name in its forms', () => {
  for (const form of [
    'MÜLLER-WHITE^JANE^M',
    'Müller-White, Jane',
    'Jane Müller-White',
    'J. Müller-White',
    'J. M. Mueller-White',
    'MUELLER WHITE JANE',
    'jane muller',
    'Mrs. White',
    'Müller',
    'janemuller',
    '王小东',
    'Xiaodong Wang',
    'Ada Reader',
    'Anna Kowalski',
    'J. Black',
  ]) {
    const made = clean(`The nodule of ${form}, measured again, is stable.`);
    assert.equal(made, 'The nodule of [name], measured again, is stable.', form);
  }
});

test('names that nobody told', () => {
  cases({
    'Discussed with Dr. Brzezinski at once.': 'Discussed with [name] at once.',
    'Prof. Dr. med. Hans Obermeier agreed.': '[name] agreed.',
    'Report of OBERMEIER^HANS^^DR follows.': 'Report of [name] follows.',
    'Patient: Poppendieck, Ulrike. Chest.': 'Patient: [name]. Chest.',
    'Patient Poppendieck presents with cough.': 'Patient [name] presents with cough.',
    'As told to H. Poppendieck yesterday.': 'As told to [name] yesterday.',
    'Findings as in Oyelaran Babatunde, stable.': 'Findings as in [name], stable.',
    'Electronically signed by: Poppendieck MD': 'Electronically signed by: [name]',
  });
});

test('dates and times', () => {
  for (const date of [
    '2026-11-21',
    '2026-11-21T10:22:41Z',
    '21.11.2026',
    '21.11.26',
    '11/21/2026',
    '11-21-2026',
    'November 21, 2026',
    'Nov. 21 2026',
    '21 November 2026',
    '21 Nov 2026',
    '21-NOV-2026',
    '21st of November 2026',
    '20261121',
    '20261121102241',
    'March 2019',
    '11/2026',
    '21. November 2026',
    '21 novembre 2026',
  ])
    assert.equal(clean(`Compared with ${date}, stable.`), 'Compared with [date], stable.', date);
  cases({
    'Seen in March 2019 and on Monday.': 'Seen in [date] and on [date].',
    'Surgery in 2015, the 2019 CT is stable.': 'Surgery in [date], the [date] CT is stable.',
    'Called at 10:22 pm, again at 3 p.m.': 'Called at [time], again at [time]',
    'Scheduled on 11/21.': 'Scheduled on [date].',
  });
});

test('numbers, wires, places and rare ages', () => {
  cases({
    'MRN-4711, mrn 4711 and 4711.': '[id], [id] and [id].',
    'Other case KX88123 and kx-88123.': 'Other case [id] and [id].',
    'MRN: 99-12, accession number A12345.': 'MRN: [id], accession number [id].',
    'Call +49 30 5550123 or (555) 123-4567 or 555-123-4567, pager 4711.':
      'Call [phone] or [phone] or [phone], pager [id].',
    'Mail a.b@c.org, see https://x.org/y.': 'Mail [mail], see [url].',
    'UID 1.2.840.113619.2.55.3.': 'UID [uid].',
    'From Sonnenhof-Lindental to Mayo Clinic and the University of Michigan.': 'From [institution] to [institution].',
    'Outside Hospital films; seen in the clinic.': 'Outside Hospital films; seen in the clinic.',
    'A 93-year-old woman, aged 93, 101 y/o.': 'A 90 or older woman, aged 90 or older, 90 or older.',
    'Lives at 12 Oak Street, Springfield, IL 62704.': 'Lives at [address], [address].',
    'Hauptstraße 12, 10117 Berlin.': '[address], [address].',
    'File C:\\Users\\jane\\ct.dcm or /home/jane/ct.dcm.': 'File [url] or [url].',
  });
});

test('cleaning twice changes nothing more, and the count says what was found', () => {
  const replaced = new Map();
  const made = scrubber.clean('Jane Müller-White, born 1961-02-03, MRN-4711.', replaced);
  assert.equal(made, '[name], born [date], [id].');
  assert.equal(clean(made), made);
  assert.deepEqual(Object.fromEntries(replaced), { name: 1, date: 1, id: 1 });
});

test('the last look finds what is known, however it got there', () => {
  assert.equal(scrubber.holdsKnown('a nodule of XIAODONG'), true);
  assert.equal(scrubber.holdsKnown('record 4711'), true);
  assert.equal(scrubber.holdsKnown('王小东'), true);
  assert.equal(scrubber.holdsKnown('White matter, black blood, 8 mm'), false);
});

test('what a protocol writes like a name does not eat the words of the report', () => {
  const careful = createScrubber({
    own: ['Roe^Jane'],
    doubtful: ['Thorax^Lung', 'Pelvic^Adult', 'Quellmann^Ottilie'],
    other: [],
    values: [{ kind: 'institution', value: 'Radiology' }],
    otherIds: [],
  });
  for (const text of [
    'Lung nodule in the thorax.',
    'Thorax and lung are clear.',
    'Pelvic fluid in an adult.',
    'Seen in radiology.',
  ])
    assert.equal(careful.clean(text), text);
  assert.equal(
    careful.clean('Seen by Quellmann today; told to Ottilie Quellmann.'),
    'Seen by [name] today; told to [name].',
  );
});

test('the profile is the whole table, and private groups are none of it', () => {
  assert.equal(PROFILE.length, 655);
  const actions = Object.fromEntries(
    ['00100010', '00100020', '00080018', '00081030', '00380010'].map((tag) => [
      tag,
      profileOf(Number.parseInt(tag, 16))?.action,
    ]),
  );
  assert.deepEqual(actions, { '00100010': 'Z', '00100020': 'Z/D', '00080018': 'U', '00081030': 'X', '00380010': 'X' });
  assert.equal(profileOf(0x60023000)?.keyword, 'OverlayData');
  assert.equal(profileOf(0x00280010), undefined, 'Rows');
  assert.equal(isPrivate(0x00091001), true);
  assert.equal(isPrivate(0x00100010), false);
});

test('headers tell names, ids and institutions by the profile', () => {
  const found = headerIdentities([
    { tag: 0x00080090, vr: 'PN', value: 'Referrer^Rita' },
    { tag: 0x00080080, vr: 'LO', value: 'Sonnenhof Lindental' },
    { tag: 0x00100020, vr: 'LO', value: 'MRN-4711' },
    { tag: 0x00080018, vr: 'UI', value: '1.2.826.0.1.3680043.9' },
    { tag: 0x00080016, vr: 'UI', value: '1.2.840.10008.5.1.4.1.1.2' },
    { tag: 0x00091001, vr: 'UN', value: 'Private^Paul' },
    { tag: 0x00091002, vr: 'LO', value: 'Z99123' },
    { tag: 0x00080070, vr: 'LO', value: 'Maker' },
    { tag: 0x00181030, vr: 'LO', value: 'Thorax^Lung' },
    { tag: 0x00100010, vr: 'PN', value: 'Anonymous' },
  ]);
  assert.deepEqual(found.names, ['Referrer^Rita']);
  assert.deepEqual(found.doubtful, ['Private^Paul', 'Thorax^Lung']);
  assert.deepEqual(
    found.values.map((one) => `${one.kind} ${one.value}`),
    ['institution Sonnenhof Lindental', 'id MRN-4711', 'uid 1.2.826.0.1.3680043.9', 'id Z99123'],
  );
});
