import { type Session, wordsOf } from '../../session/index.ts';
import type { MarksStore } from '../data/marks-store.svelte.ts';
import type { Board } from '../view/board.svelte.ts';
import { identityOf } from './layers.ts';
import { nameOf, type PictureWish, pictureOf, pngOf } from './picture.ts';
import { noClipboard, saveBlob } from './save.ts';

/** Pictures of the view with the hand: what the reader wishes, what must be known before, and the saving. */
export class Pictures {
  readonly #board: Board;
  readonly #store: MarksStore;
  readonly #context: Map<unknown, unknown>;
  open = $state(false);
  size = $state<PictureWish['size']>('screen');
  marks = $state(true);
  patient = $state(false);
  working = $state(false);
  trouble = $state('');
  /** What is said of text within the pixels; null: not known yet. */
  burned = $state.raw<string | null>(null);

  constructor(board: Board, store: MarksStore, context: Map<unknown, unknown>) {
    this.#board = board;
    this.#store = store;
    this.#context = context;
  }

  get #session(): Session {
    return this.#board.session;
  }

  /** Opens the dialog, and asks meanwhile whether text may be burned into the pixels. */
  show(): void {
    const cell = this.#board.active;
    if (cell.pixels === null) return this.#session.notices.tell('There is no image to make a picture of.');
    this.trouble = '';
    this.open = true;
    void this.#look(cell.pixels.images.seriesId);
  }

  async #look(seriesId: string): Promise<void> {
    this.burned = null;
    const words = await this.#session.client.exports.burnedIn({ seriesId }).then(
      ({ reason }) => reason,
      (error) => wordsOf(error),
    );
    if (this.#board.active.pixels?.images.seriesId === seriesId) this.burned = words;
  }

  /** Turned by degrees: the image's own pixels are turned by quarters only. */
  readonly turned = $derived.by(() => (this.#board.active.active.presentation.degrees ?? 0) !== 0);
  readonly is3d = $derived.by(
    () => this.#board.active.activeId === '3d' && this.#board.active.shownLayout === 'planes',
  );

  async #make(): Promise<{ blob: Blob; name: string }> {
    const cell = this.#board.active;
    const study = cell.owner?.study ?? this.#session.study;
    const identity =
      study === null ? [] : [...identityOf(study.patient, study.accession), ...(study.date ? [study.date] : [])];
    const canvas = await pictureOf(
      cell,
      { size: this.size, marks: this.marks, patient: this.patient && this.marks, identity },
      { store: this.#store, context: this.#context },
    );
    return { blob: await pngOf(canvas), name: nameOf(cell) };
  }

  /** By the key: without questions where there are none to ask. */
  async copyNow(): Promise<void> {
    const seriesId = this.#board.active.pixels?.images.seriesId;
    if (seriesId === undefined) return this.show();
    await this.#look(seriesId);
    if (this.burned === '') await this.copy();
    else this.show();
  }

  async save(): Promise<void> {
    await this.#run(async () => {
      const { blob, name } = await this.#make();
      saveBlob(blob, name);
      this.open = false;
    });
  }

  async copy(): Promise<void> {
    const no = noClipboard();
    if (no !== null) return this.#session.notices.tell(no, 'warning');
    await this.#run(async () => {
      // Within the reader's act: the browser asks for the picture when it is ready for it.
      const made = this.#make();
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': made.then(({ blob }) => blob) })]);
      this.open = false;
      this.#session.notices.tell('The picture is on the clipboard.', 'good');
    });
  }

  async #run(work: () => Promise<void>): Promise<void> {
    if (this.working) return;
    this.working = true;
    this.trouble = '';
    try {
      await work();
    } catch (error) {
      if (this.open) this.trouble = wordsOf(error);
      else this.#session.notices.fault(error, 'No picture was made');
    } finally {
      this.working = false;
    }
  }
}
