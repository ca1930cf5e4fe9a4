import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SYNTAX } from '../parse.ts';
import { TAG } from '../tags.ts';
import { encapsulated, encode, file, type TestItem } from '../test-bytes.ts';
import { RLE } from './codecs.ts';
import { decodePixels } from './decode.ts';
import { openInstance } from './frames.ts';
import { sourceOfBytes } from './source.ts';

interface Look {
  rows: number;
  columns: number;
  allocated: number;
  stored?: number;
  high?: number;
  signed?: boolean;
  samples?: number;
  photometric?: string;
  planar?: number;
  frames?: number;
  more?: TestItem;
}
const image = (look: Look): TestItem => [
  [TAG.SamplesPerPixel, 'US', look.samples ?? 1],
  [TAG.PhotometricInterpretation, 'CS', look.photometric ?? 'MONOCHROME2'],
  ...(look.planar === undefined ? [] : ([[TAG.PlanarConfiguration, 'US', look.planar]] as const)),
  ...(look.frames ? ([[TAG.NumberOfFrames, 'IS', String(look.frames)]] as const) : []),
  [TAG.Rows, 'US', look.rows],
  [TAG.Columns, 'US', look.columns],
  [TAG.BitsAllocated, 'US', look.allocated],
  [TAG.BitsStored, 'US', look.stored ?? look.allocated],
  [TAG.HighBit, 'US', look.high ?? (look.stored ?? look.allocated) - 1],
  [TAG.PixelRepresentation, 'US', look.signed ? 1 : 0],
  ...(look.more ?? []),
];
const decodeAll = async (bytes: Buffer): Promise<number[][]> => {
  const instance = openInstance(sourceOfBytes(bytes));
  const frames: number[][] = [];
  for (let n = 0; n < instance.words.layout.frames; n++) frames.push([...(await decodePixels(instance, n))]);
  return frames;
};
const native = (
  look: Look,
  pixels: readonly number[] | Uint8Array,
  vr = 'OW',
  syntax: string = SYNTAX.explicitLittle,
) => decodeAll(file(syntax, [...image(look), [TAG.PixelData, vr, pixels]], { little: syntax !== SYNTAX.explicitBig }));

test('one-bit frames follow each other without a gap', async () => {
  // 3 x 3 pixels: the second frame starts at bit 9. Lowest bit first.
  const bits = [1, 0, 1, 0, 1, 0, 1, 1, 0, /* second */ 0, 1, 1, 0, 0, 1, 0, 0, 1];
  const bytes = new Uint8Array(4);
  bits.forEach((bit, i) => {
    bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (bit << (i & 7));
  });
  const look = { rows: 3, columns: 3, allocated: 1, frames: 2 };
  assert.deepEqual(await native(look, bytes, 'OB'), [bits.slice(0, 9), bits.slice(9)]);
  const swapped = Uint8Array.from(bytes, (_, i) => bytes[i ^ 1] ?? 0);
  assert.deepEqual(await native(look, swapped, 'OW', SYNTAX.explicitBig), [bits.slice(0, 9), bits.slice(9)]);
});

test('only stored bits count, and they carry the sign', async () => {
  const look = { rows: 1, columns: 3, allocated: 16, stored: 12 };
  assert.deepEqual(await native(look, [0xf123, 0x8fff, 0x0800]), [[0x123, 0xfff, 0x800]]);
  assert.deepEqual(await native({ ...look, signed: true }, [0xf123, 0x0fff, 0x0800]), [[0x123, -1, -2048]]);
  assert.deepEqual(await native({ ...look, high: 15 }, [0x1230, 0xfff7, 0x8001]), [[0x123, 0xfff, 0x800]]);
});

test('big endian: words are turned round, and bytes in words too', async () => {
  const { explicitBig } = SYNTAX;
  assert.deepEqual(await native({ rows: 1, columns: 2, allocated: 16 }, [258, 3], 'OW', explicitBig), [[258, 3]]);
  const bytes = Uint8Array.of(2, 1, 4, 3);
  assert.deepEqual(await native({ rows: 1, columns: 4, allocated: 8 }, bytes, 'OW', explicitBig), [[1, 2, 3, 4]]);
  assert.deepEqual(await native({ rows: 1, columns: 4, allocated: 8 }, bytes, 'OB', explicitBig), [[2, 1, 4, 3]]);
  const wide = Uint8Array.of(0, 1, 0, 0, 0xff, 0xff, 0xff, 0xfe);
  const look = { rows: 1, columns: 2, allocated: 32, signed: true };
  assert.deepEqual(await native(look, wide, 'OW', explicitBig), [[65_536, -2]]);
});

