/**
 * Every command of the window, once: id, words, keys. A screen binds what it can do while it is mounted; the menu, the
 * help sheet and the keyboard read this list. To add one: a line here, a bind() where it is done.
 */
export interface Command {
  readonly id: string;
  readonly title: string;
  /** 'Mod+Enter' (Mod: Ctrl, or Command on macOS), 'Shift+N', 'ArrowDown', '/'. Letters in lower case. */
  readonly keys: readonly string[];
  /** Where the help sheet lists it. Two commands of one group, or one and 'window', never share a key (tested). */
  readonly group: 'window' | 'worklist' | 'segment' | 'viewer' | 'report';
  /** Also while a text field has the focus. Only for keys with Mod or Alt, and Escape. */
  readonly inText?: true;
}

export const COMMANDS = [
  { id: 'window.worklist', title: 'Worklist', keys: ['Mod+l'], group: 'window', inText: true },
  { id: 'window.help', title: 'Keyboard shortcuts', keys: ['?', 'F1'], group: 'window' },
  { id: 'window.both', title: 'Images and report', keys: ['Alt+6'], group: 'window' },
  { id: 'window.images', title: 'Images only', keys: ['Alt+7'], group: 'window' },
  { id: 'window.report', title: 'Report only', keys: ['Alt+8'], group: 'window' },
  { id: 'window.next-unread', title: 'Next unread study', keys: ['n'], group: 'window' },
  { id: 'window.previous-unread', title: 'Previous unread study', keys: ['p'], group: 'window' },

  { id: 'worklist.search', title: 'Search', keys: ['/'], group: 'worklist' },
  { id: 'worklist.import', title: 'Import', keys: ['Mod+i'], group: 'worklist', inText: true },
  { id: 'worklist.down', title: 'Study below', keys: ['ArrowDown', 'j'], group: 'worklist' },
  { id: 'worklist.up', title: 'Study above', keys: ['ArrowUp', 'k'], group: 'worklist' },
  { id: 'worklist.open', title: 'Open study', keys: ['Enter'], group: 'worklist' },
  { id: 'worklist.delete', title: 'Delete study', keys: ['Delete'], group: 'worklist' },

  // While labels are edited these come before the viewer's and the report's: a stroke is what undo takes back then.
  { id: 'segment.brush', title: 'Brush', keys: ['b'], group: 'segment' },
  { id: 'segment.eraser', title: 'Eraser', keys: ['e'], group: 'segment' },
  { id: 'segment.ball', title: 'Sphere brush', keys: ['Shift+B'], group: 'segment' },
  { id: 'segment.threshold', title: 'Threshold brush', keys: ['Shift+T'], group: 'segment' },
  { id: 'segment.fill', title: 'Fill', keys: ['f'], group: 'segment' },
  { id: 'segment.scissors', title: 'Scissors', keys: ['Shift+X'], group: 'segment' },
  { id: 'segment.operations', title: 'Operations on the whole segment', keys: ['Shift+O'], group: 'segment' },
  { id: 'segment.larger', title: 'Larger brush', keys: ['+', '='], group: 'segment' },
  { id: 'segment.smaller', title: 'Smaller brush', keys: ['-'], group: 'segment' },
  { id: 'segment.undo', title: 'Undo an edit of labels', keys: ['Mod+z'], group: 'segment' },
  { id: 'segment.redo', title: 'Do it again', keys: ['Mod+Shift+Z', 'Mod+y'], group: 'segment' },
  { id: 'segment.next', title: 'Next segment', keys: ['Alt+PageDown'], group: 'segment' },
  { id: 'segment.previous', title: 'Previous segment', keys: ['Alt+PageUp'], group: 'segment' },
  { id: 'segment.new', title: 'New segment', keys: ['Shift+N'], group: 'segment' },
  { id: 'segment.left', title: 'Brush to the left', keys: ['Shift+ArrowLeft'], group: 'segment' },
  { id: 'segment.right', title: 'Brush to the right', keys: ['Shift+ArrowRight'], group: 'segment' },
  { id: 'segment.up', title: 'Brush up', keys: ['Shift+ArrowUp'], group: 'segment' },
  { id: 'segment.down', title: 'Brush down', keys: ['Shift+ArrowDown'], group: 'segment' },
  { id: 'segment.far-left', title: 'Brush ten to the left', keys: ['Mod+Shift+ArrowLeft'], group: 'segment' },
  { id: 'segment.far-right', title: 'Brush ten to the right', keys: ['Mod+Shift+ArrowRight'], group: 'segment' },
  { id: 'segment.far-up', title: 'Brush ten up', keys: ['Mod+Shift+ArrowUp'], group: 'segment' },
  { id: 'segment.far-down', title: 'Brush ten down', keys: ['Mod+Shift+ArrowDown'], group: 'segment' },
  { id: 'segment.dab', title: 'Draw where the brush is', keys: ['Enter'], group: 'segment' },
  { id: 'segment.cut', title: 'Cut along the corners that are set', keys: ['Shift+Enter'], group: 'segment' },
  {
    id: 'segment.cancel',
    title: 'Leave the stroke, outline or operation',
    keys: ['Escape'],
    group: 'segment',
    inText: true,
  },
  { id: 'segment.close', title: 'Leave editing labels', keys: ['Shift+Escape'], group: 'segment' },

  { id: 'viewer.next-image', title: 'Next image', keys: ['ArrowDown'], group: 'viewer' },
  { id: 'viewer.previous-image', title: 'Previous image', keys: ['ArrowUp'], group: 'viewer' },
  { id: 'viewer.next-ten', title: 'Ten images on', keys: ['PageDown'], group: 'viewer' },
  { id: 'viewer.previous-ten', title: 'Ten images back', keys: ['PageUp'], group: 'viewer' },
  { id: 'viewer.first-image', title: 'First image', keys: ['Home'], group: 'viewer' },
  { id: 'viewer.last-image', title: 'Last image', keys: ['End'], group: 'viewer' },
  { id: 'viewer.next-series', title: 'Next series', keys: [']'], group: 'viewer' },
  { id: 'viewer.previous-series', title: 'Previous series', keys: ['['], group: 'viewer' },
  { id: 'viewer.tool-window', title: 'Window/level tool', keys: ['w'], group: 'viewer' },
  { id: 'viewer.tool-pan', title: 'Pan tool', keys: ['m'], group: 'viewer' },
  { id: 'viewer.tool-zoom', title: 'Zoom tool', keys: ['z'], group: 'viewer' },
  { id: 'viewer.tool-scroll', title: 'Scroll tool', keys: ['s'], group: 'viewer' },
  { id: 'viewer.tool-cross', title: 'Crosshair tool', keys: ['c'], group: 'viewer' },
  { id: 'viewer.tool-point', title: '3D cursor', keys: ['Shift+G'], group: 'viewer' },
  { id: 'viewer.slab', title: 'Slab: MIP, MinIP, mean, off', keys: ['u'], group: 'viewer' },
  { id: 'viewer.slab-thicker', title: 'Thicker slab', keys: ['+', '='], group: 'viewer' },
  { id: 'viewer.slab-thinner', title: 'Thinner slab', keys: ['-'], group: 'viewer' },
  { id: 'viewer.plane-straighten', title: 'Straighten the planes', keys: ['Shift+P'], group: 'viewer' },
  { id: 'viewer.plane-up', title: 'Lean the plane up by 1°', keys: ['Mod+ArrowUp'], group: 'viewer' },
  { id: 'viewer.plane-down', title: 'Lean the plane down by 1°', keys: ['Mod+ArrowDown'], group: 'viewer' },
  { id: 'viewer.plane-left', title: 'Lean the plane to the left by 1°', keys: ['Mod+ArrowLeft'], group: 'viewer' },
  { id: 'viewer.plane-right', title: 'Lean the plane to the right by 1°', keys: ['Mod+ArrowRight'], group: 'viewer' },
  { id: 'viewer.plane-turn', title: 'Turn the plane clockwise by 1°', keys: ['Alt+]'], group: 'viewer' },
  { id: 'viewer.plane-turn-back', title: 'Turn the plane back by 1°', keys: ['Alt+['], group: 'viewer' },
  { id: 'viewer.plane-far-up', title: 'Lean the plane up by 5°', keys: ['Mod+Shift+ArrowUp'], group: 'viewer' },
  { id: 'viewer.plane-far-down', title: 'Lean the plane down by 5°', keys: ['Mod+Shift+ArrowDown'], group: 'viewer' },
  { id: 'viewer.plane-far-left', title: 'Lean the plane left by 5°', keys: ['Mod+Shift+ArrowLeft'], group: 'viewer' },
  {
    id: 'viewer.plane-far-right',
    title: 'Lean the plane right by 5°',
    keys: ['Mod+Shift+ArrowRight'],
    group: 'viewer',
  },
  { id: 'viewer.plane-far-turn', title: 'Turn the plane clockwise by 5°', keys: ['Alt+}'], group: 'viewer' },
  { id: 'viewer.plane-far-turn-back', title: 'Turn the plane back by 5°', keys: ['Alt+{'], group: 'viewer' },
  { id: 'viewer.tool-region', title: 'Window from a region', keys: ['Shift+W'], group: 'viewer' },
  { id: 'viewer.tool-lens', title: 'Magnifier: press, or hold', keys: ['g'], group: 'viewer' },
  { id: 'viewer.tool-turn', title: 'Turn tool', keys: ['Shift+U'], group: 'viewer' },
  { id: 'viewer.window-seen', title: 'Window from what is seen', keys: ['b'], group: 'viewer' },
  { id: 'viewer.window-numbers', title: 'Type width and level', keys: ['Alt+w'], group: 'viewer' },
  { id: 'viewer.window-keep', title: 'Keep this window under a name', keys: ['Alt+k'], group: 'viewer' },
  { id: 'viewer.window-own', title: 'Your windows', keys: [], group: 'viewer' },
  { id: 'viewer.wider', title: 'Wider window', keys: ['Alt+ArrowRight'], group: 'viewer' },
  { id: 'viewer.narrower', title: 'Narrower window', keys: ['Alt+ArrowLeft'], group: 'viewer' },
  { id: 'viewer.level-up', title: 'Level up: darker', keys: ['Alt+PageUp'], group: 'viewer' },
  { id: 'viewer.level-down', title: 'Level down: brighter', keys: ['Alt+PageDown'], group: 'viewer' },
  { id: 'viewer.zoom-in', title: 'Zoom in', keys: ['j', 'Alt+='], group: 'viewer' },
  { id: 'viewer.zoom-out', title: 'Zoom out', keys: ['Shift+J', 'Alt+-'], group: 'viewer' },
  { id: 'viewer.zoom-fit', title: 'Whole image', keys: ['0'], group: 'viewer' },
  { id: 'viewer.zoom-pixels', title: 'One image pixel on one of the screen', keys: ['*'], group: 'viewer' },
  { id: 'viewer.pan-left', title: 'Image to the left', keys: ['Shift+ArrowLeft'], group: 'viewer' },
  { id: 'viewer.pan-right', title: 'Image to the right', keys: ['Shift+ArrowRight'], group: 'viewer' },
  { id: 'viewer.pan-up', title: 'Image up', keys: ['Shift+ArrowUp'], group: 'viewer' },
  { id: 'viewer.pan-down', title: 'Image down', keys: ['Shift+ArrowDown'], group: 'viewer' },
  { id: 'viewer.turn-left', title: 'Turn by 1° to the left', keys: ['Alt+('], group: 'viewer' },
  { id: 'viewer.turn-right', title: 'Turn by 1° to the right', keys: ['Alt+)'], group: 'viewer' },
  { id: 'viewer.turn-far-left', title: 'Turn by 15° to the left', keys: ['('], group: 'viewer' },
  { id: 'viewer.turn-far-right', title: 'Turn by 15° to the right', keys: [')'], group: 'viewer' },
  { id: 'viewer.cross-left', title: 'Crosshair to the left', keys: ['ArrowLeft'], group: 'viewer' },
  { id: 'viewer.cross-right', title: 'Crosshair to the right', keys: ['ArrowRight'], group: 'viewer' },
  { id: 'viewer.cross-up', title: 'Crosshair up', keys: ['Shift+PageUp'], group: 'viewer' },
  { id: 'viewer.cross-down', title: 'Crosshair down', keys: ['Shift+PageDown'], group: 'viewer' },
  { id: 'viewer.focus', title: 'Keyboard to the images, or to the report', keys: ['F6'], group: 'viewer' },
  { id: 'viewer.next-view', title: 'Next plane', keys: [','], group: 'viewer' },
  { id: 'viewer.colors', title: 'Next colours', keys: ['Shift+I'], group: 'viewer' },
  { id: 'viewer.invert', title: 'Invert greys', keys: ['i'], group: 'viewer' },
  { id: 'viewer.reset', title: 'Reset view', keys: ['r'], group: 'viewer' },
  { id: 'viewer.rotate', title: 'Rotate by 90°', keys: ['Shift+R'], group: 'viewer' },
  { id: 'viewer.flip', title: 'Mirror left to right', keys: ['h'], group: 'viewer' },
  { id: 'viewer.cine', title: 'Play or stop', keys: [' '], group: 'viewer' },
  { id: 'viewer.cine-faster', title: 'Play faster', keys: ['>'], group: 'viewer' },
  { id: 'viewer.cine-slower', title: 'Play slower', keys: ['<'], group: 'viewer' },
  { id: 'viewer.cine-sweep', title: 'Play back and forth, or round', keys: ['Shift+K'], group: 'viewer' },
  { id: 'viewer.overlays', title: 'Show or hide all marks', keys: ['o'], group: 'viewer' },
  { id: 'viewer.text', title: 'Show or hide the text on images', keys: ['t'], group: 'viewer' },
  { id: 'viewer.layout-stack', title: 'One stack', keys: ['Alt+1'], group: 'viewer' },
  { id: 'viewer.layout-planes', title: 'Three planes and 3D', keys: ['Alt+2'], group: 'viewer' },
  { id: 'viewer.scene-next', title: 'Next 3D preset', keys: ['Alt+g'], group: 'viewer' },
  { id: 'viewer.scene-previous', title: 'Previous 3D preset', keys: ['Alt+Shift+G'], group: 'viewer' },
  { id: 'viewer.scene-cut', title: 'Cut the 3D view at the plane', keys: ['Alt+x'], group: 'viewer' },
  { id: 'viewer.scene-panel', title: 'Opacity and cuts of the 3D view', keys: [], group: 'viewer' },
  { id: 'viewer.scene-A', title: '3D from the front', keys: ['Alt+Shift+A'], group: 'viewer' },
  { id: 'viewer.scene-P', title: '3D from the back', keys: ['Alt+Shift+P'], group: 'viewer' },
  { id: 'viewer.scene-L', title: '3D from the left', keys: ['Alt+Shift+L'], group: 'viewer' },
  { id: 'viewer.scene-R', title: '3D from the right', keys: ['Alt+Shift+R'], group: 'viewer' },
  { id: 'viewer.scene-H', title: '3D from the head', keys: ['Alt+Shift+H'], group: 'viewer' },
  { id: 'viewer.scene-F', title: '3D from the feet', keys: ['Alt+Shift+F'], group: 'viewer' },
  { id: 'viewer.grid-one', title: 'One cell', keys: ['Alt+3'], group: 'viewer' },
  { id: 'viewer.grid-two', title: 'Two cells side by side', keys: ['Alt+4'], group: 'viewer' },
  { id: 'viewer.grid-four', title: 'Four cells', keys: ['Alt+5'], group: 'viewer' },
  { id: 'viewer.next-cell', title: 'Next cell', keys: ['.'], group: 'viewer' },
  { id: 'viewer.link', title: 'Cells follow one another, or not', keys: ['l'], group: 'viewer' },
  { id: 'viewer.link-here', title: 'Link the cells where they stand', keys: ['Shift+L'], group: 'viewer' },
  { id: 'viewer.lines', title: 'Reference lines', keys: ['v'], group: 'viewer' },
  { id: 'viewer.maximise', title: 'One view large, or all', keys: ['x'], group: 'viewer' },
  { id: 'viewer.preset-1', title: 'Window preset 1', keys: ['1'], group: 'viewer' },
  { id: 'viewer.preset-2', title: 'Window preset 2', keys: ['2'], group: 'viewer' },
  { id: 'viewer.preset-3', title: 'Window preset 3', keys: ['3'], group: 'viewer' },
  { id: 'viewer.preset-4', title: 'Window preset 4', keys: ['4'], group: 'viewer' },
  { id: 'viewer.preset-5', title: 'Window preset 5', keys: ['5'], group: 'viewer' },
  { id: 'viewer.preset-6', title: 'Window preset 6', keys: ['6'], group: 'viewer' },
  { id: 'viewer.own-1', title: 'Your first window', keys: ['7'], group: 'viewer' },
  { id: 'viewer.own-2', title: 'Your second window', keys: ['8'], group: 'viewer' },
  { id: 'viewer.own-3', title: 'Your third window', keys: ['9'], group: 'viewer' },
  { id: 'viewer.measure-length', title: 'Measure a length', keys: ['d'], group: 'viewer' },
  { id: 'viewer.measure-bidirectional', title: 'Measure two diameters', keys: ['Shift+D'], group: 'viewer' },
  { id: 'viewer.measure-angle', title: 'Measure an angle', keys: ['Shift+A'], group: 'viewer' },
  { id: 'viewer.measure-cobb', title: 'Measure a Cobb angle', keys: ['k'], group: 'viewer' },
  { id: 'viewer.measure-cardiothoracic', title: 'Measure heart and thorax', keys: ['Shift+C'], group: 'viewer' },
  { id: 'viewer.measure-ellipse', title: 'Measure in an ellipse', keys: ['Shift+E'], group: 'viewer' },
  { id: 'viewer.measure-rectangle', title: 'Measure in a rectangle', keys: ['Shift+S'], group: 'viewer' },
  { id: 'viewer.measure-freehand', title: 'Measure in a free-hand region', keys: ['Shift+F'], group: 'viewer' },
  { id: 'viewer.measure-probe', title: 'Value at a point', keys: ['Shift+V'], group: 'viewer' },
  { id: 'viewer.measure-arrow', title: 'Arrow', keys: ['y'], group: 'viewer' },
  { id: 'viewer.measure-text', title: 'Text', keys: ['Shift+Y'], group: 'viewer' },
  { id: 'viewer.measure-report', title: 'The selected measurement into the report', keys: ['q'], group: 'viewer' },
  { id: 'viewer.key-image', title: 'Key image, or no longer', keys: [';', 'Alt+b'], group: 'viewer' },
  { id: 'viewer.key-note', title: 'Note of the key image', keys: ['Alt+j'], group: 'viewer' },
  { id: 'viewer.key-report', title: 'The key image into the report', keys: ['Alt+q'], group: 'viewer' },
  { id: 'viewer.key-next', title: 'Next key image', keys: ['Shift+End'], group: 'viewer' },
  { id: 'viewer.key-previous', title: 'Previous key image', keys: ['Shift+Home'], group: 'viewer' },
  { id: 'viewer.picture', title: 'Picture of the view', keys: ['Mod+s'], group: 'viewer' },
  { id: 'viewer.copy-picture', title: 'Copy the picture of the view', keys: ['Alt+s'], group: 'viewer' },
  { id: 'viewer.volume-file', title: 'Save the series as NIfTI', keys: [], group: 'viewer' },
  { id: 'viewer.presentation', title: 'Apply the next presentation, or leave it', keys: ['Alt+y'], group: 'viewer' },
  { id: 'viewer.presentation-keep', title: 'Keep how the images are looked at', keys: ['Alt+h'], group: 'viewer' },
  { id: 'viewer.second-window', title: 'Second window', keys: ['Alt+n'], group: 'viewer' },
  { id: 'viewer.measure-remove', title: 'Remove the selected measurement', keys: ['Delete'], group: 'viewer' },
  { id: 'viewer.cancel', title: 'Leave drawing', keys: ['Escape'], group: 'viewer', inText: true },

  { id: 'report.draft', title: 'Write a draft', keys: ['Mod+d'], group: 'report', inText: true },
  { id: 'report.next-sentence', title: 'Next sentence', keys: ['Alt+ArrowDown'], group: 'report', inText: true },
  { id: 'report.previous-sentence', title: 'Previous sentence', keys: ['Alt+ArrowUp'], group: 'report', inText: true },
  { id: 'report.accept', title: 'Accept sentence', keys: ['a', 'Alt+a'], group: 'report', inText: true },
  { id: 'report.delete', title: 'Delete sentence', keys: ['Alt+Backspace'], group: 'report', inText: true },
  { id: 'report.add', title: 'Add a finding', keys: ['f', 'Alt+f'], group: 'report', inText: true },
  { id: 'report.edit', title: 'Edit sentence', keys: ['e'], group: 'report' },
  { id: 'report.undo', title: 'Undo', keys: ['Mod+z'], group: 'report', inText: true },
  { id: 'report.redo', title: 'Redo', keys: ['Mod+Shift+Z', 'Mod+y'], group: 'report', inText: true },
  { id: 'report.sign', title: 'Sign', keys: ['Mod+Enter'], group: 'report', inText: true },
  { id: 'report.copy', title: 'Copy the report as text', keys: ['Alt+c'], group: 'report', inText: true },
] as const satisfies readonly Command[];

