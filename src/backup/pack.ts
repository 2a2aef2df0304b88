import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { pack } from 'tar-stream';
import type { Part } from './archive-parts.js';

const compress = promisify(gzip);

/** A `.tar.gz` of the parts. Owner, mode, order and times are fixed: equal parts give equal bytes. */
export async function packArchive(parts: readonly Part[], epochSeconds: number): Promise<Uint8Array> {
  const tar = pack();
  const mtime = new Date(epochSeconds * 1_000);
  for (const { name, bytes } of parts) {
    tar.entry({ name, mtime, mode: 0o644, uid: 0, gid: 0, type: 'file' }, Buffer.from(bytes));
  }
  tar.finalize();
  return compress(await buffer(tar), { level: 9 });
}
