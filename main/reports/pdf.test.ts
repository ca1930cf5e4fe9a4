import assert from 'node:assert/strict';
import test from 'node:test';
import type { Report } from '../../preload/contract/index.ts';
import { aSentence, aStudy } from '../test-world.ts';
import { eastAsianFont, scriptOf } from './fonts.ts';
import { reportPdf } from './pdf.ts';
import { shownName } from './text.ts';

const report = (rest: Partial<Report> = {}, count = 3): Report => ({
  id: 'r',
  studyId: 's',
  draftId: null,
  revision: 4,
  sentences: Array.from({ length: count }, (_, index) => ({
    ...aSentence(`x${index}`, `Sentence number ${index}: nodule of 8 mm.`),
    decision: 'accepted',
    draftText: null,
    draftRegions: null,
  })),
  state: 'final',
  signature: {
    signedBy: 'Dr. Ada Reader',
    signedAt: '2026-11-03T08:00:00.000Z',
    algorithm: 'sha256',
    hash: 'ab'.repeat(32),
    previousHash: null,
  },
  addenda: [],
  altered: false,
  canUndo: false,
  canRedo: false,
  updatedAt: '2026-11-03T08:00:00.000Z',
  ...rest,
});

/** The words of each page, read back from the glyphs by each font's ToUnicode table, as a viewer's text search does. */
const pagesOf = (bytes: Uint8Array): string[] => {
  const raw = Buffer.from(bytes).toString('latin1');
  const objects = new Map([...raw.matchAll(/(\d+) 0 obj\n([\s\S]*?)\nendobj/gu)].map((m) => [m[1] ?? '', m[2] ?? '']));
  const ref = (text: string | undefined, key: string): string =>
    objects.get(new RegExp(`/${key} \\[?(\\d+) 0 R`, 'u').exec(text ?? '')?.[1] ?? '') ?? '';
  const glyphs = (font: string): Map<number, string> => {
    const map = new Map<number, string>();
    for (const [, first = '', list = ''] of ref(font, 'ToUnicode').matchAll(
      /<([0-9a-f]{4})> <[0-9a-f]{4}> \[([^\]]*)\]/giu,
    ))
      [...list.matchAll(/<([^>]*)>/gu)].forEach(([, hex = ''], index) => {
        const units = (hex.replace(/\s/gu, '').match(/.{4}/gu) ?? []).map((unit) => Number.parseInt(unit, 16));
        map.set(Number.parseInt(first, 16) + index, String.fromCharCode(...units));
      });
    return map;
  };
  return [...objects.values()]
    .filter((object) => /\/Type \/Page\b(?!s)/u.test(object))
    .map((page) => {
      const resources = /\/Resources (\d+) 0 R/u.test(page) ? ref(page, 'Resources') : page;
      const fonts = new Map(
        [...resources.matchAll(/\/(F\d+) (\d+) 0 R/gu)].map((m) => [m[1] ?? '', glyphs(objects.get(m[2] ?? '') ?? '')]),
      );
      let shown = '';
      let font = new Map<number, string>();
      for (const [, name, array] of ref(page, 'Contents').matchAll(/\/(F\d+) [\d.]+ Tf|\[([^\]]*)\] TJ/gu)) {
        if (name) font = fonts.get(name) ?? new Map();
        else
          shown += `${[...(array ?? '').matchAll(/<([0-9a-f]+)>/giu)]
            .flatMap(([, hex = '']) => hex.match(/.{4}/gu) ?? [])
            .map((id) => font.get(Number.parseInt(id, 16)) ?? '\ufffd')
            .join('')}\n`;
      }
      return shown.replace(/\s+/gu, ' ');
    });
};

test('every page says whose it is and which page it is', async () => {
  const study = aStudy('s', { name: 'Šimůnková^Jana^^Dr.' });
  const pages = pagesOf(await reportPdf(report({}, 140), study, { compress: false }));
  assert.ok(pages.length >= 2, `${pages.length} pages`);
  pages.forEach((page, index) => {
    assert.match(page, /Šimůnková, Dr\. Jana · born 1961-02-03 · female · ID MRN-4711/u);
    assert.match(
      page,
      new RegExp(`Signed by Dr\\. Ada Reader, 2026-11-03 08:00 UTC · page ${index + 1} of ${pages.length}`, 'u'),
    );
    assert.doesNotMatch(page, /not signed|ALTERED/u);
  });
  // Head and foot are written after the words of a page.
  const all = pages.map((page) => page.split('Šimůnková')[0]?.trim()).join(' ');
  for (let index = 0; index < 140; index += 1) assert.ok(all.includes(`Sentence number ${index}:`), `${index}`);
});

