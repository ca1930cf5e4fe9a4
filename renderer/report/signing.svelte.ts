import { Fault, media } from '../../preload/contract/index.ts';
import { wordsOf } from '../session/index.ts';
import type { ReportDesk } from './desk.svelte.ts';

/** Signing, addenda, and the ways the signed report leaves. */
export class Signing {
  readonly desk: ReportDesk;
  open = $state(false);
  name = $state('');
  storedName = $state('');
  /** The reader's explicit word that undecided sentences stand as they are. */
  acceptAll = $state(false);
  busy = $state(false);
  fault = $state('');
  addendum = $state('');
  /** One act, one id: signing twice by a lost answer signs once. */
  #opId = '';
  #addendumOpId = '';

  readonly ready = $derived.by(
    () => !this.busy && this.name.trim() !== '' && (this.acceptAll || this.desk.undecided.length === 0),
  );

  constructor(desk: ReportDesk) {
    this.desk = desk;
  }

  async show(): Promise<void> {
    if (this.desk.readOnly || this.open) return;
    this.acceptAll = false;
    this.fault = '';
    this.#opId = crypto.randomUUID();
    this.name = this.storedName;
    this.open = true;
    try {
      const { name } = await this.desk.session.client.settings.reader({});
      this.storedName = name;
      // The reader may be typing already.
      if (this.name === '') this.name = name;
    } catch (error) {
      this.fault = wordsOf(error);
    }
    await this.desk.settled();
  }

  async sign(): Promise<void> {
    const { desk } = this;
    const { client, notices } = desk.session;
    if (!this.ready) return;
    this.busy = true;
    this.fault = '';
    try {
      await desk.settled();
      const { report } = desk;
      if (!report) return;
      if (desk.saving.kind === 'unsaved' || desk.clash)
        throw new Fault('refused', 'Not everything typed is saved yet.');
      const name = this.name.trim();
      if (name !== this.storedName) this.storedName = (await client.settings.setReader({ name })).name;
      const signed = await client.reports.sign({
        reportId: report.id,
        opId: this.#opId,
        revision: report.revision,
        acceptAll: this.acceptAll,
      });
      desk.taken(signed);
      this.open = false;
      notices.tell('Report signed.', 'good');
      void desk.session.refresh().catch(() => undefined);
    } catch (error) {
      this.fault = wordsOf(error);
      if (error instanceof Fault && error.code === 'conflict') {
        this.fault = 'The report was changed in another window. Read it again before you sign.';
        void desk.reload();
      }
    } finally {
      this.busy = false;
    }
  }

  async addAddendum(): Promise<void> {
    const { desk } = this;
    const text = this.addendum.trim();
    if (text === '' || !desk.report || this.busy) return;
    this.busy = true;
    this.#addendumOpId ||= crypto.randomUUID();
    try {
      const report = await desk.session.client.reports.addendum({
        reportId: desk.report.id,
        opId: this.#addendumOpId,
        text,
      });
      desk.taken(report);
      this.addendum = '';
      this.#addendumOpId = '';
    } catch (error) {
      desk.session.notices.fault(error, 'The addendum was not stored');
    } finally {
      this.busy = false;
    }
  }

  async copy(): Promise<void> {
    const { report, session } = this.desk;
    if (!report) return;
    try {
      await this.desk.settled();
      const { text } = await session.client.reports.plainText({ reportId: report.id });
      await toClipboard(text);
      session.notices.tell('The report is on the clipboard as plain text.', 'good');
    } catch (error) {
      session.notices.fault(error, 'The report was not copied');
    }
  }

  address(form: 'pdf' | 'json' | 'txt'): string {
    const { report, session } = this.desk;
    return report ? session.mediaUrl(media.report(report.id, form)) : '';
  }
}

/** The clipboard may be denied to a page (permissions are); the older way needs only the reader's own act. */
const toClipboard = async (text: string): Promise<void> => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'visually-hidden';
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    if (!done) throw new Fault('refused', 'This window may not use the clipboard.');
  }
};
