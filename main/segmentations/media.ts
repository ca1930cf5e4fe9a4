import { Fault } from '../../preload/contract/index.ts';
import type { MediaHandler } from '../domains.ts';
import type { Reader } from '../store/index.ts';
import { FORMS, type Form } from './export.ts';
import type { Labels } from './labels.ts';
import { dimsOf } from './rows.ts';

const text = (status: number, words: string): Response =>
  new Response(words, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  });
const bytesHeaders = (length: number): Record<string, string> => ({
  'content-type': 'application/octet-stream',
  'content-length': String(length),
  'cache-control': 'no-store',
});

/** labelmap/<id> of what the reader edits, segmentation/<id>/acts, segmentation/<id>/edit/<edit>, segmentation/<id>/file/<form>. */
export const createSegmentationMedia = (parts: {
  read: Reader;
  labels: Labels;
  take: (segmentationId: string, request: Request) => Promise<void>;
  write: (overlayId: string, form: Form) => Promise<Uint8Array>;
}): MediaHandler => {
  const { read, labels, take, write } = parts;

  /** Slice by slice: a labelmap of a large series is never whole in memory here. The header says at which edit it is. */
  const labelmap = async (id: string): Promise<Response> => {
    const open = await labels.open(id);
    const [columns, rows, count] = dimsOf(open.row);
    let k = 0;
    const stream = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          try {
            controller.enqueue(await open.slice(k));
            k += 1;
            if (k < count) return;
            controller.close();
          } catch (error) {
            controller.error(error);
          }
          await open.close();
        },
        cancel: () => open.close(),
      },
      { highWaterMark: 2 },
    );
    return new Response(stream, {
      headers: { ...bytesHeaders(columns * rows * count), 'x-sightline-edit': open.row.current ?? '' },
    });
  };

  const segmentation = async (request: Request, segments: readonly string[]): Promise<Response> => {
    const [id = '', what = '', editId = ''] = segments;
    if (what === 'acts' && segments.length === 2) {
      if (request.method !== 'PUT') return text(405, 'Acts are sent with PUT.');
      await take(id, request);
      return text(200, 'kept');
    }
    if (what === 'file' && segments.length === 3 && Object.hasOwn(FORMS, editId)) {
      if (request.method !== 'GET') return text(405, 'Only GET.');
      const form = FORMS[editId as Form];
      const bytes = await write(id, editId as Form);
      return new Response(new Uint8Array(bytes), {
        headers: {
          ...bytesHeaders(bytes.length),
          'content-type': form.media,
          // Says nothing of the patient.
          'content-disposition': `attachment; filename="${form.name}"`,
        },
      });
    }
    if (what !== 'edit' || segments.length !== 3) throw new Fault('invalid', 'This is no address of a segmentation.');
    if (request.method !== 'GET') return text(405, 'Only GET.');
    const bytes = (await labels.difference(id, editId)) ?? new Uint8Array(0);
    return new Response(new Uint8Array(bytes), { headers: bytesHeaders(bytes.length) });
  };

  return (request, [kind, ...rest]) => {
    if (kind === 'segmentation') return segmentation(request, rest);
    const [id = ''] = rest;
    const own =
      kind === 'labelmap' && rest.length === 1 && read.get('SELECT 1 FROM segmentation WHERE id = ?', id) !== undefined;
    if (!own) return null;
    return request.method === 'GET' ? labelmap(id) : Promise.resolve(text(405, 'Only GET.'));
  };
};
