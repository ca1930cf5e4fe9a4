/** Kills, and after each looks whether all that was acknowledged is there, once. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openStore } from '../../main/store/index.ts';
import { migrations } from '../../main/store/migrations/index.ts';
import {
  type ActName,
  type Desk,
  FILES_PER_IMPORT,
  lengthAt,
  markedImageOf,
  measurementOf,
  openDesk,
  studyOf,
} from './acts.ts';
import { checkStrokes } from './draw.ts';
import { killOnce } from './harness.ts';

export interface Tally {
  kills: number;
  acknowledged: number;
  inside: number;
  /** Starts that said what they recovered. */
  told: number;
}
export const tallyText = (act: ActName, tally: Tally): string =>
  `kills: ${act}: ${tally.kills} kills (${act === 'import' ? 'at any moment' : `${tally.inside} inside a transaction`}), ${tally.acknowledged} acknowledged, 0 lost, 0 twice, 0 stores unreadable; ${tally.told} starts said what they recovered`;

const integrity = (folder: string): void => {
  const db = new DatabaseSync(join(folder, 'sightline.sqlite'));
  try {
    assert.deepEqual(
      db
        .prepare('PRAGMA integrity_check')
        .all()
        .map((row) => Object.values(row)[0]),
      ['ok'],
    );
    assert.deepEqual(db.prepare('PRAGMA foreign_key_check').all(), []);
  } finally {
    db.close();
  }
};