test('pixel data shorter than its header says is refused, longer is cut', async () => {
  const look = { rows: 2, columns: 2, allocated: 16 };
  await assert.rejects(native(look, [1, 2, 3]), /6 bytes where its size needs 8/);
  assert.deepEqual(await native(look, [1, 2, 3, 4, 5, 6]), [[1, 2, 3, 4]]);
  const whole = file(SYNTAX.explicitLittle, [...image(look), [TAG.PixelData, 'OW', [1, 2, 3, 4]]]);
  await assert.rejects(decodeAll(whole.subarray(0, whole.length - 2)), /cut short/);
  const twice = Buffer.concat([whole, encode([[TAG.PixelData, 'OW', [9, 9, 9, 9]]])]);
  await assert.rejects(decodeAll(twice), /twice/);
});

/** PackBits without runs: enough to test how segments are put together; runs are tested by their own bytes. */
const literal = (bytes: readonly number[]): Buffer => {
  const parts: number[] = [];
  for (let at = 0; at < bytes.length; at += 128)
    parts.push(Math.min(127, bytes.length - at - 1), ...bytes.slice(at, at + 128));
  return Buffer.from(parts.length % 2 ? [...parts, 0] : parts);
};
const rle = (segments: readonly Buffer[]): Buffer => {
  const head = Buffer.alloc(64);
  head.writeUInt32LE(segments.length, 0);
  let at = 64;
  segments.forEach((segment, i) => {
    head.writeUInt32LE(at, 4 + 4 * i);
    at += segment.length;
  });
  return Buffer.concat([head, ...segments]);
};
const compressed = (syntax: string, look: Look, frames: readonly Uint8Array[]) =>
  decodeAll(Buffer.concat([file(syntax, image(look)), encapsulated(frames)]));

test('RLE: runs, 16-bit colour and 32-bit grey', async () => {
  const runs = Buffer.from([0xfe, 7, 0x80, 0x01, 8, 9, 0xff, 5]); // 7 7 7, no operation, 8 9, 5 5
  assert.deepEqual(await compressed(RLE, { rows: 1, columns: 7, allocated: 8 }, [rle([runs])]), [
    [7, 7, 7, 8, 9, 5, 5],
  ]);
  const samples = [0x1234, 0xabcd, 0x00ff]; // one pixel: red, green, blue
  const color = rle(samples.flatMap((value) => [literal([value >> 8]), literal([value & 255])]));
  const look = { rows: 1, columns: 1, allocated: 16, samples: 3, photometric: 'RGB', planar: 1 };
  assert.deepEqual(await compressed(RLE, look, [color]), [[0x12, 0xab, 0x00]]);
  const values = [0x01020304, 0xfffffffe];
  const grey = rle([24, 16, 8, 0].map((shift) => literal(values.map((value) => (value >>> shift) & 255))));
  assert.deepEqual(await compressed(RLE, { rows: 1, columns: 2, allocated: 32 }, [grey]), [values]);
  await assert.rejects(compressed(RLE, { rows: 1, columns: 9, allocated: 8 }, [rle([runs])]), /cut short/);
  await assert.rejects(compressed(RLE, { rows: 1, columns: 2, allocated: 16 }, [rle([runs])]), /segments/);
});

