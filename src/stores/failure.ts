/** What every kind of store says in the same words. */
import { WorldError } from '../core/errors.js';
import { bi } from '../core/text.js';

export const fileMissing = (file: string, place: string): WorldError =>
  new WorldError({
    code: 'store-file-missing',
    message: bi(`there is no ${file} in ${place}`, `${place} 中没有 ${file}`),
    hint: bi('`firedrill backup list` shows what is there', '`firedrill backup list` 会列出已有的备份'),
  });

export const fileDiffers = (file: string, place: string): WorldError =>
  new WorldError({
    code: 'store-file-differs',
    message: bi(
      `${place} holds another ${file} with other bytes; it was left as it is`,
      `${place} 中已有内容不同的 ${file}；未改动它`,
    ),
    hint: bi(
      'check which of the two is the right one, and take the other away yourself',
      '请确认哪一个是正确的，并自行移走另一个',
    ),
  });

/** The bytes that were read are not those that were promised: nothing was put in place. */
export const sourceChanged = (file: string): WorldError =>
  new WorldError({
    code: 'source-changed',
    message: bi(
      `${file} is not what its checksum says where it is copied from, so it was not put in place`,
      `来源处的 ${file} 与其校验和不符，因此未写入`,
    ),
    hint: bi('verify it there, and copy an archive that is sound', '请在来源处校验，并复制完好的备份'),
  });

export const farEndDiffers = (file: string, place: string): WorldError =>
  new WorldError({
    code: 'far-end-differs',
    message: bi(
      `what ${place} holds of ${file} is not what was sent (checked by its checksum); it was not put in place`,
      `${place} 保存的 ${file} 与发送的内容不一致（校验和不符），未写入`,
    ),
    hint: bi(
      'copy it again; if it happens twice, check the disk or the network',
      '请重新复制；若再次发生，请检查磁盘或网络',
    ),
  });

export const stopped = (file: string, place: string): WorldError =>
  new WorldError({
    code: 'interrupted',
    exit: 'stopped',
    message: bi(`stopped while ${file} was copied to ${place}`, `在将 ${file} 复制到 ${place} 期间被停止`),
    hint: bi('the same command again continues it', '再次执行同一命令即可继续'),
  });
