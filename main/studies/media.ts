import { readFile } from 'node:fs/promises';
import { Fault } from '../../preload/contract/index.ts';
import type { MediaHandler } from '../domains.ts';
import type { Images } from './images.ts';
import type { Overlays } from './overlays.ts';
import type { Pixels } from './pixels.ts';
import type { Uploads } from './uploads.ts';
import { volumeFile } from './volume-file.ts';

const STATUS: Readonly<Record<string, number>> = {
  invalid: 400,
  'not-found': 404,
  conflict: 409,
  refused: 422,
  cancelled: 499,
  closed: 503,
};
const plain = (status: number, text: string): Response =>
  new Response(text, { status, headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' } });

const faultResponse = (error: unknown): Response => {
  if (!(error instanceof Fault)) throw error;
  const status = error.details.sourceMissing === true ? 410 : (STATUS[error.code] ?? 500);
  return plain(status, error.message);
};
const bytesResponse = (bytes: Uint8Array, type: string): Response =>
  new Response(bytes as Uint8Array<ArrayBuffer>, {
    headers: { 'content-type': type, 'content-length': String(bytes.length), 'cache-control': 'no-store' },
  });

/** Pixels, thumbnails, marks and uploads by address. Unknown errors are the caller's to log. */
export const createMedia = (parts: {
  images: Images;
  pixels: Pixels;
  overlays: Overlays;
  uploads: Uploads;
}): MediaHandler => {
  const { images, pixels, overlays, uploads } = parts;

  const series = async (request: Request, segments: readonly string[]): Promise<Response> => {
    const [seriesId = '', tag = '', part = ''] = segments;
    const match = /^(\d{1,7})-(\d{1,7})$/.exec(part);
    if (segments.length !== 3 || !match) return plain(400, 'This is no address of pixels.');
    const plan = images.plan(seriesId);
    if (plan.images.pixelTag !== tag) return plain(409, 'The series has changed: ask for its images again.');
    const from = Number(match[1]);
    const to = Number(match[2]);
    const first = plan.images.frames[from];
    const last = plan.images.frames[to - 1];
    if (!first || !last || from >= to) return plain(400, 'There are no such frames.');
    const length = last.byteOffset + last.byteLength - first.byteOffset;
    const stream = await pixels.stream(plan, from, to, request.signal);
    return new Response(stream, {
      headers: {
        'content-type': 'application/octet-stream',
        'content-length': String(length),
        'cache-control': 'no-store',
      },
    });
  };

  const frameAhead = async (request: Request, [seriesId = '', tag = '', index = '', ...more]: readonly string[]) => {
    if (more.length > 0 || !/^\d{1,7}$/.test(index)) return plain(400, 'This is no address of a frame.');
    const plan = images.plan(seriesId);
    if (plan.images.pixelTag !== tag) return plain(409, 'The series has changed: ask for its images again.');
    const frame = plan.images.frames[Number(index)];
    if (!frame) return plain(400, 'There is no such frame.');
    return new Response(await pixels.frameAhead(plan, frame.index, request.signal), {
      headers: {
        'content-type': 'application/octet-stream',
        'content-length': String(frame.byteLength),
        'cache-control': 'no-store',
      },
    });
  };

  const planes = async ([seriesId = '', tag = '', index = '', ...more]: readonly string[]): Promise<Response> => {
    if (more.length > 0 || !/^\d{1,7}$/.test(index)) return plain(400, 'This is no address of overlay planes.');
    const plan = images.plan(seriesId);
    if (plan.images.pixelTag !== tag) return plain(409, 'The series has changed: ask for its images again.');
    const path = await pixels.overlayPlanes(plan, Number(index));
    return bytesResponse(await readFile(path), 'application/octet-stream');
  };

  /** volume/<series>.nii.gz */
  const volume = async ([file = '', ...more]: readonly string[], signal: AbortSignal): Promise<Response> => {
    const [, seriesId] = /^([A-Za-z0-9_-]{1,64})\.nii\.gz$/.exec(file) ?? [];
    if (more.length > 0 || seriesId === undefined) return plain(400, 'This is no address of a volume.');
    const plan = images.plan(seriesId);
    if (plan.images.volume.kind === 'none')
      return plain(422, `NIfTI holds volumes, and this series is none: ${plan.images.volume.reason}.`);
    return new Response(volumeFile(await pixels.decoded(plan, signal)), {
      headers: {
        'content-type': 'application/gzip',
        // Says nothing of the patient.
        'content-disposition': 'attachment; filename="volume.nii.gz"',
        'cache-control': 'no-store',
      },
    });
  };

  const answer = async (request: Request, segments: readonly string[]): Promise<Response> => {
    const [kind, ...rest] = segments;
    try {
      if (kind === 'upload') {
        if (request.method !== 'PUT') return plain(405, 'Uploads are sent with PUT.');
        const [uploadId = '', n = ''] = rest;
        if (rest.length !== 2 || !/^\d{1,7}$/.test(n)) return plain(400, 'This is no address of an upload.');
        await uploads.put(uploadId, Number(n), request);
        return plain(200, 'ok');
      }
      if (request.method !== 'GET') return plain(405, 'Only GET.');
      if (kind === 'pixels') return await series(request, rest);
      if (kind === 'volume') return await volume(rest, request.signal);
      if (kind === 'frame-ahead') return await frameAhead(request, rest);
      if (kind === 'overlay-planes') return await planes(rest);
      if (rest.length !== 1) return plain(400, 'This is no address of media.');
      const [id = ''] = rest;
      if (kind === 'thumbnail')
        return bytesResponse(await readFile(await pixels.thumbnail(images.plan(id))), 'image/png');
      return bytesResponse(
        await overlays.bytes(id, kind === 'labelmap' ? 'labelmap' : 'heatmap'),
        'application/octet-stream',
      );
    } catch (error) {
      return faultResponse(error);
    }
  };
  const OWN = new Set([
    'pixels',
    'frame-ahead',
    'overlay-planes',
    'thumbnail',
    'labelmap',
    'heatmap',
    'upload',
    'volume',
  ]);
  return (request, segments) => (OWN.has(segments[0] ?? '') ? answer(request, segments) : null);
};
