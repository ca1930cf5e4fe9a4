import type { Board } from './view/board.svelte.ts';
import type { Side } from './view/scene-camera.ts';
import type { SceneView } from './view/scene-view.svelte.ts';

/** What the 3D view of the cell with the hand does at keys; answers how to unbind. */
export const bindSceneCommands = (board: Board): (() => void) => {
  const { session } = board;
  const on = (act: (scene: SceneView) => void) => (): void => {
    const cell = board.active;
    if (cell.noPlanes !== null) session.notices.tell(`No 3D view: ${cell.noPlanes}`);
    else if (cell.shownLayout !== 'planes') session.notices.tell('The 3D view stands beside the three planes.');
    else act(cell.scene);
  };
  const step = (by: 1 | -1) =>
    on((scene) => (scene.noVolume === null ? scene.step(by) : session.notices.tell(scene.noVolume)));
  const look = (side: Side) => on((scene) => scene.look(side));
  return session.commands.bind({
    'viewer.scene-next': step(1),
    'viewer.scene-previous': step(-1),
    'viewer.scene-cut': on((scene) => scene.stepCut()),
    'viewer.scene-A': look('A'),
    'viewer.scene-P': look('P'),
    'viewer.scene-L': look('L'),
    'viewer.scene-R': look('R'),
    'viewer.scene-H': look('H'),
    'viewer.scene-F': look('F'),
  });
};
