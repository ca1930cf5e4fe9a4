import type { Component } from 'svelte';
import type { PaneId, Screen, Session } from '../session/index.ts';

/** A pane or screen, loaded when it is first shown. Where the file is missing the entry is left out. */
export interface Slot<Id extends string> {
  readonly id: Id;
  readonly title: string;
  readonly load: (session: Session) => Promise<Component>;
}

interface Module {
  readonly default: Component;
  /** What outlives the pane is made here, outside of any component: once, before it is first shown. */
  readonly prepare?: (session: Session) => void;
}

const files = import.meta.glob<Module>([
  '../{report,findings,ratings}/*Pane.svelte',
  '../{knowledge,models,exports,settings}/*Screen.svelte',
]);

const slot = <Id extends string>(id: Id, title: string, path: string): Slot<Id>[] => {
  const load = files[path];
  if (load === undefined) return [];
  return [
    {
      id,
      title,
      load: async (session) => {
        const module = await load();
        module.prepare?.(session);
        return module.default;
      },
    },
  ];
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