test('an unsigned and an altered report say so on every page', async () => {
  const unsigned = pagesOf(
    await reportPdf(report({ signature: null, state: 'draft' }, 140), aStudy('s'), { compress: false }),
  );
  for (const page of unsigned) assert.equal(page.match(/draft — not signed/gu)?.length, 2, page);
  const altered = pagesOf(await reportPdf(report({ altered: true }, 140), aStudy('s'), { compress: false }));
  for (const page of altered) assert.match(page, /ALTERED AFTER SIGNING/u);
});

test('a character that the font lacks is boxed and said, never dropped', async () => {
  const study = aStudy('s', { name: 'Wang^XiaoDong=王^小东=' });
  const [page = ''] = pagesOf(await reportPdf(report(), study, { compress: false, eastAsian: () => null }));
  assert.match(page, /Wang, XiaoDong \(□, □□\)/u);
  assert.match(page, /□ stands for characters that this file's font does not have/u);
  const greek = aStudy('s', { name: 'Διονυσιος^Νικος' });
  const [fine = ''] = pagesOf(await reportPdf(report(), greek, { compress: false }));
  assert.match(fine, /Διονυσιος, Νικος/u);
  assert.doesNotMatch(fine, /stands for/u);
});

test('a font of this machine draws Chinese, Japanese and Korean', async (t) => {
  assert.equal(scriptOf('Yamada, 山田, やまだ'), 'japanese');
  assert.equal(scriptOf('김희중'), 'korean');
  assert.equal(scriptOf('王小东'), 'chinese');
  assert.equal(scriptOf('Šimůnková'), null);
  const name = 'Yamada^Tarou=山田^太郎=やまだ^たろう';
  const font = eastAsianFont(name);
  if (font === null) {
    // The sentence about the boxes is tested above; here there is nothing more to see.
    t.diagnostic('no font with these letters on this machine');
    return;
  }
  const text = '右下葉に結節を認める。';
  const sentences = [{ ...aSentence('x', text), decision: 'accepted' as const, draftText: null, draftRegions: null }];
  const [page = ''] = pagesOf(await reportPdf(report({ sentences }), aStudy('s', { name }), { compress: false }));
  assert.match(page.replaceAll(' ', ''), /Yamada,Tarou\(山田,太郎,やまだ,たろう\)·born1961-02-03/u);
  assert.ok(page.includes(text));
  assert.doesNotMatch(page, /□/u);
  // A file that is not what its name says costs the letters, not the report.
  const broken = { path: import.meta.filename, face: null };
  const [boxed = ''] = pagesOf(
    await reportPdf(report(), aStudy('s', { name }), { compress: false, eastAsian: () => broken }),
  );
  assert.match(boxed, /stands for characters/u);
});

test('a long name shrinks to its line and addenda stand with their signatures', async () => {
  const study = aStudy('s', { name: `${'Longfamilyname'.repeat(4)}^${'Given '.repeat(8)}` });
  const signature = report().signature;
  assert.ok(signature);
  const [page = ''] = pagesOf(
    await reportPdf(report({ addenda: [{ id: 'a', text: 'Phoned at once.', signature }] }), study, { compress: false }),
  );
  assert.match(page, /Longfamilyname/u);
  assert.match(page, /Addendum 1 Phoned at once\. Signed by Dr\. Ada Reader/u);
});

test('names by PS3.5 groups', () => {
  assert.equal(shownName('Adams^John Robert Quincy^^Rev.^B.A. M.Div.'), 'Adams, Rev. John Robert Quincy, B.A. M.Div.');
  assert.equal(shownName('Yamada^Tarou=山田^太郎=やまだ^たろう'), 'Yamada, Tarou (山田, 太郎, やまだ, たろう)');
  assert.equal(shownName('=山田^太郎'), '山田, 太郎');
  assert.equal(shownName(''), 'name not known');
});