test('colour: planar, YBR, half colour, 16 bits', async () => {
  const rgb = { rows: 1, columns: 2, allocated: 8, samples: 3, photometric: 'RGB' };
  assert.deepEqual(await native({ ...rgb, planar: 0 }, Uint8Array.of(1, 2, 3, 4, 5, 6), 'OB'), [[1, 2, 3, 4, 5, 6]]);
  assert.deepEqual(await native({ ...rgb, planar: 1 }, Uint8Array.of(1, 4, 2, 5, 3, 6), 'OB'), [[1, 2, 3, 4, 5, 6]]);
  const ybr = { ...rgb, photometric: 'YBR_FULL', planar: 0 };
  assert.deepEqual(await native(ybr, Uint8Array.of(76, 85, 255, 128, 128, 128), 'OB'), [[254, 0, 0, 128, 128, 128]]);
  const half = { ...rgb, photometric: 'YBR_FULL_422', planar: 0 };
  assert.deepEqual(await native(half, Uint8Array.of(10, 200, 128, 128), 'OB'), [[10, 10, 10, 200, 200, 200]]);
  const wide = { ...rgb, allocated: 16, stored: 12, planar: 0 };
  assert.deepEqual(await native(wide, [0xfff, 0x800, 0, 16, 32, 48]), [[255, 128, 0, 1, 2, 3]]);
});

test('palettes, plain and segmented', async () => {
  const descriptor = [3, 10, 16];
  const look = (more: TestItem): Look => ({ rows: 1, columns: 4, allocated: 8, photometric: 'PALETTE COLOR', more });
  const descriptors: TestItem = [
    [TAG.RedPaletteDescriptor, 'US', descriptor],
    [TAG.GreenPaletteDescriptor, 'US', descriptor],
    [TAG.BluePaletteDescriptor, 'US', descriptor],
  ];
  const plain = look([
    ...descriptors,
    [TAG.RedPalette, 'OW', [0x0100, 0x0200, 0x0300]],
    [TAG.GreenPalette, 'OW', [0, 0, 0xff00]],
    [TAG.BluePalette, 'OW', [0x1000, 0x1000, 0x1000]],
  ]);
  // Below the first entry, first, second, beyond the last.
  assert.deepEqual(await native(plain, Uint8Array.of(0, 10, 11, 99), 'OB'), [
    [1, 0, 16, 1, 0, 16, 2, 0, 16, 3, 255, 16],
  ]);
  const line = [0, 1, 0x0100, 1, 2, 0x0300]; // one entry of 0x0100, then two on the line to 0x0300
  const segments = look([
    ...descriptors,
    [TAG.SegmentedRedPalette, 'OW', line],
    [TAG.SegmentedGreenPalette, 'OW', line],
    [TAG.SegmentedBluePalette, 'OW', [0, 3, 0x0500, 0x0600, 0x0700]],
  ]);
  assert.deepEqual(await native(segments, Uint8Array.of(10, 11, 12, 12), 'OB'), [[1, 1, 5, 2, 2, 6, 3, 3, 7, 3, 3, 7]]);
});

test('a modality table takes the place of slope and intercept', async () => {
  const table: TestItem = [
    [
      TAG.ModalityLUTSequence,
      'SQ',
      [
        [
          [TAG.LUTDescriptor, 'US', [3, 5, 16]],
          [TAG.LUTData, 'OW', [100, 200, 400]],
        ],
      ],
    ],
  ];
  const look = { rows: 1, columns: 4, allocated: 8, more: table };
  assert.deepEqual(await native(look, Uint8Array.of(0, 5, 6, 9), 'OB'), [[100, 100, 200, 400]]);
});

