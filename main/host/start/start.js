// Before the window: gives the one-time token of the address for a session, waits until the window is built, goes over.
const step = document.getElementById('step');
const progress = document.getElementById('progress');

const stop = (message) => {
  step.textContent = message;
  progress.remove();
};

const token = new URLSearchParams(location.hash.slice(1)).get('token');
if (token !== null) {
  // Out of the address bar and the history before anything else can read it.
  history.replaceState(null, '', location.pathname);
  await fetch('/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
}

const wait = async () => {
  for (;;) {
    let answer;
    try {
      answer = await fetch('/start', { cache: 'no-store' });
    } catch {
      stop('Sightline has stopped. Start it again in the terminal.');
      return;
    }
    if (answer.status === 401) {
      stop(
        'This window has no access: its address was used already, or Sightline has been started anew. ' +
          'Press Enter in the terminal where it runs for a new address.',
      );
      return;
    }
    const state = await answer.json();
    if (state.state === 'ready') {
      location.replace('/');
      return;
    }
    if (state.state === 'failed') {
      stop(state.step);
      return;
    }
    step.textContent = state.step;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
};
await wait();
