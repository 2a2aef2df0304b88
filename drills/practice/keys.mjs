// Two practice key pairs in a folder of the run that is gone afterwards: the one that the backups are encrypted to lies
// in the vault, and the person on call has last year’s. In your own drill, name the files of your own keys instead.
// 在运行结束即删除的目录中生成两对练习密钥：备份所用密钥在保险库，值班人员手中只有去年的密钥。在你自己的演练中，请改为你的密钥文件。
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';

const [folder = '.'] = process.argv.slice(2);
const write = (name, line) => writeFileSync(join(folder, name), `${line}\n`, { mode: 0o600, flag: 'wx' });

const [vault, lastYear] = await Promise.all([generateX25519Identity(), generateX25519Identity()]);
write('vault.key', vault);
write('last-year.key', lastYear);
write('recipients.txt', await identityToRecipient(vault));
console.log('written: recipients.txt, vault.key, last-year.key');
