import type { Random } from '../random.ts';
import type { PlannedLesion } from './lesions/index.ts';
import type { Plane } from './project.ts';

/** Chord lengths through a slightly uneven ball, times attenuation per mm. */
export const drawBall = (
  map: Float32Array,
  plane: Plane,
  lesion: PlannedLesion,
  density: number,
  random: Random,
): void => {
  if (lesion.ball === null) return;
  const { width, height, pixelMm, centreX, centreZ, detectorY, sourceY } = plane;
  const m = (detectorY - sourceY) / (lesion.centreMm[1] - sourceY);
  const cx = (width - 1) / 2 + ((lesion.centreMm[0] - centreX) * m) / pixelMm;
  const cy = (height - 1) / 2 - ((lesion.centreMm[2] - centreZ) * m) / pixelMm;
  const radius = (lesion.ball.radiusMm * m) / pixelMm;
  const waves = Array.from(
    { length: 7 },
    (_, n) =>
      [
        n + 2,
        random.between(0, 6.283),
        random.normal(0, (lesion.ball?.spikes ? 0.09 : 0.035) / (1 + 0.25 * n)),
      ] as const,
  );
  const spikes = lesion.ball.spikes
    ? Array.from({ length: 11 }, () => [random.between(0, 6.283), random.between(1.15, 1.6)] as const)
    : [];
  const reach = Math.ceil(radius * 1.7 + 2);
  for (let j = Math.max(0, Math.floor(cy) - reach); j <= Math.min(height - 1, Math.ceil(cy) + reach); j++) {
    for (let i = Math.max(0, Math.floor(cx) - reach); i <= Math.min(width - 1, Math.ceil(cx) + reach); i++) {
      const dx = i - cx,
        dy = j - cy;
      const rho = Math.hypot(dx, dy),
        angle = Math.atan2(dy, dx);
      let edge = 1;
      for (const [f, phase, a] of waves) edge += a * Math.cos(f * angle + phase);
      const r = radius * edge;
      let chord = rho < r ? 2 * Math.sqrt(1 - (rho / r) ** 2) * lesion.ball.radiusMm : 0;
      for (const [a, far] of spikes) {
        const turn = Math.abs(Math.atan2(Math.sin(angle - a), Math.cos(angle - a))) * rho * pixelMm;
        if (rho > r * 0.7 && rho < radius * far && turn < 1.2)
          chord = Math.max(chord, 2.4 * (1 - turn / 1.2) * (1 - (rho / (radius * far)) ** 3));
      }
      map[i + width * j] = chord * density;
    }
  }
};
