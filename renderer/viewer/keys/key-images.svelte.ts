import type { Frame, ImagePlace, KeyImage, KeyObject, Region } from '../../../preload/contract/index.ts';
import { addToReport, type Session } from '../../session/index.ts';
import { MeasureQueue } from '../measure/queue.ts';

const nameOf = ({ seriesId, instanceUid, frameNumber }: ImagePlace): string =>
  `${seriesId}/${instanceUid}/${frameNumber}`;

interface Marking {
  readonly image: ImagePlace;
  readonly note: string;
}

/** Images of the open study that are key: marked by the reader, kept as it happens, or selected by files. */
export class KeyImages {
  readonly session: Session;
  list = $state.raw<readonly KeyImage[]>([]);
  objects = $state.raw<readonly KeyObject[]>([]);
  /** Whose note is being typed. */
  typing = $state<string | null>(null);
  unsaved = $state(0);
  trouble = $state<string | null>(null);
  /** Said to a screen reader. */
  said = $state('');
  /** The study was opened with key images, or one was noted: they are listed. */
  found = $state(false);
  #studyId: string | null = null;
  #queue: MeasureQueue<Marking, KeyImage>;
  /** Places by the name that they go by on their way. */
  readonly #places = new Map<string, ImagePlace>();

  constructor(session: Session) {
    this.session = session;
    this.#queue = this.#open();
  }

  readonly #byImage = $derived(new Map(this.list.map((one) => [`${one.instanceUid}/${one.frameNumber}`, one])));

