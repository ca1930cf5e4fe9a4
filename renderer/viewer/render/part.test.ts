import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadPart, PartMissing } from './part.ts';

test('a part that does not come is asked for again, and given up with its cause', async () => {
  let asked = 0;
  const late = await loadPart(async () => {
    if (++asked < 3) throw new TypeError('Failed to fetch dynamically imported module');
    return asked;
  }, [0, 0, 0]);
  assert.equal(late, 3);
  asked = 0;
  const cause = new TypeError('gone');
  await assert.rejects(
    loadPart(() => {
      asked++;
      return Promise.reject(cause);
    }, [0, 0]),
    (error) => error instanceof PartMissing && error.cause === cause,
  );
  assert.equal(asked, 3);
});
