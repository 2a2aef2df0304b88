/** Problems written down in another terminal: one event a line in the state folder of the run. */
import { watch } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { LEVELS } from '../../core/drill.js';
import { describeError } from '../../core/errors.js';
import type { BodyOf, EventBody } from '../../core/journal.js';
import { type Bilingual, bi } from '../../core/text.js';

const PROBLEM_FILE = 'problems.jsonl';
const LOOK_EVERY_MS = 1_000;

export type ProblemEvent = BodyOf<'problem.opened'> | BodyOf<'problem.solved'>;

/** Appends one problem for the run that is going on. On disk when it resolves. */
export async function recordProblem(stateDir: string, event: ProblemEvent): Promise<void> {
  const file = await open(join(stateDir, PROBLEM_FILE), 'a');
  try {
    await file.writeFile(`${JSON.stringify(event)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Takes each problem into the journal as it arrives. `close` looks one last time. */
export function watchProblems(
  stateDir: string,
  append: (body: EventBody) => void,
): { readonly close: () => Promise<void> } {
  const path = join(stateDir, PROBLEM_FILE);
  let offset = 0;
  let reading: Promise<void> = Promise.resolve();
  const read = async (): Promise<void> => {
    const { text, bytes } = await readFrom(path, offset);
    offset += bytes;
    for (const line of text.split('\n').filter((part) => part !== '')) append(eventOf(line));
  };
  const onTrouble = (error: unknown): void => append(unreadable(describeError(error)));
  const look = (): void => {
    reading = reading.then(read).catch(onTrouble);
  };
  const stopWatching = watchFolder(stateDir, look);
  const timer = setInterval(look, LOOK_EVERY_MS);
  return {
    close: async () => {
      clearInterval(timer);
      stopWatching();
      look();
      await reading;
    },
  };
}

/** Not every file system tells of changes, and a busy machine may have no watch left: the slow look is enough then. */
function watchFolder(dir: string, look: () => void): () => void {
  try {
    const watcher = watch(dir, look);
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  } catch {
    return () => {};
  }
}

/** Whole lines only: what is still being written is read next time. */
async function readFrom(path: string, offset: number): Promise<{ readonly text: string; readonly bytes: number }> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  });
  if (file === null) return { text: '', bytes: 0 };
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.max(0, size - offset));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
    const end = buffer.subarray(0, bytesRead).lastIndexOf(0x0a) + 1;
    return { text: buffer.toString('utf8', 0, end), bytes: end };
  } finally {
    await file.close();
  }
}

function eventOf(line: string): EventBody {
  try {
    const event: unknown = JSON.parse(line);
    if (isProblemEvent(event)) return event;
    return unreadable(bi('it is no problem event', '不是问题事件'));
  } catch (error) {
    return unreadable(describeError(error));
  }
}

/** A problem that was reported and cannot be read is still a problem. */
const unreadable = (why: Bilingual): EventBody => ({
  type: 'problem.opened',
  problem: 'unreadable-problem',
  title: bi(`A problem was recorded that cannot be read: ${why.en}`, `有一条问题记录无法读取：${why.zh}`),
  priority: 'P3',
  by: 'firedrill',
  step: null,
});

function isProblemEvent(event: unknown): event is ProblemEvent {
  if (typeof event !== 'object' || event === null) return false;
  const fields = new Map<string, unknown>(Object.entries(event));
  const known = typeof fields.get('problem') === 'string' && typeof fields.get('by') === 'string';
  if (fields.get('type') === 'problem.solved') return known;
  return fields.get('type') === 'problem.opened' && known && LEVELS.some((level) => level === fields.get('priority'));
}
