import { mount } from 'svelte';
import App from './App.svelte';
import { connect } from './backend/index.ts';
import { Session, wordsOf } from './session/index.ts';
import Trouble from './shell/Trouble.svelte';
import './app.css';

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no #app');

try {
  const backend = await connect();
  const session = new Session(backend.client, (address) => backend.mediaUrl(address));
  mount(App, {
    target,
    props: { session, onState: (listener: Parameters<typeof backend.onState>[0]) => backend.onState(listener) },
  });
} catch (error) {
  mount(Trouble, {
    target,
    props: {
      title: 'This window is not connected',
      text: wordsOf(error),
      action: { title: 'Try again', run: () => window.location.reload() },
    },
  });
}
