/** Run by test/run-state/built.ts in a process of its own: does what it is told, until it is killed. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const from = (path) => import(pathToFileURL(join(process.argv[2], path)).href);
const { systemClock: clock } = await from('core/clock.js');
const { catalogOf } = await from('core/catalog.js');
const { bootId, ownProcess } = await from('core/process-table.js');
const { openJournal, resumeJournal } = await from('journal/index.js');
const { openRunState, recoverRuns } = await from('run/state/index.js');
const { tryExclusive } = await from('run/state/exclusive.js');

const me = { ...ownProcess(), bootId: bootId() };
let state = null;
let journal = null;

/** A change that is on while its file is there; a revert waits while `<file>.hang` is there. */
const fileUndoer = {
  name: 'file',
  revert: async (_, { file }) => {
    while (existsSync(`${file}.hang`)) await clock.sleep(5);
    const was = existsSync(file);
    rmSync(file, { force: true });
    return { reverted: true, nothingToDo: !was, detail: { en: `${file} removed`, zh: `已删除 ${file}` } };
  },
  residue: async (_, { file }) => (existsSync(file) ? [{ en: `${file} is there`, zh: `${file} 仍在` }] : []),
};

function leaveToTheDead(lock) {
  const draft = `${lock}-${me.pid}`;
  symlinkSync(`1:0:${me.bootId}:${randomBytes(6).toString('hex')}`, draft);
  renameSync(draft, lock);
}

const counted = (path) => Number(readFileSync(path, 'utf8'));

const orders = {
  open: async ({ root, runId, runDir }) => {
    state = await openRunState({ root, runId, runDir: runDir ?? root, ...me, clock });
  },
  claim: ({ keys }) => state.claim(keys, null),
  arm: ({ record }) => state.arm(record),
  retire: ({ undo, cause }) => state.retire(undo, cause),
  status: ({ progress }) => state.writeStatus(progress),
  close: ({ clean }) => state.close({ clean }),
  onAbort: () => new Promise((resolve) => state.onAbort(() => resolve('aborted'))),
  journal: ({ path }) => {
    journal = openJournal({ path, clock });
  },
  append: ({ body }) => journal.append(body).seq,
  opened: ({ body }) => journal.append({ ...body, clockOriginMs: clock.monotonicMs() }).seq,
  flush: () => journal.flush(),
  /** Appends without end. */
  flood: async ({ body }) => {
    for (;;) {
      journal.append(body);
      await new Promise((resolve) => setImmediate(resolve));
    }
  },
  recover: ({ root }) =>
    recoverRuns({
      root,
      clock,
      undoers: catalogOf([fileUndoer]),
      connect: () => ({ registry: { close: () => {} } }),
      resumeJournal,
      bootId: bootId(),
      by: 'puppet',
    }),
  /** Takes the lock and dies with it. */
  dieHolding: async ({ lock }) => {
    while (!tryExclusive(lock, me).held) await clock.sleep(1);
    process.kill(process.pid, 'SIGKILL');
  },
  /**
   * Adds one to a number in a file, again and again: without a lock, some would be lost. `stale` leaves the lock as a
   * killed owner does, so that it has to be taken over every time.
   */
  count: async ({ lock, path, times, stale }) => {
    for (let done = 0; done < times; ) {
      const attempt = tryExclusive(lock, me);
      if (attempt.held) {
        const before = counted(path);
        if (done % 50 === 0) await clock.sleep(1);
        writeFileSync(path, String(before + 1));
        if (stale) leaveToTheDead(lock);
        else attempt.release();
        done += 1;
      }
      await clock.sleep(0);
    }
  },
};

process.on('message', (order) => {
  Promise.resolve()
    .then(() => orders[order.do](order))
    .then((value) => process.send({ ok: true, value: value ?? null }))
    .catch((error) => process.send({ ok: false, code: error.code ?? String(error) }));
});
process.on('disconnect', () => process.exit());
