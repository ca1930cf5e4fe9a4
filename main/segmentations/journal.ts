/** The edits of a segmentation as a tree: each on top of the one it was made on, so that undo and redo are steps in it. */

export interface Node {
  readonly id: string;
  readonly parent: string | null;
}

export interface Step {
  readonly id: string;
  readonly direction: 'forward' | 'backward';
}

/** From the first edit to this one; none for null. */
const lineage = (nodes: ReadonlyMap<string, Node>, id: string | null): string[] => {
  const line: string[] = [];
  for (let at = id; at !== null; ) {
    line.push(at);
    const node = nodes.get(at);
    if (!node) throw new Error('an edit of a segmentation is missing');
    at = node.parent;
  }
  return line.reverse();
};

/** What must be taken back and done to come from the labels after one edit to those after another; null: before the first. */
export const stepsBetween = (
  nodes: ReadonlyMap<string, Node>,
  from: string | null,
  to: string | null,
): readonly Step[] => {
  if (from === to) return [];
  const back = lineage(nodes, from);
  const on = lineage(nodes, to);
  let shared = 0;
  while (shared < back.length && shared < on.length && back[shared] === on[shared]) shared++;
  return [
    ...back
      .slice(shared)
      .reverse()
      .map((id): Step => ({ id, direction: 'backward' })),
    ...on.slice(shared).map((id): Step => ({ id, direction: 'forward' })),
  ];
};

/** What the reader can take back and do again: the way to the present edit and on along the newest. Nodes in the order made. */
export const historyOf = (nodes: ReadonlyMap<string, Node>, current: string | null): string[] => {
  const newest = new Map<string | null, string>();
  for (const node of nodes.values()) newest.set(node.parent, node.id);
  const line = lineage(nodes, current);
  for (let next = newest.get(current); next !== undefined; next = newest.get(next)) line.push(next);
  return line;
};
