import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SYNTAX } from './parse.ts';
import { openInstance } from './pixels/frames.ts';
import { sourceOfBytes } from './pixels/source.ts';
import { assembleSeries } from './series.ts';
import { TAG } from './tags.ts';
import { file, type TestElement, type TestItem } from './test-bytes.ts';

/** What each frame of an instance is taken to show. */
const shown = (more: TestItem, frames = 1): (string | undefined)[] => {
  const elements: TestElement[] = [
    [TAG.SamplesPerPixel, 'US', 3],
    [TAG.PhotometricInterpretation, 'CS', 'RGB'],
    [TAG.PlanarConfiguration, 'US', 0],
    [TAG.NumberOfFrames, 'IS', String(frames)],
    [TAG.Rows, 'US', 1],
    [TAG.Columns, 'US', 2],
    [TAG.BitsAllocated, 'US', 8],
    [TAG.BitsStored, 'US', 8],
    [TAG.HighBit, 'US', 7],
    [TAG.PixelRepresentation, 'US', 0],
    [TAG.PixelData, 'OW', Array.from({ length: 3 * frames }, (_, n) => n)],
    ...more,
  ];
  const bytes = file(
    SYNTAX.explicitLittle,
    elements.toSorted((a, b) => a[0] - b[0]),
  );
  const { words } = openInstance(sourceOfBytes(bytes));
  return assembleSeries([{ instanceUid: '1.1', instanceNumber: 1, words }]).frames.map(({ laterality }) => laterality);
};
const image = (word: string): TestElement => [TAG.ImageLaterality, 'CS', word];
const series = (word: string): TestElement => [TAG.Laterality, 'CS', word];
const anatomy = (word: string): TestElement => [TAG.FrameAnatomySequence, 'SQ', [[[TAG.FrameLaterality, 'CS', word]]]];

test('the side is the one that the file says', () => {
  assert.deepEqual(shown([image('R')]), ['R']);
  assert.deepEqual(shown([series('L')]), ['L']);
  assert.deepEqual(shown([image('B')]), ['B']);
  assert.deepEqual(shown([image('L'), series('L')]), ['L']);
  assert.deepEqual(shown([[TAG.SharedFunctionalGroupsSequence, 'SQ', [[anatomy('L')]]]]), ['L']);
});

test('each frame says its own, also where the image shows both', () => {
  const each: TestElement = [TAG.PerFrameFunctionalGroupsSequence, 'SQ', [[anatomy('R')], [anatomy('L')]]];
  assert.deepEqual(shown([each], 2), ['R', 'L']);
  assert.deepEqual(shown([each, image('B')], 2), ['R', 'L']);
});

test('nothing is guessed: absent, unpaired, no word, or words that contradict each other', () => {
  assert.deepEqual(shown([]), [undefined]);
  for (const word of ['U', '', 'OD', 'RIGHT', 'X']) assert.deepEqual(shown([image(word)]), [undefined], word);
  assert.deepEqual(shown([image('R'), series('L')]), [undefined]);
  assert.deepEqual(shown([image('B'), series('R')]), [undefined]);
  const each: TestElement = [TAG.PerFrameFunctionalGroupsSequence, 'SQ', [[anatomy('R')], [anatomy('L')]]];
  assert.deepEqual(shown([each, image('R')], 2), ['R', undefined]);
});
