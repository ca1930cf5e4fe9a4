/** From modality values to greys. PS3.3 C.11.2 */

export interface VoiTable {
  /** Modality value of the first entry. */
  readonly first: number;
  /** Greys, each from 0 to 2^bits - 1. */
  readonly values: Uint16Array;
  readonly bits: number;
}

export interface Voi {
  readonly center: number;
  readonly width: number;
  /** LINEAR where it is not said. */
  readonly function?: 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID' | undefined;
}

/** A table as the contract carries it: uint16, little endian, base64. */
export const tableOf = (encoded: {
  readonly first: number;
  readonly bits: number;
  readonly values: string;
}): VoiTable => {
  const bytes = Uint8Array.from(atob(encoded.values), (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const values = Uint16Array.from({ length: bytes.length >> 1 }, (_, n) => view.getUint16(n * 2, true));
  return { first: encoded.first, bits: encoded.bits, values };
};

/** The window that a table fills: its first entry is black's edge, its last white's. */
export const windowOfTable = (table: Pick<VoiTable, 'first' | 'values'>): { center: number; width: number } => {
  const steps = table.values.length - 1;
  return { center: table.first + steps / 2, width: Math.max(steps, 1e-6) };
};

/**
 * Modality values drawn black and white by a window that is a line. PS3.3 C.11.2.1.2.1: LINEAR maps c - 0.5 - (w-1)/2
 * to black and c - 0.5 + (w-1)/2 to white; LINEAR_EXACT c ± w/2. LINEAR of a width below 1 is not allowed: exact then.
 */
export const windowEdges = (voi: Voi): readonly [number, number] => {
  const { center, width } = voi;
  return voi.function === 'LINEAR_EXACT' || width < 1
    ? [center - width / 2, center + width / 2]
    : [center - 0.5 - (width - 1) / 2, center - 0.5 + (width - 1) / 2];
};

/** True where the greys are not a line between two edges. */
export const isCurve = (voi: Voi, table: VoiTable | null): boolean => table !== null || voi.function === 'SIGMOID';

/** Grey of a modality value, 0 black to 1 white. */
export const greyOf = (voi: Voi, table: VoiTable | null): ((value: number) => number) => {
  if (table !== null) {
    const { values } = table;
    const last = values.length - 1;
    const most = 2 ** table.bits - 1;
    // Over its own window each value finds its own entry; over another the curve is stretched.
    const low = voi.center - voi.width / 2;
    const step = last / voi.width;
    return (value) => {
      const entry = Math.round((value - low) * step);
      return (values[Math.min(last, Math.max(0, entry))] ?? 0) / most;
    };
  }
  if (voi.function === 'SIGMOID') {
    // PS3.3 C.11.2.1.3.1
    const { center, width } = voi;
    return (value) => 1 / (1 + Math.exp((-4 * (value - center)) / width));
  }
  const [low, high] = windowEdges(voi);
  const gain = 1 / (high - low || 1e-9);
  return (value) => {
    const grey = (value - low) * gain;
    return grey > 1 ? 1 : Math.max(grey, 0);
  };
};
