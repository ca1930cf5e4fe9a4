import type { IconName } from './icons.ts';

export interface MenuItem {
  readonly title: string;
  readonly keys?: string;
  readonly icon?: IconName;
  readonly checked?: boolean;
  readonly disabled?: boolean;
  readonly danger?: boolean;
  /** A line above it: what follows is of another kind. */
  readonly apart?: boolean;
  readonly run: () => void;
}
