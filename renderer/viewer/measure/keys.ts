import type { Hand } from './hand.svelte.ts';
import type { Measures } from './measures.svelte.ts';

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/**
 * Keys and presses on one view: arrows move what is selected and has the focus by a pixel of the image (Shift: ten), Enter
 * draws a shape of the tool's kind in the middle, a press beside every measurement lets go. Answers how to stop.
 */
export const measureKeys = (section: HTMLElement, hand: Hand, measures: Measures): (() => void) => {
  const keydown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target instanceof Element ? event.target : null;
    if (target === null || target instanceof HTMLInputElement) return;
    const onMeasurement = target.closest('[data-measurement]') !== null;
    if (event.key === 'Enter' && target === section && hand.drop()) return event.preventDefault();
    const direction = ARROWS[event.key];
    const one = measures.selected;
    if (direction && one && onMeasurement) {
      event.preventDefault();
      hand.nudge(one, direction, event.shiftKey ? 10 : 1);
    } else if (event.key === 'Backspace' && one && onMeasurement) {
      event.preventDefault();
      measures.remove(one.id);
      section.focus({ preventScroll: true });
    } else if (event.key === 'Enter' && one && onMeasurement && (one.kind === 'arrow' || one.kind === 'text')) {
      event.preventDefault();
      measures.typingId = one.id;
    }
  };
  const pointerdown = (event: PointerEvent): void => {
    const target = event.target instanceof Element ? event.target : null;
    if (target === null || target.closest('[data-measurement], .paper, .words') !== null) return;
    // The image is panned and zoomed around what stays selected.
    if (event.button !== 0 || event.shiftKey) return;
    measures.select(null);
    measures.hasHand = false;
  };
  section.addEventListener('keydown', keydown);
  section.addEventListener('pointerdown', pointerdown);
  return () => {
    section.removeEventListener('keydown', keydown);
    section.removeEventListener('pointerdown', pointerdown);
  };
};
