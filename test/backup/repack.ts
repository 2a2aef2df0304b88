/** An archive packed again with one thing changed, and all its hashes right: as a bad tool, or a newer one, would leave it. */
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { archiveParts, digest, type Part } from '../../src/backup/archive-parts.js';
import { stateFromFile } from '../../src/backup/manifest.js';
import { openArchive } from '../../src/backup/open-archive.js';
import { packArchive } from '../../src/backup/pack.js';
import { unpackArchive } from '../../src/backup/unpack.js';

/** The registry's own copy is another one; the label goes, because it tells the hash of the old file. */
export async function withNative(path: string, intoDir: string, change: (bytes: Uint8Array) => Uint8Array) {
  const archive = await openArchive(path);
  if (archive.type !== 'full') throw new Error(`${path} is no full archive`);
  const { snapshot, native, manifest } = archive;
  const parts = archiveParts({
    snapshot,
    native: { name: native.name, bytes: change(native.bytes) },
    stable: manifest.stable,
    notStable: manifest.not_stable,
    settingsListed: manifest.settings_listed,
    chain: null,
    state: stateFromFile(manifest.state),
  });
  return write(path, intoDir, parts);
}

/** The manifest is another one, and its line in the sums agrees with it. */
export async function withManifest(path: string, intoDir: string, change: (text: string) => string) {
  const parts = await unpackArchive(await readFile(path));
  const old = parts.find(({ name }) => name === 'manifest.json');
  if (old === undefined) throw new Error(`${path} has no manifest`);
  const bytes = Buffer.from(change(Buffer.from(old.bytes).toString()));
  const resummed = (part: Part, algorithm: 'sha256' | 'md5'): Part => ({
    ...part,
    bytes: Buffer.from(
      Buffer.from(part.bytes).toString().replace(digest(algorithm, old.bytes), digest(algorithm, bytes)),
    ),
  });
  const changed = parts.map((part) => {
    if (part.name === 'manifest.json') return { ...part, bytes };
    if (part.name === 'backup.sha256') return resummed(part, 'sha256');
    return part.name === 'backup.md5' ? resummed(part, 'md5') : part;
  });
  return write(path, intoDir, changed);
}

async function write(path: string, intoDir: string, parts: readonly Part[]): Promise<string> {
  const into = join(intoDir, basename(path));
  if (dirname(into) === dirname(path)) throw new Error('it would be written over');
  writeFileSync(into, await packArchive(parts, 1_758_564_000));
  return into;
}
