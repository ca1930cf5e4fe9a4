import { createContext } from 'svelte';
import type { SegmentEditor } from './editor.svelte.ts';

/** getSegmentEditor() in any component of the viewer. */
export const [getSegmentEditor, setSegmentEditor] = createContext<SegmentEditor>();
