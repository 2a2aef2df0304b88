/** A registry without an instance, where the newest backup has some, looks like a backup that went well. */
import { join } from 'node:path';
import { WorldError } from '../core/errors.js';
import type { BackupOptions, HeldBefore } from '../core/services.js';
import { bi } from '../core/text.js';
import { type StateSum, sumOf } from './content-hash.js';
import { archivesByName } from './names.js';
import { openArchive } from './open-archive.js';
import { namesIn, soundLabel } from './parent.js';

type Asking = Pick<BackupOptions, 'cluster' | 'dir' | 'cipher' | 'earlier' | 'emptyIsRight'>;
type Sum = Pick<StateSum, 'instances' | 'contentHash'>;

const NOTHING = sumOf([], []).contentHash;

/** Throws WorldError `registry-emptied`. The earlier backups are looked at only when there is no instance now. */
export async function refuseEmptied(now: Sum, asking: Asking): Promise<void> {
  if (now.instances > 0 || asking.emptyIsRight === true) return;
  const before = await (asking.earlier ?? (() => heldIn(asking)))();
  if (before === null) return;
  if (before.state !== null && !lessThan(now, before.state)) return;
  throw emptied(asking, before);
}

/** Whether what was there before is there no more: the instances, or the settings too. */
const lessThan = (now: Sum, before: Sum): boolean =>
  before.instances > 0 || (now.contentHash === NOTHING && before.contentHash !== NOTHING);

/** By the newest archive of the folder that tells; null = there is no archive. */
async function heldIn({ dir, cipher }: Asking): Promise<HeldBefore | null> {
  const names = archivesByName(await namesIn(dir));
  for (const file of names) {
    const state = await stateIn(join(dir, file), cipher);
    if (state !== null) return { file, state };
  }
  const [newest] = names;
  return newest === undefined ? null : { file: newest, state: null };
}

/** Null = it has no label, and cannot be opened: damaged, or encrypted and the key is not at hand. */
async function stateIn(path: string, cipher: Asking['cipher']): Promise<Sum | null> {
  const label = await soundLabel(path);
  if (label !== null) return { instances: label.state.instances, contentHash: label.state.content_hash };
  try {
    return (await openArchive(path, cipher)).info.state;
  } catch {
    return null;
  }
}

function emptied({ cluster }: Asking, { file, state }: HeldBefore): WorldError {
  const { prefix } = cluster.binding;
  const held =
    state === null
      ? bi(
          `whether there was one before no backup here tells (newest: ${file})`,
          `此处没有备份能说明之前是否有实例（最近：${file}）`,
        )
      : state.instances > 0
        ? bi(
            `${file}, the newest backup here, has ${state.instances}`,
            `此处最近的备份 ${file} 中有 ${state.instances} 个`,
          )
        : bi(`nor a setting, and ${file}, the newest backup here, has settings`, `也没有配置，而 ${file} 中有配置`);
  return new WorldError({
    code: 'registry-emptied',
    message: bi(
      `the registry holds no instance below ${prefix}, and ${held.en}; no backup was written`,
      `注册中心在 ${prefix} 之下没有任何实例，而${held.zh}；未写出备份`,
    ),
    hint: bi(
      'Look whether it lost its data, or is another one, or has another prefix. If it is right, say so: --empty-is-right (in a drill `emptyIsRight: true`).',
      '请检查注册中心是否丢失数据、是否为另一个、前缀是否正确。若确实为空，请明示：--empty-is-right（演练中写 `emptyIsRight: true`）。',
    ),
  });
}
