import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../../preload/contract/index.ts';
import type { Base } from '../domains.ts';
import type { DecodeRequest } from './decode-messages.ts';
import { decodeProcess } from './decode-process.ts';
import type { Images, SeriesPlan } from './images.ts';

/** Small things made of a file besides its pixels: a thumbnail, the bits of its overlay planes, one frame. Kept in the cache. */
export interface Renditions {
  /** Path of a PNG. */
  thumbnail(plan: SeriesPlan): Promise<string>;
  /** Path of the bits, as media.overlayPlanes has them. */
  overlayPlanes(plan: SeriesPlan, frameIndex: number): Promise<string>;
  /** Path of one frame's stored values, of a series that is not decoded: it alone, before all the others. */
  frameAlone(plan: SeriesPlan, frameIndex: number): Promise<string>;
  close(): void;
}

type Wish = DecodeRequest extends infer R
  ? R extends { kind: 'thumbnail' | 'overlay-planes' | 'frame-alone' }
    ? Omit<R, 'id' | 'out'>
    : never
  : never;

const LIMIT_MS = 10_000;

export const createRenditions = (
  base: Base,
  images: Images,
  tools: {
    cache: string;
    folderOf: (plan: SeriesPlan) => string;
    makeFolder: (plan: SeriesPlan) => Promise<string>;
    /** A new path in a folder, for what is being written. */
    newPart: (folder: string) => string;
    requireSources: (plan: SeriesPlan) => Promise<void>;
  },
): Renditions => {
  /** A process of their own: they never wait for a series being decoded. */
  const process = decodeProcess(base.outside, tools.cache, false);
  let last: Promise<unknown> = Promise.resolve();

  /** One after another. */
  const make = async (plan: SeriesPlan, name: string, wish: () => Wish): Promise<string> => {
    const path = join(tools.folderOf(plan), name);
    if (await stat(path).catch(() => null)) return path;
    await tools.requireSources(plan);
    const out = tools.newPart(await tools.makeFolder(plan));
    const wished = wish();
    let broken: string | null = null;
    const mine = last.then(() =>
      process.ask({ ...wished, out }, LIMIT_MS, (answer) => {
        broken = answer.kind === 'broken' ? answer.reason : 'The image is not there.';
      }),
    );
    // One that fails is its own asker's to hear of; the next is made all the same.
    last = mine.catch(() => {});
    const ending = await mine;
    if (broken !== null || ending !== 'done') {
      await rm(out, { force: true });
      throw new Fault('refused', broken ?? 'It could not be made.');
    }
    await rename(out, path);
    return path;
  };

  const fileAt = (plan: SeriesPlan, index: number) => {
    const frame = plan.images.frames[index];
    const [file] = images.fileOf(plan, [index]);
    if (!frame || !file) throw new Fault('not-found', 'There is no such image in this series.');
    return { frame, file };
  };

  return {
    thumbnail: (plan) =>
      make(plan, 'thumbnail.png', () => {
        const { frame, file } = fileAt(plan, Math.floor(plan.images.frames.length / 2));
        const [window = null] = frame.windows;
        const spacing = frame.calibration.kind === 'known' ? frame.calibration.spacingMm : null;
        return {
          kind: 'thumbnail',
          file,
          slope: frame.slope,
          intercept: frame.intercept,
          inverted: frame.inverted,
          window,
          voiTable: plan.images.voiTables?.[window?.table ?? -1] ?? null,
          aspect: spacing ? spacing[0] / spacing[1] : 1,
        };
      }),
    overlayPlanes: (plan, frameIndex) => {
      if (!plan.images.frames[frameIndex]?.overlayPlanes)
        throw new Fault('not-found', 'This image has no overlay plane.');
      return make(plan, `overlay-planes-${frameIndex}.bin`, () => {
        const { file } = fileAt(plan, frameIndex);
        return { kind: 'overlay-planes', file };
      });
    },
    frameAlone: (plan, frameIndex) =>
      make(plan, `frame-${frameIndex}.bin`, () => ({ kind: 'frame-alone', file: fileAt(plan, frameIndex).file })),
    close: () => process.close(),
  };
};
