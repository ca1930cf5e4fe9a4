/** Label surfaces in the patient frame, drawn by Cornerstone3D's 3D viewport with vtk.js actors of our own. */
import { Enums, type Types } from '@cornerstonejs/core';
import vtkDataArray from '@kitware/vtk.js/Common/Core/DataArray';
import vtkPolyData from '@kitware/vtk.js/Common/DataModel/PolyData';
import vtkActor from '@kitware/vtk.js/Rendering/Core/Actor';
import vtkMapper from '@kitware/vtk.js/Rendering/Core/Mapper';
import { type Vec3, voxelToPatient } from '../../../models/kit/geometry.ts';
import type { Affine } from '../../../preload/contract/index.ts';
import { contextOf, engine, isPresent } from './engine.ts';
import type { Mesh } from './surface.ts';

export interface ShownSurface {
  readonly key: string;
  readonly mesh: Mesh;
  readonly color: readonly [number, number, number];
  /** 0 to 1. */
  readonly opacity: number;
}

/** Continuous voxel coordinates (outer corner 0) to patient millimetres: the affine speaks of voxel centres. */
const placed = (mesh: Mesh, affine: Affine): Float32Array => {
  const out = new Float32Array(mesh.points.length);
  for (let n = 0; n < out.length; n += 3) {
    const at: Vec3 = [(mesh.points[n] ?? 0) - 0.5, (mesh.points[n + 1] ?? 0) - 0.5, (mesh.points[n + 2] ?? 0) - 0.5];
    out.set(voxelToPatient(affine, at), n);
  }
  return out;
};

/** Unit normals at the points: the sum of the triangles' about each. */
const normalsOf = (points: Float32Array, triangles: Uint32Array, flipped: boolean): Float32Array => {
  const normals = new Float32Array(points.length);
  const at = (index: number, axis: number): number => points[index * 3 + axis] ?? 0;
  for (let n = 0; n < triangles.length; n += 3) {
    const [a = 0, b = 0, c = 0] = triangles.subarray(n, n + 3);
    const u = [at(b, 0) - at(a, 0), at(b, 1) - at(a, 1), at(b, 2) - at(a, 2)] as const;
    const v = [at(c, 0) - at(a, 0), at(c, 1) - at(a, 1), at(c, 2) - at(a, 2)] as const;
    const sign = flipped ? -1 : 1;
    const normal = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]] as const;
    for (const index of [a, b, c])
      for (const axis of [0, 1, 2] as const)
        normals[index * 3 + axis] = (normals[index * 3 + axis] ?? 0) + sign * normal[axis];
  }
  for (let n = 0; n < normals.length; n += 3) {
    const length = Math.hypot(normals[n] ?? 0, normals[n + 1] ?? 0, normals[n + 2] ?? 0) || 1;
    for (const axis of [0, 1, 2]) normals[n + axis] = (normals[n + axis] ?? 0) / length;
  }
  return normals;
};

const actorOf = (mesh: Mesh, affine: Affine) => {
  const points = placed(mesh, affine);
  const data = vtkPolyData.newInstance();
  data.getPoints().setData(points, 3);
  const cells = new Uint32Array((mesh.triangles.length / 3) * 4);
  for (let n = 0, at = 0; n < mesh.triangles.length; n += 3) {
    cells[at++] = 3;
    cells.set(mesh.triangles.subarray(n, n + 3), at);
    at += 3;
  }
  data.getPolys().setData(cells);
  // A left-handed grid turns triangles inside out.
  const [a, b, c, , d, e, f, , g, h, i] = affine;
  const flipped = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g) < 0;
  data.getPointData().setNormals(
    vtkDataArray.newInstance({
      name: 'Normals',
      values: normalsOf(points, mesh.triangles, flipped),
      numberOfComponents: 3,
    }),
  );
  const mapper = vtkMapper.newInstance();
  mapper.setInputData(data);
  mapper.setScalarVisibility(false);
  const actor = vtkActor.newInstance();
  actor.setMapper(mapper);
  const property = actor.getProperty();
  property.setInterpolationToPhong();
  property.setAmbient(0.12);
  property.setDiffuse(0.85);
  property.setSpecular(0.25);
  property.setSpecularPower(24);
  return actor;
};

let nextScene = 0;

export class SurfaceScene {
  /** Cells side by side have one each. */
  readonly #viewportId = `3d-${nextScene++}`;
  readonly #rendering = engine();
  readonly #viewport: Types.IVolumeViewport;
  readonly #host: HTMLDivElement;
  readonly #actors = new Map<string, ReturnType<typeof actorOf>>();
  #framed = '';
  /** Something was made of memory of the graphics hardware that has not been seen on the screen yet. */
  #unproven = false;

