/** The images of a series as one NIfTI volume: stored values with slope and intercept, and the affine of its label maps. */
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { niftiHead } from '../../models/kit/nifti.ts';
import { BYTES_PER_PIXEL, Fault } from '../../preload/contract/index.ts';
import type { DecodedSeries } from '../domains.ts';

/** Faults 'refused' where the images are no volume. The stream lets the decoded pixels go at its end. */
export const volumeFile = (decoded: DecodedSeries): ReadableStream<Uint8Array> => {
  const { images, path, release } = decoded;
  const { volume, frames } = images;
  if (volume.kind === 'none') {
    release();
    throw new Fault('refused', `NIfTI holds volumes, and this series is none: ${volume.reason}.`);
  }
  const bytes = volume.dims[0] * volume.dims[1] * BYTES_PER_PIXEL[volume.format];
  async function* parts(head: Uint8Array): AsyncGenerator<Uint8Array> {
    const file = await open(path, 'r').catch((error: unknown) => {
      release();
      throw error;
    });
    try {
      yield head;
      for (const frame of frames) {
        const part = new Uint8Array(bytes);
        for (let done = 0; done < bytes; ) {
          const { bytesRead } = await file.read(part, done, bytes - done, frame.byteOffset + done);
          if (bytesRead === 0) throw new Error('the decoded pixels are cut short');
          done += bytesRead;
        }
        yield part;
      }
    } finally {
      await file.close();
      release();
    }
  }
  let head: Uint8Array;
  try {
    head = niftiHead({ ...volume, affine: volume.affineVoxelToPatient, labels: false });
  } catch (error) {
    release();
    throw error instanceof RangeError ? new Fault('refused', `${error.message}.`) : error;
  }
  // Speed before size: the values are noise to a great part.
  const zipped = createGzip({ level: 3 });
  const source = Readable.from(parts(head));
  source.on('error', (error) => zipped.destroy(error));
  zipped.on('close', () => source.destroy());
  return Readable.toWeb(source.pipe(zipped)) as ReadableStream<Uint8Array>;
};
