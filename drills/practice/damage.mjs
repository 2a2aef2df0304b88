// Damages archives as disks and people do, in the folder of a drill’s own backups: one byte flipped, the end cut off, or
// the file gone. node damage.mjs FOLDER newest|newest-full|all flip|cut|remove
// 像磁盘与人那样损坏演练自身备份目录中的归档：翻转一个字节、截断结尾，或删除文件。
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const [folder = '.', which = 'newest', how = 'flip'] = process.argv.slice(2);

/** Newest first by their labels, which stand beside them. */
const archives = readdirSync(folder)
  .filter((name) => /\.tar\.gz(?:\.age)?$/.test(name))
  .map((name) => ({ path: join(folder, name), label: JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) }))
  .sort((a, b) => b.label.revision - a.label.revision || b.path.localeCompare(a.path));

const CHOICES = {
  newest: () => archives.slice(0, 1),
  'newest-full': () => archives.filter(({ label }) => label.type === 'full').slice(0, 1),
  all: () => archives,
};

const DAMAGE = {
  flip: (path) => {
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(path, bytes);
  },
  cut: (path) => truncateSync(path, readFileSync(path).length >> 1),
  remove: (path) => rmSync(path),
};

const chosen = CHOICES[which]?.() ?? [];
const damage = DAMAGE[how];
if (chosen.length === 0 || damage === undefined) throw new Error(`nothing to damage: ${which} ${how}`);
for (const { path } of chosen) damage(path);
console.log(`${how}: ${chosen.map(({ path }) => basename(path)).join(', ')}`);