const inFolder = async (work: (folder: string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-kills-'));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
};

const runs = async (
  act: ActName,
  kills: number,
  check: (folder: string, acknowledged: readonly number[], tried: number, tally: Tally) => Promise<void>,
): Promise<Tally> => {
  const tally: Tally = { kills: 0, acknowledged: 0, inside: 0, told: 0 };
  await inFolder(async (folder) => {
    let from = 0;
    for (let k = 0; k < kills; k += 1) {
      const killed = await killOnce(act, folder, from, k);
      tally.kills += 1;
      tally.inside += Number(killed.inside);
      tally.acknowledged += killed.acknowledged.length;
      // A kill during the very first start may leave no store at all.
      if (existsSync(folder)) await check(folder, killed.acknowledged, killed.tried, tally);
      from = killed.tried;
    }
  });
  return tally;
};

const withDesk = async (folder: string, tally: Tally, look: (desk: Desk) => void | Promise<void>): Promise<void> => {
  const desk = await openDesk(folder, false);
  try {
    tally.told += Number(desk.world.base.store.recovered.length > 0);
    await look(desk);
  } finally {
    await desk.world.base.jobs.close();
    desk.world.base.store.close();
  }
  integrity(folder);
};

export const killEdits = (kills: number): Promise<Tally> =>
  runs('edit', kills, (folder, acknowledged, tried, tally) =>
    withDesk(folder, tally, (desk) => {
      const { read } = desk.world.base.store;
      for (const n of acknowledged) {
        const studyId = studyOf(n);
        desk.know(studyId);
        assert.ok(read.get('SELECT 1 FROM operation WHERE op_id = ?', `op${n}`), `act ${n} is there`);
        const report = desk.reports.report(studyId);
        if (n % 4 === 0) assert.equal(report?.sentences.filter((one) => one.id === `n${n}`).length, 1, `sentence ${n}`);
      }
      // The newest of each kind is the last acknowledged, or the one under way when the kill came.
      const studyId = studyOf(tried);
      desk.know(studyId);
      const newest = (rest: number): number[] =>
        [tried, ...[...acknowledged].reverse()].filter((n) => n % 4 === rest && studyOf(n) === studyId).slice(0, 2);
      const report = desk.reports.report(studyId);
      const allowed = newest(1).map((n) => `Changed ${n}.`);
      const text = report?.sentences.find((one) => one.id === 'a')?.text ?? '';
      if (acknowledged.some((n) => n % 4 === 1 && studyOf(n) === studyId))
        assert.ok(allowed.includes(text), `${text}, not one of ${allowed}`);
      const [rating] = desk.ratings.ratings(studyId);
      if (acknowledged.some((n) => n % 4 === 2 && studyOf(n) === studyId))
        assert.ok(
          newest(2)
            .map((n) => `Rated ${n}`)
            .includes(rating?.comment ?? ''),
          rating?.comment,
        );
      // Nothing twice: one row for each act, and the revision counts them.
      if (report) {
        const rows = read.get<{ n: number }>('SELECT count(*) AS n FROM report_edit WHERE report_id = ?', report.id);
        const operations = read.get<{ n: number }>(
          "SELECT count(*) AS n FROM operation WHERE subject = ? AND kind = 'report.edit'",
          report.id,
        );
        assert.equal(report.revision, rows?.n);
        assert.equal(report.revision, operations?.n);
      }
    }),
  );

export const killSigning = (kills: number): Promise<Tally> =>
  runs('sign', kills, (folder, acknowledged, _tried, tally) =>
    withDesk(folder, tally, (desk) => {
      for (const n of acknowledged) {
        const studyId = `g${Math.floor(n / 2)}`;
        desk.know(studyId);
        const report = desk.reports.report(studyId);
        assert.equal(report?.state, 'final', studyId);
        assert.equal(report?.altered, false, studyId);
        if (n % 2 === 1)
          assert.deepEqual(
            report?.addenda.map((one) => one.text),
            [`Addendum ${n}.`],
          );
        else assert.ok((report?.addenda.length ?? 0) <= 1);
      }
    }),
  );

/** Every act that was acknowledged is there as a version, once, and the last one is what is shown. */
export const killMeasuring = (kills: number): Promise<Tally> =>
  runs('measure', kills, (folder, acknowledged, tried, tally) =>
    withDesk(folder, tally, (desk) => {
      const { read } = desk.world.base.store;
      for (const n of acknowledged) {
        const version = read.get<{ body: string | null }>(
          'SELECT body FROM measurement_version WHERE measurement_id = ? AND revision = ?',
          measurementOf(n),
          (n % 4) + 1,
        );
        assert.ok(version, `act ${n} is there`);
        assert.deepEqual(version.body === null ? null : JSON.parse(version.body), n % 4 === 2 ? null : lengthAt(n));
      }
      const twice = read.all(
        `SELECT 1 FROM measurement_version GROUP BY measurement_id HAVING count(*) <> max(revision) OR max(revision) > 4`,
      );
      assert.deepEqual(twice, []);
      // The last act on a measurement is what is shown of it: that of the last answer, or the one under way after it.
      const last = acknowledged.at(-1);
      if (last === undefined) return;
      const shown = desk.measurements.ofStudy(studyOf(last)).find((one) => one.id === measurementOf(last));
      const possible = [last, ...(measurementOf(tried) === measurementOf(last) ? [tried] : [])].map((n) =>
        n % 4 === 2 ? undefined : `Drawn ${n}`,
      );
      assert.ok(possible.includes(shown?.name), `${shown?.name}, not one of ${possible}`);
    }),
  );

/** Every marking that was acknowledged is there as a version, once, and the last one is what is shown. */
export const killMarking = (kills: number): Promise<Tally> =>
  runs('mark', kills, (folder, acknowledged, tried, tally) =>
    withDesk(folder, tally, (desk) => {
      const { read } = desk.world.base.store;
      for (const n of acknowledged) {
        const { seriesId, instanceUid } = markedImageOf(n);
        const version = read.get<{ note: string | null }>(
          `SELECT v.note FROM key_image_version v JOIN key_image k ON k.id = v.key_image_id
            WHERE k.series_id = ? AND k.instance_uid = ? AND v.revision = ?`,
          seriesId,
          instanceUid,
          (n % 4) + 1,
        );
        assert.ok(version, `act ${n} is there`);
        assert.equal(version.note, n % 4 === 2 ? null : `Note ${n}`);
      }
      const twice = read.all(
        'SELECT 1 FROM key_image_version GROUP BY key_image_id HAVING count(*) <> max(revision) OR max(revision) > 4',
      );
      assert.deepEqual(twice, []);
      const last = acknowledged.at(-1);
      if (last === undefined) return;
      const image = markedImageOf(last);
      const shown = desk.keyImages.ofStudy(studyOf(last)).find((one) => one.instanceUid === image.instanceUid);
      const possible = [last, ...(markedImageOf(tried).instanceUid === image.instanceUid ? [tried] : [])].map((n) =>
        n % 4 === 2 ? undefined : `Note ${n}`,
      );
      assert.ok(possible.includes(shown?.note), `${shown?.note}, not one of ${possible}`);
    }),
  );

export const killExports = (kills: number): Promise<Tally> =>
  runs('export', kills, (folder, acknowledged, _tried, tally) =>
    withDesk(folder, tally, async (desk) => {
      const rows = desk.world.base.store.read.all<{ id: string; op_id: string; lines: number }>('SELECT * FROM export');
      for (const n of acknowledged)
        assert.ok(
          rows.some((row) => row.op_id === `op${n}`),
          `export ${n}`,
        );
      for (const { id, lines } of rows) {
        const text = readFileSync(join(folder, 'exports', id, 'preferences.jsonl'), 'utf8');
        assert.equal(
          text
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line)).length,
          lines,
        );
      }
      const held = (): string[] =>
        existsSync(join(folder, 'exports')) ? readdirSync(join(folder, 'exports')).sort() : [];
      for (let waited = 0; waited < 100 && held().length > rows.length; waited += 1)
        await new Promise((resolve) => setTimeout(resolve, 20));
      assert.deepEqual(held(), rows.map((row) => row.id).sort(), 'what the kill left is swept');
    }),
  );

