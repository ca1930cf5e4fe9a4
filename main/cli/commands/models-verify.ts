import { Fault } from '../../../preload/contract/index.ts';
import type { Command } from '../command.ts';

export const modelsVerify: Command = {
  name: 'models verify',
  usage: 'models verify',
  summary: "Checks every package's files against its manifest; fails where one does not agree.",
  flags: {},
  run: async (call) => {
    const { handlers } = call.backend();
    const { packages } = await handlers.inference.packages({}, { signal: call.signal });
    const answer = packages.map(({ name, version, refused }) => ({ name, version, refused }));
    call.answer(answer, () =>
      answer.map((found) => `${found.name} ${found.version}: ${found.refused ?? 'good'}`).join('\n'),
    );
    const bad = packages.filter((found) => found.refused !== null).length;
    if (packages.length === 0) throw new Fault('not-found', 'There are no model packages.');
    if (bad > 0) throw new Fault('refused', `${bad} of ${packages.length} packages do not agree with their manifest.`);
  },
};