  /** Follows the open study until it is left; answers how to stop. What is not kept yet is kept all the same. */
  follow(studyId: string): () => void {
    this.#studyId = studyId;
    this.#queue = this.#open();
    this.list = [];
    this.objects = [];
    this.typing = null;
    this.found = false;
    void this.load().then(() => {
      if (this.#studyId === studyId) this.found ||= this.list.length > 0;
    });
    void this.#readFiles(studyId);
    const stop = this.session.client.keyImages.changed({ studyId }, () => void this.load());
    // Leaving the page with a mark on its way asks first.
    const leave = (event: BeforeUnloadEvent): void => {
      if (this.unsaved > 0) event.preventDefault();
    };
    window.addEventListener('beforeunload', leave);
    return () => {
      stop();
      window.removeEventListener('beforeunload', leave);
      if (this.#studyId !== studyId) return;
      this.#studyId = null;
      this.list = [];
      this.objects = [];
    };
  }

  #open(): MeasureQueue<Marking, KeyImage> {
    const { client, notices } = this.session;
    const queue: MeasureQueue<Marking, KeyImage> = new MeasureQueue<Marking, KeyImage>({
      put: (opId, revision, { image, note }) => client.keyImages.put({ opId, revision, image, note }),
      remove: (opId, revision, id) => {
        const image = this.#places.get(id);
        if (image === undefined) throw new Error('a key image without a place');
        return client.keyImages.remove({ opId, revision, image });
      },
      newId: () => crypto.randomUUID(),
      later: (delayMs, work) => setTimeout(work, delayMs),
      kept: (id, kept) => {
        if (this.#queue === queue && kept !== null)
          this.list = this.list.map((one) => (nameOf(one) === id ? kept : one));
      },
      refused: (_, error) => {
        notices.fault(error, 'The key image was not kept');
        if (this.#queue === queue) void this.load();
      },
      changed: () => {
        if (this.#queue !== queue) return;
        this.unsaved = queue.size;
        this.trouble = queue.trouble;
      },
    });
    return queue;
  }

  async load(): Promise<void> {
    const studyId = this.#studyId;
    const queue = this.#queue;
    if (studyId === null) return;
    try {
      const { images } = await this.session.client.keyImages.list({ studyId });
      if (this.#studyId !== studyId || this.#queue !== queue) return;
      for (const one of images) queue.knows(nameOf(one), one.revision);
      const mine = new Map(this.list.map((one) => [nameOf(one), one]));
      // What is on its way stays as it is here.
      const fresh = images.flatMap((one) => {
        if (!queue.isPending(nameOf(one))) return [one];
        const here = mine.get(nameOf(one));
        return here ? [here] : [];
      });
      const listed = new Set(images.map(nameOf));
      const coming = this.list.filter((one) => !listed.has(nameOf(one)) && queue.isPending(nameOf(one)));
      this.list = [...fresh, ...coming];
    } catch (error) {
      if (this.#studyId === studyId) this.session.notices.fault(error, 'The key images could not be read');
    }
  }

  async #readFiles(studyId: string): Promise<void> {
    if (!this.session.series.some(({ modality }) => modality === 'KO')) return;
    try {
      const { objects } = await this.session.client.keyImages.ofFiles({ studyId });
      if (this.#studyId !== studyId) return;
      this.objects = objects;
      this.found ||= objects.length > 0;
    } catch (error) {
      if (this.#studyId === studyId) this.session.notices.fault(error, 'Key images of files could not be read');
    }
  }

  /** The reader's mark on an image; null where there is none. */
  of(frame: Pick<Frame, 'instanceUid' | 'frameNumber'>): KeyImage | null {
    return this.#byImage.get(`${frame.instanceUid}/${frame.frameNumber}`) ?? null;
  }

  /** The file that selects an image; null where none does. */
  objectOf(frame: Pick<Frame, 'instanceUid' | 'frameNumber'>): KeyObject | null {
    return (
      this.objects.find((object) =>
        object.images.some(
          (one) =>
            one.instanceUid === frame.instanceUid &&
            (one.frameNumbers.length === 0 || one.frameNumbers.includes(frame.frameNumber)),
        ),
      ) ?? null
    );
  }

  /** Marks an image, or lets it go. */
  toggle(seriesId: string, frame: Pick<Frame, 'instanceUid' | 'frameNumber'>): void {
    const known = this.of(frame);
    if (known) this.remove(known);
    else this.#put({ seriesId, instanceUid: frame.instanceUid, frameNumber: frame.frameNumber }, '');
  }

  remove(image: ImagePlace): void {
    const name = nameOf(image);
    this.#places.set(name, image);
    this.list = this.list.filter((one) => nameOf(one) !== name);
    if (this.typing === name) this.typing = null;
    this.#queue.add({ id: name, draft: null });
    this.said = 'No longer a key image';
  }

  write(image: ImagePlace, note: string): void {
    this.typing = null;
    const known = this.list.find((one) => nameOf(one) === nameOf(image));
    if (known && known.note !== note.trim()) this.#put(known, note.trim());
  }

  nameOf(image: ImagePlace): string {
    return nameOf(image);
  }

  #put(image: ImagePlace, note: string): void {
    const studyId = this.#studyId;
    if (studyId === null) return;
    const { seriesId, instanceUid, frameNumber } = image;
    const place = { seriesId, instanceUid, frameNumber };
    const name = nameOf(place);
    this.#places.set(name, place);
    const now = new Date().toISOString();
    const known = this.list.find((one) => nameOf(one) === name);
    const shown: KeyImage = known
      ? { ...known, note }
      : { ...place, studyId, note, revision: 1, reader: '', markedAt: now };
    this.list = known ? this.list.map((one) => (one === known ? shown : one)) : [...this.list, shown];
    this.#queue.add({ id: name, draft: { image: place, note } });
    if (!known) this.said = 'Key image';
  }

  /** The whole image as a region, as a sentence of the report points at it. */
  regionOf(image: ImagePlace, frame: Frame): Region {
    return {
      kind: 'box',
      seriesId: image.seriesId,
      instanceUid: image.instanceUid,
      frameIndex: frame.index,
      box: [0, 0, frame.columns, frame.rows],
    };
  }

  async toReport(image: KeyImage, frame: Frame): Promise<void> {
    if (this.#studyId === null) return;
    const text = image.note === '' ? 'Key image.' : /[.!?]$/.test(image.note) ? image.note : `${image.note}.`;
    await addToReport(
      this.session,
      this.#studyId,
      { text, regions: [this.regionOf(image, frame)], findingKey: '', side: null, kind: 'finding' },
      'The key image was not added',
    );
  }
}

const known = new WeakMap<Session, KeyImages>();

/** One a window, under a root of its own: what a component makes stands still once it is gone. */
export const keyImagesOf = (session: Session): KeyImages => {
  const before = known.get(session);
  if (before) return before;
  let made: KeyImages | null = null;
  $effect.root(() => {
    made = new KeyImages(session);
  });
  if (made === null) throw new Error('an effect root runs at once');
  known.set(session, made);
  return made;
};