  /** onTrouble: what is shown is not what was asked for, and why. */
  constructor(element: HTMLElement, onTrouble: (error: Error) => void) {
    this.#host = document.createElement('div');
    this.#host.className = 'cornerstone';
    element.append(this.#host);
    this.#rendering.enableElement({
      viewportId: this.#viewportId,
      element: this.#host,
      type: Enums.ViewportType.VOLUME_3D,
      defaultOptions: { background: [0.02, 0.025, 0.032] },
    });
    this.#viewport = this.#rendering.getViewport(this.#viewportId) as Types.IVolumeViewport;
    this.#host.addEventListener(Enums.Events.IMAGE_RENDERED, () => {
      if (!this.#unproven) return;
      this.#unproven = false;
      const context = contextOf(this.#rendering, this.#viewportId);
      const error = context?.getError() ?? 0;
      if (error === context?.OUT_OF_MEMORY) onTrouble(new Error('the graphics hardware has too little memory.'));
      else if (error !== 0) onTrouble(new Error(`the graphics hardware answers error ${error}.`));
    });
  }

  resize(): void {
    if (!isPresent(this.#rendering)) return;
    this.#rendering.resize(true, true);
    this.#viewport.render();
  }

  /** Shows these surfaces of a volume; the camera is set anew only where the volume is another. */
  show(surfaces: readonly ShownSurface[], affine: Affine, dims: Vec3, volumeKey: string): void {
    if (!isPresent(this.#rendering)) return;
    const wanted = new Set(surfaces.map((surface) => surface.key));
    const gone = [...this.#actors.keys()].filter((key) => !wanted.has(key));
    if (gone.length > 0) this.#viewport.removeActors(gone);
    for (const key of gone) this.#actors.delete(key);
    for (const { key, mesh, color, opacity } of surfaces) {
      let actor = this.#actors.get(key);
      if (actor === undefined) {
        if (!this.#unproven) contextOf(this.#rendering, this.#viewportId)?.getError();
        this.#unproven = true;
        actor = actorOf(mesh, affine);
        this.#actors.set(key, actor);
        this.#viewport.addActor({ uid: key, actor: actor as unknown as Types.Actor });
      }
      const [r, g, b] = color;
      actor.getProperty().setColor(r / 255, g / 255, b / 255);
      actor.getProperty().setOpacity(opacity);
    }
    if (this.#framed !== volumeKey) {
      this.#framed = volumeKey;
      this.#frame(affine, dims);
    } else {
      this.#viewport.render();
    }
  }

  /** From the front, head up, the whole volume in view. */
  #frame(affine: Affine, dims: Vec3): void {
    const focal = voxelToPatient(affine, [dims[0] / 2, dims[1] / 2, dims[2] / 2]);
    const corner = voxelToPatient(affine, [0, 0, 0]);
    const radius = Math.hypot(focal[0] - corner[0], focal[1] - corner[1], focal[2] - corner[2]);
    const from: Vec3 = [-0.35, -1, 0.25];
    const length = Math.hypot(...from);
    const away = radius * 3;
    this.#viewport.setCamera({
      focalPoint: [...focal],
      position: focal.map((value, axis) => value + ((from[axis] ?? 0) / length) * away) as Types.Point3,
      viewUp: [0, 0, 1],
      parallelProjection: true,
      parallelScale: radius * 0.72,
    });
    this.#viewport.getRenderer().resetCameraClippingRange();
    this.#viewport.render();
  }

  reset(affine: Affine, dims: Vec3): void {
    this.#frame(affine, dims);
  }

  /** Turned by canvas pixels, as if the hand held the body. */
  orbit(dx: number, dy: number): void {
    if (!isPresent(this.#rendering)) return;
    const camera = this.#viewport.getRenderer().getActiveCamera();
    camera.azimuth(-dx * 0.5);
    camera.elevation(dy * 0.5);
    camera.orthogonalizeViewUp();
    this.#clip();
  }

  zoom(factor: number): void {
    if (!isPresent(this.#rendering)) return;
    const camera = this.#viewport.getRenderer().getActiveCamera();
    camera.setParallelScale(camera.getParallelScale() / factor);
    this.#clip();
  }

  close(): void {
    if (isPresent(this.#rendering)) this.#rendering.disableElement(this.#viewportId);
    this.#host.remove();
  }

  #clip(): void {
    this.#viewport.getRenderer().resetCameraClippingRange();
    this.#viewport.render();
  }
}
