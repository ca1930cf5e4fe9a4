/** Hands the page one MessagePort when it asks, and exposes nothing. Bundled to one CommonJS file: a sandboxed preload has no modules. */
import { ipcRenderer } from 'electron';
import { LINE_GONE, PAGE_ASKS, PAGE_GETS } from './contract/shell.ts';

window.addEventListener('message', ({ source, data }) => {
  if (source === window && data === PAGE_ASKS) ipcRenderer.send(PAGE_ASKS);
});
ipcRenderer.on(PAGE_GETS, (event) => {
  // To this page alone: the target is its own origin.
  window.postMessage(PAGE_GETS, window.location.origin, event.ports);
});
ipcRenderer.on(LINE_GONE, () => {
  window.postMessage(LINE_GONE, window.location.origin);
});
