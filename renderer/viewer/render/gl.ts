/** WebGL 2 in few words: programs, textures and what is drawn into. */

type Gl = WebGL2RenderingContext;

export interface Program {
  use(): void;
  /** By name; a name that the compiler has left out is ignored by WebGL. */
  at(name: string): WebGLUniformLocation | null;
  delete(): void;
}

const shader = (gl: Gl, kind: number, source: string): WebGLShader => {
  const made = gl.createShader(kind);
  if (made === null) throw new Error('the graphics hardware makes no shader');
  gl.shaderSource(made, `#version 300 es\nprecision highp float;\nprecision highp int;\n${source}`);
  gl.compileShader(made);
  if (!gl.getShaderParameter(made, gl.COMPILE_STATUS) && !gl.isContextLost())
    throw new Error(`a shader does not compile: ${gl.getShaderInfoLog(made) ?? ''}`);
  return made;
};

export const programOf = (gl: Gl, vertex: string, fragment: string): Program => {
  const program = gl.createProgram();
  const shaders = [shader(gl, gl.VERTEX_SHADER, vertex), shader(gl, gl.FRAGMENT_SHADER, fragment)];
  for (const one of shaders) gl.attachShader(program, one);
  gl.linkProgram(program);
  for (const one of shaders) gl.deleteShader(one);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost())
    throw new Error(`a program does not link: ${gl.getProgramInfoLog(program) ?? ''}`);
  const places = new Map<string, WebGLUniformLocation | null>();
  return {
    use: () => gl.useProgram(program),
    at: (name) => {
      let place = places.get(name);
      if (place === undefined) {
        place = gl.getUniformLocation(program, name);
        places.set(name, place);
      }
      return place;
    },
    delete: () => gl.deleteProgram(program),
  };
};

/** A triangle over everything; `at` runs from -1 to 1. */
export const EVERYWHERE = `
out vec2 at;
void main() {
  at = vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0);
  gl_Position = vec4(at, 0.0, 1.0);
}`;

const plain = (gl: Gl, target: number, filter: number): void => {
  gl.texParameteri(target, gl.TEXTURE_MIN_FILTER, filter);
  gl.texParameteri(target, gl.TEXTURE_MAG_FILTER, filter);
  for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T, gl.TEXTURE_WRAP_R])
    gl.texParameteri(target, side, gl.CLAMP_TO_EDGE);
};

export const texture3D = (gl: Gl, format: number, size: readonly number[], filter: number): WebGLTexture => {
  const made = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_3D, made);
  plain(gl, gl.TEXTURE_3D, filter);
  gl.texStorage3D(gl.TEXTURE_3D, 1, format, size[0] ?? 1, size[1] ?? 1, size[2] ?? 1);
  return made;
};

export const texture2D = (gl: Gl, format: number, width: number, height: number, filter: number): WebGLTexture => {
  const made = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, made);
  plain(gl, gl.TEXTURE_2D, filter);
  gl.texStorage2D(gl.TEXTURE_2D, 1, format, width, height);
  return made;
};

/** A picture that can be drawn into and read from. */
export interface Target {
  readonly width: number;
  readonly height: number;
  readonly color: WebGLTexture;
  readonly depth: WebGLTexture | null;
  bind(): void;
  delete(): void;
}

export const targetOf = (gl: Gl, width: number, height: number, withDepth: boolean): Target => {
  const frame = gl.createFramebuffer();
  const color = texture2D(gl, gl.RGBA8, width, height, withDepth ? gl.NEAREST : gl.LINEAR);
  const depth = withDepth ? texture2D(gl, gl.DEPTH24_STENCIL8, width, height, gl.NEAREST) : null;
  gl.bindFramebuffer(gl.FRAMEBUFFER, frame);
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, color, 0);
  if (depth !== null) gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.DEPTH_STENCIL_ATTACHMENT, gl.TEXTURE_2D, depth, 0);
  return {
    width,
    height,
    color,
    depth,
    bind: () => gl.bindFramebuffer(gl.FRAMEBUFFER, frame),
    delete: () => {
      gl.deleteFramebuffer(frame);
      gl.deleteTexture(color);
      gl.deleteTexture(depth);
    },
  };
};

export const bindTexture = (gl: Gl, unit: number, kind: number, texture: WebGLTexture | null): void => {
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(kind, texture);
};

/** Waits until everything given so far has been drawn; false where the wait was given up or the context lost. */
export const finished = async (gl: Gl, signal: AbortSignal): Promise<boolean> => {
  const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
  gl.flush();
  if (fence === null) return false;
  try {
    for (let waitMs = 1; !signal.aborted && !gl.isContextLost(); waitMs = Math.min(16, waitMs * 1.5)) {
      const status = gl.clientWaitSync(fence, 0, 0);
      if (status === gl.ALREADY_SIGNALED || status === gl.CONDITION_SATISFIED) return true;
      if (status === gl.WAIT_FAILED) return false;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
    return false;
  } finally {
    gl.deleteSync(fence);
  }
};
