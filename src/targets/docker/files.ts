import { posix } from 'node:path';
import { extract, type Header, pack } from 'tar-stream';
import type { FilesAbility } from '../../core/abilities.js';
import { engineRefused, statusOf } from '../../core/container-engine.js';
import type { NodeSpec } from '../../core/drill.js';
import { WorldError } from '../../core/errors.js';
import { containerNameOf, containerOf } from '../../core/node-container.js';
import { bi } from '../../core/text.js';
import { readAll } from './read-all.js';

interface FoundFile {
  readonly header: Header;
  readonly content: Buffer;
}

/** Through the engine: also for a container that does not run, and on another machine. */
export const containerFiles: FilesAbility = {
  read: async (node, path) => (await fileOf(node, path))?.content ?? null,
  write: async (node, path, content) => {
    const found = await fileOf(node, path);
    const name = containerNameOf(node);
    if (found === null) {
      throw new WorldError({
        code: 'file-missing',
        message: bi(`container ${name} has no file ${path}`, `容器 ${name} 中没有文件 ${path}`),
      });
    }
    const archive = pack();
    const { uid, gid, mode, mtime } = found.header;
    const kept = { ...(uid && { uid }), ...(gid && { gid }), ...(mode && { mode }), ...(mtime && { mtime }) };
    archive.entry({ name: posix.basename(path), ...kept }, content);
    archive.finalize();
    try {
      await (await containerOf(node)).putArchive(await readAll(archive), { path: posix.dirname(path) });
    } catch (error) {
      throw engineRefused(bi(`file ${path} of container ${name}`, `容器 ${name} 的文件 ${path}`), error);
    }
  },
};

async function fileOf(node: NodeSpec, path: string): Promise<FoundFile | null> {
  const name = containerNameOf(node);
  try {
    const archive = await (await containerOf(node)).getArchive({ path });
    return await onlyFile(await readAll(archive));
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw engineRefused(bi(`file ${path} of container ${name}`, `容器 ${name} 的文件 ${path}`), error);
  }
}

async function onlyFile(archive: Buffer): Promise<FoundFile | null> {
  const entries = extract();
  entries.end(archive);
  for await (const entry of entries) {
    const content = await readAll(entry);
    if (entry.header.type === 'file') return { header: entry.header, content };
  }
  return null;
}