/** Lossless JPEG with a table of 17 five-bit codes: code n stands for differences of n bits. */
const losslessJpeg = (rows: number[][], bits: number, predictor: number, restartLines: number): Buffer => {
  const width = rows[0]?.length ?? 0;
  const marker = (code: number, body: readonly number[]): number[] => [
    0xff,
    code,
    (body.length + 2) >> 8,
    (body.length + 2) & 255,
    ...body,
  ];
  const out: number[] = [0xff, 0xd8];
  const counts = [0, 0, 0, 0, 17, ...Array.from({ length: 11 }, () => 0)];
  out.push(...marker(0xc4, [0, ...counts, ...Array.from({ length: 17 }, (_, n) => n)]));
  if (restartLines > 0) out.push(...marker(0xdd, [0, width * restartLines]));
  out.push(...marker(0xc3, [bits, rows.length >> 8, rows.length & 255, width >> 8, width & 255, 1, 1, 0x11, 0]));
  out.push(...marker(0xda, [1, 1, 0, predictor, 0, 0]));
  let held = 0;
  let count = 0;
  const push = (value: number, size: number): void => {
    for (let i = size - 1; i >= 0; i--) {
      held = (held << 1) | ((value >> i) & 1);
      if (++count < 8) continue;
      out.push(held);
      if (held === 255) out.push(0);
      held = 0;
      count = 0;
    }
  };
  const flush = (): void => {
    while (count !== 0) push(1, 1);
  };
  rows.forEach((row, y) => {
    const restarted = restartLines > 0 && y % restartLines === 0;
    if (restarted && y > 0) {
      flush();
      out.push(0xff, 0xd0 + ((y / restartLines - 1) % 8));
    }
    const first = y === 0 || restarted;
    row.forEach((value, x) => {
      const a = row[x - 1] ?? 0;
      const b = rows[y - 1]?.[x] ?? 0;
      const c = rows[y - 1]?.[x - 1] ?? 0;
      const choice = [a, a, b, c, a + b - c, a + ((b - c) >> 1), b + ((a - c) >> 1), (a + b) >> 1][predictor] ?? 0;
      const predicted = first ? (x === 0 ? 1 << (bits - 1) : a) : x === 0 ? b : choice;
      let difference = (value - predicted) & 0xffff;
      if (difference > 32_768) difference -= 65_536;
      const size = difference === 32_768 ? 16 : difference === 0 ? 0 : 32 - Math.clz32(Math.abs(difference));
      push(size, 5);
      if (size > 0 && size < 16) push(difference > 0 ? difference : difference + (1 << size) - 1, size);
    });
  });
  flush();
  return Buffer.from([...out, 0xff, 0xd9]);
};

test('lossless JPEG: every predictor, restarts, 8 and 16 bits, to the last pixel', async () => {
  for (const bits of [8, 12, 16])
    for (const restart of [0, 2])
      for (let predictor = 1; predictor <= 7; predictor++) {
        const rows = Array.from({ length: 5 }, (_, y) =>
          Array.from({ length: 7 }, (_, x) => (x * x * 977 + y * 3571 + (x ^ y) * 131) % 2 ** bits),
        );
        const look = { rows: 5, columns: 7, allocated: bits > 8 ? 16 : 8, stored: bits };
        const frames = await compressed('1.2.840.10008.1.2.4.57', look, [losslessJpeg(rows, bits, predictor, restart)]);
        assert.deepEqual(frames, [rows.flat()], `${bits} bits, predictor ${predictor}, restart ${restart}`);
      }
});

test('broken and lying codestreams are refused', async () => {
  const rows = Array.from({ length: 4 }, () => [1, 2, 3, 4]);
  const good = losslessJpeg(rows, 8, 1, 0);
  const syntax = '1.2.840.10008.1.2.4.70';
  await assert.rejects(compressed(syntax, { rows: 8, columns: 8, allocated: 8 }, [good]), /header says 8 x 8/);
  for (const other of ['80', '90', '201', '50'])
    await assert.rejects(
      compressed(`1.2.840.10008.1.2.4.${other}`, { rows: 4, columns: 4, allocated: 8 }, [
        Buffer.from('nothing of the kind, and long enough to be looked at'),
      ]),
    );
  await assert.rejects(
    compressed(syntax, { rows: 4, columns: 4, allocated: 8 }, [good.subarray(0, good.length - 12)]),
    /cut short|broken|complete/,
  );
});

test('frames in several fragments are put together by their end marks', async () => {
  const rows = Array.from({ length: 4 }, (_, y) => [y, 2, 3, 4]);
  const one = losslessJpeg(rows, 8, 1, 0);
  const halves = [one.subarray(0, 40), one.subarray(40), one.subarray(0, 50), one.subarray(50)];
  const even = halves.filter((half) => half.length % 2 === 0);
  const fragments = even.length === 4 ? halves : [one.subarray(0, 40), one.subarray(40), one];
  const look = { rows: 4, columns: 4, allocated: 8, frames: 2 };
  assert.deepEqual(await compressed('1.2.840.10008.1.2.4.70', look, fragments), [rows.flat(), rows.flat()]);
});
