import { type Session, wordsOf } from '../session/index.ts';

interface Start {
  readonly version: string;
  readonly shell: 'electron' | 'host' | 'cli';
  readonly recovered: readonly string[];
  readonly store: string;
}

/** Who reads here, and what this start was. */
export class Profile {
  readonly session: Session;
  name = $state('');
  storedName = $state('');
  pseudonym = $state('');
  start = $state.raw<Start | null>(null);
  busy = $state(false);
  saved = $state(false);
  fault = $state('');
  readonly changed = $derived(this.name.trim() !== '' && this.name.trim() !== this.storedName);

  constructor(session: Session) {
    this.session = session;
  }

  async load(): Promise<void> {
    this.fault = '';
    try {
      const { settings } = this.session.client;
      const [reader, start] = await Promise.all([settings.reader({}), settings.workstation({})]);
      this.name = reader.name;
      this.storedName = reader.name;
      this.pseudonym = reader.pseudonym;
      this.start = start;
    } catch (error) {
      this.fault = wordsOf(error);
    }
  }

  async save(): Promise<void> {
    this.busy = true;
    this.saved = false;
    try {
      const reader = await this.session.client.settings.setReader({ name: this.name.trim() });
      this.name = reader.name;
      this.storedName = reader.name;
      this.saved = true;
    } catch (error) {
      this.fault = wordsOf(error);
    } finally {
      this.busy = false;
    }
  }
}