export const killImports = (kills: number): Promise<Tally> =>
  runs('import', kills, async (folder, acknowledged, tried, tally) => {
    const store = openStore(join(folder, 'store'));
    try {
      tally.told += Number(store.recovered.length > 0);
      const count = (n: number): number =>
        store.read.get<{ n: number }>(
          'SELECT count(*) AS n FROM instances i JOIN series s ON s.id = i.series_id JOIN studies t ON t.id = s.study_id WHERE t.uid = ?',
          `2.25.9.${n}`,
        )?.n ?? 0;
      for (const n of acknowledged) assert.equal(count(n), FILES_PER_IMPORT, `import ${n}`);
      assert.ok(count(tried) <= FILES_PER_IMPORT, `import ${tried} is not there twice`);
      const twice = store.read.all(
        'SELECT sop_instance_uid FROM instances GROUP BY sop_instance_uid HAVING count(*) > 1',
      );
      assert.deepEqual(twice, []);
    } finally {
      store.close();
    }
    integrity(join(folder, 'store'));
  });

export const killStrokes = (kills: number): Promise<Tally> => {
  const finished = new Set<number>();
  return runs('draw', kills, async (folder, acknowledged, tried, tally) => {
    for (const n of acknowledged) finished.add(n);
    await withDesk(folder, tally, async (desk) => {
      await checkStrokes(desk.world, finished, tried);
      const left = readdirSync(join(folder, 'segmentations')).filter((name) => name.endsWith('.part'));
      assert.deepEqual(left, [], 'what the kill left is swept');
    });
  });
};

/** Each kill on a store of another age, with something in it where its version can hold it. */
export const killMigrations = async (kills: number): Promise<Tally> => {
  const tally: Tally = { kills: 0, acknowledged: 0, inside: 0, told: 0 };
  for (let k = 0; k < kills; k += 1)
    await inFolder(async (folder) => {
      const age = k % migrations.length;
      mkdirSync(join(folder, 'store'));
      const db = new DatabaseSync(join(folder, 'store', 'sightline.sqlite'));
      db.exec('PRAGMA journal_mode=WAL');
      for (const migration of migrations.slice(0, age)) migration.up(db);
      db.exec(`PRAGMA user_version=${migrations[age - 1]?.number ?? 0}`);
      if (age >= 3) db.exec("INSERT INTO setting (key, value) VALUES ('kept', 'yes')");
      db.close();
      const killed = await killOnce('migrate', folder, 0, k);
      tally.kills += 1;
      tally.inside += Number(killed.inside);
      tally.acknowledged += killed.acknowledged.length;
      const store = openStore(join(folder, 'store'));
      try {
        tally.told += Number(store.recovered.length > 0);
        const version = Object.values(store.read.get<Record<string, number>>('PRAGMA user_version') ?? {})[0];
        assert.equal(version, migrations.at(-1)?.number);
        store.read.get(
          'SELECT count(*) FROM studies, report, rating, comparison, knowledge, draft, export, setting, operation, measurement, key_image',
        );
        if (age >= 3)
          assert.equal(store.read.get<{ value: string }>("SELECT value FROM setting WHERE key = 'kept'")?.value, 'yes');
      } finally {
        store.close();
      }
      integrity(join(folder, 'store'));
    });
  return tally;
};