export type CommandId = (typeof COMMANDS)[number]['id'];

/** The key as the list writes it. */
export const keyOf = (event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): string => {
  const shifted = event.shiftKey && (event.key.length > 1 || /\p{L}/u.test(event.key));
  const key = event.key.length === 1 && !shifted ? event.key.toLowerCase() : event.key;
  return [event.ctrlKey || event.metaKey ? 'Mod' : '', event.altKey ? 'Alt' : '', shifted ? 'Shift' : '', key]
    .filter((part) => part !== '')
    .join('+');
};

const takesText = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && !['checkbox', 'radio', 'range', 'button'].includes(target.type)));

/** A focused control keeps the keys it lives by. */
const ownKey = (target: EventTarget | null, key: string): boolean => {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('[role="menu"],[role="listbox"],[role="tablist"],[role="dialog"],dialog') !== null) {
    if (/^(Arrow|Home|End|Enter$|Escape$| $)/.test(key)) return true;
  }
  if (target instanceof HTMLButtonElement || target instanceof HTMLAnchorElement) return key === 'Enter' || key === ' ';
  if (target instanceof HTMLInputElement && target.type === 'range') return /^(Arrow|Home|End|Page)/.test(key);
  if (target instanceof HTMLInputElement) return key === ' ';
  return false;
};

