import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mentionsIn } from './mentions.ts';

const cases: readonly (readonly [string, readonly string[]])[] = [
  ['There is a 12 mm nodule in the right upper lobe.', ['lung-nodule right + 12']],
  ['No pleural effusion or pneumothorax.', ['effusion null -', 'pneumothorax null -']],
  ['Small left pleural effusion. The heart is not enlarged.', ['effusion left +', 'cardiomegaly null -']],
  ['No consolidation, but a small right pneumothorax is present.', ['consolidation right -', 'pneumothorax right +']],
  ['Hypodense lesion of 2.5 x 1.8 cm in the liver.', ['liver-lesion null + 25']],
  ['Heart size is normal.', ['cardiomegaly null -']],
  ['The cardiac silhouette is enlarged.', ['cardiomegaly null +']],
  ['Bilateral pleural effusions.', ['effusion bilateral +']],
  ['A pulmonary nodule is not identified.', ['lung-nodule null -']],
  ['The pleural spaces are clear.', ['effusion null -']],
  ['The lungs are clear.', []],
];

for (const [text, expected] of cases) {
  test(`mentions: ${text}`, () => {
    assert.deepEqual(
      mentionsIn(text).map(
        (m) => `${m.key} ${m.side} ${m.negated ? '-' : '+'}${m.sizeMm === null ? '' : ` ${m.sizeMm}`}`,
      ),
      expected,
    );
  });
}

test('mentions: doubt is kept', () => {
  assert.equal(mentionsIn('Possible small right pleural effusion.')[0]?.uncertain, true);
  assert.equal(mentionsIn('Small right pleural effusion.')[0]?.uncertain, false);
});
