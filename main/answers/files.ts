/** Files at media addresses that are made when they are asked for. Their names say nothing of the patient. */
import type { MediaHandler } from '../domains.ts';

export interface MadeFile {
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly type: string;
  readonly disposition: string;
}

/** null: there is no such file. */
export const answerFile = async (request: Request, make: () => Promise<MadeFile | null>): Promise<Response> => {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return new Response('Only reading is possible here.', { status: 405 });
  const file = await make();
  if (!file) return new Response('There is no such file.', { status: 404 });
  return new Response(request.method === 'HEAD' ? null : file.body, {
    headers: { 'content-type': file.type, 'content-disposition': file.disposition, 'cache-control': 'no-store' },
  });
};

/** <folder>/<id>.dcm; `name` is what it is saved as. */
export const dicomFiles =
  (folder: string, name: string, write: (id: string, signal: AbortSignal) => Promise<Uint8Array>): MediaHandler =>
  (request, segments) => {
    const [first, file = '', ...rest] = segments;
    const [, id] = /^([A-Za-z0-9_-]{1,64})\.dcm$/.exec(file) ?? [];
    if (first !== folder || rest.length > 0 || id === undefined) return null;
    return answerFile(request, async () => ({
      body: new Uint8Array(await write(id, request.signal)),
      type: 'application/dicom',
      disposition: `attachment; filename="${name}"`,
    }));
  };
