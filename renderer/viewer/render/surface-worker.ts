/// <reference lib="webworker" />
import { type Mesh, surfaceOf } from './surface.ts';

export type SurfaceRequest =
  | { readonly kind: 'labels'; readonly bytes: Uint8Array; readonly dims: readonly [number, number, number] }
  | {
      readonly kind: 'surface';
      readonly value: number;
      readonly bounds: readonly number[];
      readonly spacingMm: readonly [number, number, number];
    };
export interface SurfaceAnswer {
  readonly value: number;
  readonly mesh: Mesh | null;
}

let labels: Extract<SurfaceRequest, { kind: 'labels' }> | null = null;

addEventListener('message', ({ data }: MessageEvent<SurfaceRequest>) => {
  if (data.kind === 'labels') labels = data;
  else if (labels !== null) {
    const mesh = surfaceOf(labels.bytes, labels.dims, data.value, data.bounds, data.spacingMm);
    const answer: SurfaceAnswer = { value: data.value, mesh };
    postMessage(answer, { transfer: mesh === null ? [] : [mesh.points.buffer, mesh.triangles.buffer] });
  }
});
