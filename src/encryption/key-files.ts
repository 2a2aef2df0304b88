/** Key files, read at the moment of use. No message holds a line of them. */
import { readFile } from 'node:fs/promises';
import { WorldError } from '../core/errors.js';
import { type Bilingual, bi } from '../core/text.js';

/** The lines of a recipients or identity file without comments, as `age -R` and `age -i` read it. */
export async function keyLines(path: string): Promise<readonly string[]> {
  const lines = (await readKeyFile(path)).split(/\r?\n/).map((line) => line.trim());
  const keys = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (keys.length === 0) throw keyUnreadable(path, bi('there is no key in it', '其中没有密钥'));
  return keys;
}

/** The first line. `age` asks for it at the terminal, where no line end belongs to it. */
export async function passphraseIn(path: string): Promise<string> {
  const [line = ''] = (await readKeyFile(path)).split(/\r?\n/);
  if (line === '') throw keyUnreadable(path, bi('its first line is empty', '第一行为空'));
  return line;
}

async function readKeyFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    // The code alone: the path is in the sentence, and no other word of the error is needed.
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    const text = why === 'ENOENT' ? bi('it does not exist', '文件不存在') : bi(why, why);
    throw keyUnreadable(path, text);
  }
}

export const keyUnreadable = (path: string, why: Bilingual): WorldError =>
  new WorldError({
    code: 'key-unreadable',
    message: bi(`the key file ${path} cannot be used: ${why.en}`, `密钥文件 ${path} 无法使用：${why.zh}`),
    hint: bi(
      'recipients begin with `age1`, identities with `AGE-SECRET-KEY-`, one per line, as age-keygen writes them',
      '收件人公钥以 `age1` 开头，身份私钥以 `AGE-SECRET-KEY-` 开头，每行一个，与 age-keygen 的输出相同',
    ),
  });
