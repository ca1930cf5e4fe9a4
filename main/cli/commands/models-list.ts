import type { Command } from '../command.ts';

export const modelsList: Command = {
  name: 'models list',
  usage: 'models list',
  summary: 'The model packages, what they do and what they score.',
  flags: {},
  run: async (call) => {
    const { handlers } = call.backend();
    const { packages } = await handlers.inference.packages({}, { signal: call.signal });
    call.answer(packages, () =>
      packages.length === 0
        ? 'No model packages.'
        : packages
            .map((found) =>
              [
                `${found.name} ${found.version}  ${found.task}  ${found.modalities.join('/')}  ${found.title}`,
                ...(found.refused ? [`  refused: ${found.refused}`] : []),
                ...found.figures.map((figure) => `  ${figure.name} ${figure.value} (${figure.data})`),
              ].join('\n'),
            )
            .join('\n'),
    );
  },
};
