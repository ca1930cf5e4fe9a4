import type { Component } from 'svelte';
import type { PaneId, Screen } from '../session/index.ts';

/** A pane or screen, loaded when it is first shown. Where the file is missing the entry is left out. */
export interface Slot<Id extends string> {
  readonly id: Id;
  readonly title: string;
  readonly load: () => Promise<Component>;
}

const files = import.meta.glob<{ default: Component }>([
  '../{report,findings,ratings}/*Pane.svelte',
  '../{knowledge,models,exports,settings}/*Screen.svelte',
]);

const slot = <Id extends string>(id: Id, title: string, path: string): Slot<Id>[] => {
  const load = files[path];
  return load === undefined ? [] : [{ id, title, load: async () => (await load()).default }];
};

export const PANES: readonly Slot<PaneId>[] = [
  ...slot('report', 'Report', '../report/ReportPane.svelte'),
  ...slot('findings', 'Findings', '../findings/FindingsPane.svelte'),
  ...slot('ratings', 'Rating', '../ratings/RatingsPane.svelte'),
];

export const SCREENS: readonly Slot<Exclude<Screen, 'worklist' | 'study'>>[] = [
  ...slot('knowledge', 'Knowledge', '../knowledge/KnowledgeScreen.svelte'),
  ...slot('models', 'Models', '../models/ModelsScreen.svelte'),
  ...slot('exports', 'Export', '../exports/ExportsScreen.svelte'),
  ...slot('settings', 'Settings', '../settings/SettingsScreen.svelte'),
];
