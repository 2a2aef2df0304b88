/** Giving a node its undamaged file back. */
import { rm } from 'node:fs/promises';
import type { RevertResult, UndoData, World } from '../core/fault.js';
import { type Bilingual, bi } from '../core/text.js';
import { exists, sha256Of } from './kept.js';
import { type DamagedFile, damagedFile, fileState, originalOf, putInPlace, readHashes } from './node-damage.js';
import { downSentences, goneOf, startGone } from './node-down.js';

export async function revert(world: World, data: UndoData): Promise<RevertResult> {
  const file = damagedFile(world, data);
  const state = await fileState(file);
  const idle = (await goneOf(world, [file.spec])).length > 0;
  if (state.is === 'damaged' && idle) {
    const spoiled = await whySpoiled(file);
    if (spoiled !== null) return { reverted: false, detail: spoiled };
    await putInPlace(originalOf(file), file);
    if ((await fileState(file)).is !== 'original') return { reverted: false, detail: notOriginal(file) };
    return closed(world, file, bi('the original file is back', '原文件已放回'));
  }
  if (state.is === 'untouched' || state.is === 'original') {
    return closed(world, file, bi('the file is the original one', '文件为原始内容'));
  }
  // It was started on the damaged file: what it made of it is its state now, and older bytes must not come under it.
  return closed(
    world,
    file,
    bi(
      'the node was started on the damaged file and has gone on from there; the original was not put back',
      '节点已在损坏的文件上启动并继续运行；未放回原文件',
    ),
  );
}

/** The node must run before what was kept goes: until then it may still be needed. */
async function closed(world: World, file: DamagedFile, what: Bilingual): Promise<RevertResult> {
  const started = await startGone(world, [file.spec]);
  if (!started.reverted) return { reverted: false, detail: joined(what, started.detail) };
  const kept = await exists(file.kept);
  await rm(file.kept, { recursive: true, force: true });
  return { reverted: true, nothingToDo: started.nothingToDo && !kept, detail: joined(what, started.detail) };
}

const joined = (a: Bilingual, b: Bilingual): Bilingual => bi(`${a.en}; ${b.en}`, `${a.zh}；${b.zh}`);

const notOriginal = ({ path }: DamagedFile): Bilingual =>
  bi(`${path} is not the original after it was put back`, `放回之后 ${path} 仍不是原文件`);

/** The kept original is itself checked before it goes back. */
async function whySpoiled(file: DamagedFile): Promise<Bilingual | null> {
  const { before } = await readHashes(file);
  const original = originalOf(file);
  const now = (await exists(original)) ? await sha256Of(original) : null;
  if (now === before) return null;
  return bi(
    `the kept original ${original} is ${now === null ? 'gone' : 'not what it was'}: wipe the node and let it rejoin`,
    `保留的原文件 ${original} ${now === null ? '已丢失' : '已改变'}：请清空该节点并让其重新加入`,
  );
}

export async function residue(world: World, data: UndoData): Promise<readonly Bilingual[]> {
  const file = damagedFile(world, data);
  const { name } = file.spec;
  const state = await fileState(file);
  const damaged =
    state.is === 'damaged' ? [bi(`${name}: ${file.path} is damaged`, `${name}：${file.path} 已损坏`)] : [];
  const kept = (await exists(file.kept))
    ? [bi(`what was kept of ${name} is still there: ${file.kept}`, `${name} 的保留内容仍在：${file.kept}`)]
    : [];
  return [...damaged, ...kept, ...(await downSentences(world, [file.spec]))];
}
