/** 2: newest `backup verify` of each chain, and whether into a lab. */
import { bi } from '../../core/text.js';
import { type Answered, allOf, answered, type Question, showTime, tierPlaces, unread } from '../answer.js';
import { type Chain, chainsOf } from '../chains.js';
import type { Verification } from '../evidence.js';

export const verified: Question = {
  number: 2,
  group: 'backup',
  ask: bi('Was the integrity of the backups verified?', '是否验证过备份完整性？'),
  answer: (evidence) => {
    const { tiers, verifications } = evidence;
    if (!verifications.read) return unread(verifications);
    const chains = chainsOf(tiers);
    if (chains.length === 0) {
      return answered('unknown', bi('no archive could be seen', '没有看到任何归档'), tierPlaces(evidence));
    }
    return allOf(chains.map((chain) => chainVerified(chain, verifications.value, verifications.where)));
  },
};

function chainVerified({ base, archives }: Chain, all: readonly Verification[], where: string): Answered {
  // Sound by its bytes: what had the same name before it changed proves nothing. Damaged by its name.
  const hashes = new Set(archives.map(({ sha256 }) => sha256));
  const files = new Set(archives.map(({ file }) => file));
  const ofChain = all.filter(({ sha256, file, sound }) => (sound ? hashes.has(sha256) : files.has(file)));
  // Who had no key saw nothing: that neither proves it nor takes away what somebody with the key has seen.
  const newest = ofChain.filter(({ noKey }) => !noKey).reduce<Verification | null>(later, null);
  if (newest === null) {
    const unopened = ofChain.reduce<Verification | null>(later, null);
    if (unopened !== null) return unknownWithoutKey(unopened, where);
    const text = bi(`no verification of chain ${base} is recorded`, `没有备份链 ${base} 的校验记录`);
    return answered('unknown', text, where);
  }
  const when = showTime(newest.atMs);
  if (!newest.sound) {
    return answered(
      'no',
      bi(`${newest.file} was found damaged at ${when}`, `${newest.file} 于 ${when} 校验发现损坏`),
      where,
    );
  }
  const how =
    newest.restoredInto === null
      ? bi('read only: not yet restored into a practice cluster', '仅读取校验：尚未恢复到练习集群')
      : bi(`restored into ${newest.restoredInto} and compared`, `已恢复到 ${newest.restoredInto} 并比对`);
  const text = bi(`${newest.file} verified at ${when} (${how.en})`, `${newest.file} 于 ${when} 校验通过（${how.zh}）`);
  return answered('yes', text, where);
}

const unknownWithoutKey = ({ file, atMs }: Verification, where: string): Answered =>
  answered(
    'unknown',
    bi(
      `${file} is encrypted and could not be opened at ${showTime(atMs)}: its key was not at hand`,
      `${file} 已加密，于 ${showTime(atMs)} 未能打开：缺少密钥`,
    ),
    where,
  );

const later = (a: Verification | null, b: Verification): Verification => (a !== null && a.atMs >= b.atMs ? a : b);