export class Commands {
  readonly #bound = $state<Partial<Record<CommandId, () => void>>>({});
  /** The groups whose keys work now: a screen kept behind another one must not take its keys. */
  groups = $state.raw<readonly Command['group'][]>(['window', 'worklist', 'segment', 'viewer', 'report']);
  /** The reader's own keys, by id of the command; whatever is not here has those of the list. */
  changes = $state.raw<Readonly<Partial<Record<CommandId, readonly string[]>>>>({});

  /** Answers how to take it back; use as the answer of an $effect. The last one bound wins. */
  bind(actions: Partial<Record<CommandId, () => void>>): () => void {
    const entries = Object.entries(actions) as [CommandId, () => void][];
    for (const [id, run] of entries) this.#bound[id] = run;
    return () => {
      for (const [id, run] of entries) if (this.#bound[id] === run) delete this.#bound[id];
    };
  }

  /** The keys that the command has now. */
  keysOf(id: CommandId): readonly string[] {
    return this.changes[id] ?? COMMANDS.find((command) => command.id === id)?.keys ?? [];
  }

  /** The first of them as the reader's keyboard writes it; '' where there is none. */
  keyFor(id: CommandId): string {
    return keyText(this.keysOf(id)[0] ?? '');
  }

  can(id: CommandId): boolean {
    return this.#bound[id] !== undefined;
  }

  run(id: CommandId): void {
    this.#bound[id]?.();
  }

  /** True where a command took the key. */
  key(event: KeyboardEvent): boolean {
    if (event.defaultPrevented || event.isComposing) return false;
    // What lies behind an open dialog must not act.
    if (document.querySelector('dialog:modal') !== null) return false;
    const key = keyOf(event);
    const inText = takesText(event.target);
    if (ownKey(event.target, key)) return false;
    for (const command of COMMANDS) {
      if (this.#bound[command.id] === undefined || !this.keysOf(command.id).includes(key)) continue;
      if (!this.groups.includes(command.group)) continue;
      if (inText && !('inText' in command && /^(Mod|Alt|Escape)/.test(key))) continue;
      event.preventDefault();
      this.run(command.id);
      return true;
    }
    return false;
  }
}

/** 'Mod+Enter' as the reader's keyboard writes it. */
export const keyText = (key: string): string => {
  const mac = typeof navigator !== 'undefined' && /Mac/.test(navigator.platform);
  const words: Record<string, string> = {
    Mod: mac ? '⌘' : 'Ctrl',
    Alt: mac ? '⌥' : 'Alt',
    ArrowDown: '↓',
    ArrowUp: '↑',
    ArrowLeft: '←',
    ArrowRight: '→',
    ' ': 'Space',
    PageUp: 'PgUp',
    PageDown: 'PgDn',
    Backspace: '⌫',
  };
  return key
    .split(/\+(?=.)/)
    .map((part) => words[part] ?? (part.length === 1 ? part.toUpperCase() : part))
    .join(' ');
};
