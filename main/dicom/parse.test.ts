import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { looksLikeDicom, parse, SYNTAX, Unreadable } from './parse.ts';
import { TAG } from './tags.ts';
import { encode, file, type TestItem } from './test-bytes.ts';

const ELEMENTS: TestItem = [
  [TAG.SOPClassUID, 'UI', '1.2.840.10008.5.1.4.1.1.2'],
  [TAG.Modality, 'CS', 'CT'],
  [TAG.SequenceOfUltrasoundRegions, 'SQ', [[[TAG.PhysicalDeltaX, 'FD', 0.25]], [[TAG.PhysicalDeltaX, 'FD', 0.5]]]],
  [TAG.Rows, 'US', 7],
  [TAG.ImagePositionPatient, 'DS', '1.5\\-2\\3e1'],
  [TAG.PixelData, 'OW', [1, 2, 3]],
];

const check = (bytes: Buffer): ReturnType<typeof parse> => {
  const parsed = parse(bytes);
  assert.equal(parsed.dataSet.code(TAG.Modality), 'CT');
  assert.equal(parsed.dataSet.number(TAG.Rows), 7);
  assert.deepEqual(parsed.dataSet.decimals(TAG.ImagePositionPatient), [1.5, -2, 30]);
  const items = parsed.dataSet.items(TAG.SequenceOfUltrasoundRegions);
  assert.deepEqual(
    items.map((item) => item.number(TAG.PhysicalDeltaX, 'FD')),
    [0.25, 0.5],
  );
  assert.equal(parsed.pixels?.length, 6);
  return parsed;
};

test('explicit, implicit, big endian and deflated data sets say the same', () => {
  assert.equal(check(file(SYNTAX.explicitLittle, ELEMENTS)).transferSyntax, SYNTAX.explicitLittle);
  check(file(SYNTAX.implicitLittle, ELEMENTS, { explicit: false }));
  check(file(SYNTAX.explicitBig, ELEMENTS, { little: false }));
  check(file(SYNTAX.deflated, ELEMENTS));
  for (const explicit of [true, false]) {
    const syntax = explicit ? SYNTAX.explicitLittle : SYNTAX.implicitLittle;
    check(file(syntax, ELEMENTS, { explicit, undefinedLength: true }));
  }
});

test('a data set without preamble and meta group is read, and its syntax guessed from its first element', () => {
  assert.equal(check(encode(ELEMENTS)).transferSyntax, SYNTAX.explicitLittle);
  assert.equal(check(encode(ELEMENTS, { explicit: false })).transferSyntax, SYNTAX.implicitLittle);
  assert.equal(check(encode(ELEMENTS, { little: false })).transferSyntax, SYNTAX.explicitBig);
});

test('a file that says one encoding of VR and uses the other is read as it is', () => {
  check(file(SYNTAX.implicitLittle, ELEMENTS, { explicit: true }));
  check(file(SYNTAX.explicitLittle, ELEMENTS, { explicit: false }));
});

test('a private sequence written as UN of undefined length is implicit little endian inside', () => {
  const inner = encode([[TAG.Rows, 'US', 9]], { explicit: false });
  const item = Buffer.concat([Buffer.from([0xfe, 0xff, 0x00, 0xe0, inner.length, 0, 0, 0]), inner]);
  const sequence = Buffer.concat([
    Buffer.from([0x09, 0x00, 0x01, 0x10]),
    Buffer.from('UN\0\0'),
    Buffer.from([0xff, 0xff, 0xff, 0xff]),
    item,
    Buffer.from([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]),
  ]);
  const parsed = parse(
    Buffer.concat([file(SYNTAX.explicitLittle, ELEMENTS.slice(0, 2)), sequence, encode(ELEMENTS.slice(3))]),
  );
  assert.equal(parsed.dataSet.items(0x00091001)[0]?.number(TAG.Rows), 9);
  assert.equal(parsed.dataSet.number(TAG.Rows), 7);
});

test('an element that lost its VR, and one of a VR that came late, end where they say', () => {
  const lost = Buffer.from([0x28, 0x00, 0x30, 0x00, 4, 0, 0, 0, 0x31, 0x5c, 0x32, 0x20]);
  const late = ['OV', 'SV', 'UV'].map((vr, i) =>
    Buffer.concat([
      Buffer.from([0x29, 0x00, i, 0x10]),
      Buffer.from(`${vr}\0\0`),
      Buffer.from([8, 0, 0, 0]),
      Buffer.alloc(8, i),
    ]),
  );
  const head = file(SYNTAX.explicitLittle, ELEMENTS.slice(0, 4));
  const parsed = check(Buffer.concat([head, encode(ELEMENTS.slice(4, 5)), lost, ...late, encode(ELEMENTS.slice(5))]));
  assert.deepEqual(parsed.dataSet.decimals(TAG.PixelSpacing), [1, 2]);
  assert.deepEqual(
    [0x00291000, 0x00291001, 0x00291002].map((tag) => parsed.dataSet.raw(tag)),
    [0, 1, 2].map((i) => Buffer.alloc(8, i)),
  );
});

test('a value that looks like an item is not gone into where it has a length', () => {
  const value = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0x7f]);
  for (const explicit of [true, false]) {
    const elements: TestItem = [...ELEMENTS.slice(0, 3), [0x00181000, 'UN', value], ...ELEMENTS.slice(3)];
    const syntax = explicit ? SYNTAX.explicitLittle : SYNTAX.implicitLittle;
    assert.deepEqual(check(file(syntax, elements, { explicit })).dataSet.raw(0x00181000), value);
  }
});

test('a head that ends inside an element tells how much is needed; pixels are never walked through', () => {
  const whole = file(SYNTAX.explicitLittle, ELEMENTS);
  for (let length = 140; length < whole.length - 8; length += 7) {
    const { cutShort, pixels } = parse(whole.subarray(0, length));
    assert.ok(pixels !== null || (cutShort !== null && cutShort.needed > length && cutShort.needed <= whole.length));
  }
  assert.ok(parse(whole.subarray(0, whole.length - 3)).pixels, 'the head is whole where only pixels are cut off');
});

test('bytes that are no DICOM, bombs and towers of sequences are refused', () => {
  assert.equal(looksLikeDicom(Buffer.from('once upon a time there was a text')), false);
  assert.throws(() => parse(Buffer.from('once upon a time there was a text')), Unreadable);
  const meta = file(SYNTAX.deflated, []);
  const bomb = Buffer.concat([meta.subarray(0, meta.length - 2), deflateRawSync(Buffer.alloc(4_000_000))]);
  assert.throws(() => parse(bomb, { mostInflated: 1_000_000 }), /inflates to more than/);
  const crowd = Buffer.alloc(8 * 2_100_000);
  for (let at = 0; at < crowd.length; at += 8) crowd.writeUInt32LE(0x10000009, at);
  assert.throws(() => parse(Buffer.concat([file(SYNTAX.implicitLittle, []), crowd])), /more than 2000000 elements/);
  let tower: TestItem = [[TAG.Rows, 'US', 1]];
  for (let depth = 0; depth < 200; depth++) tower = [[TAG.SequenceOfUltrasoundRegions, 'SQ', [tower]]];
  assert.throws(() => parse(file(SYNTAX.explicitLittle, tower, { undefinedLength: true })), /nested deeper/);
});
