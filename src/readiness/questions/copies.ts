/** 3: the same hash on tiers that count as another place. */
import { bi } from '../../core/text.js';
import { type Answered, answered, planPlace, type Question, tierPlaces } from '../answer.js';
import { type Chain, chainsOf } from '../chains.js';
import type { ArchiveRecord, ReadinessEvidence, TierReading } from '../evidence.js';

export const copies: Question = {
  number: 3,
  group: 'backup',
  ask: bi('Are there copies in several places?', '是否有多地备份副本？'),
  answer: (evidence) => {
    const away = evidence.tiers.filter((tier) => tier.countsAsAnotherPlace);
    if (away.length === 0) {
      return answered(
        'no',
        bi('no tier of the plan counts as another place', '预案中没有算作异地的存储层级'),
        planPlace(evidence),
      );
    }
    const [newest] = chainsOf(evidence.tiers);
    if (newest === undefined) return nothingSeen(evidence);
    return bestOf(away.map((tier) => chainOn(newest, tier, evidence)));
  },
};

function nothingSeen(evidence: ReadinessEvidence): Answered {
  const where = tierPlaces(evidence);
  return evidence.tiers.every(({ archives }) => archives.read)
    ? answered('no', bi('there is no archive on any tier', '任何层级上都没有归档'), where)
    : answered(
        'unknown',
        bi('no archive could be seen, and not every tier could be read', '没有看到归档，且并非所有层级都可读取'),
        where,
      );
}

/** One other place is enough. */
function bestOf(parts: readonly Answered[]): Answered {
  const good = parts.find(({ answer }) => answer === 'yes');
  if (good !== undefined) return good;
  const answer = parts.some((part) => part.answer === 'unknown') ? 'unknown' : 'no';
  return { answer, seen: parts.flatMap(({ seen }) => seen) };
}

/** The whole newest chain there, each archive with the bytes it has elsewhere too. */
function chainOn({ archives, base }: Chain, tier: TierReading, { tiers, nowMs, plan }: ReadinessEvidence): Answered {
  const { archives: reading } = tier;
  const { where } = reading;
  if (!reading.read) return { answer: 'unknown', seen: [{ text: reading.why, where }] };
  // A copy takes its time: what was taken a moment ago need not be there yet.
  const settled = archives.filter(({ takenMs }) => nowMs - takenMs > (plan.calendar?.graceMs ?? 0));
  const due = settled.length === 0 ? archives : settled;
  const missing = due.filter((archive) => !isWholeOn(archive, tier));
  if (missing.length > 0) {
    const names = missing
      .slice(0, 3)
      .map(({ file }) => file)
      .join(', ');
    const text = bi(
      `${tier.tier} lacks ${missing.length} of ${due.length} archives of chain ${base}, or holds other bytes: ${names}`,
      `${tier.tier} 缺少备份链 ${base} 的 ${due.length} 个归档中的 ${missing.length} 个，或内容不同：${names}`,
    );
    return answered('no', text, where);
  }
  const elsewhere = tiers.filter(
    (other) => other.tier !== tier.tier && due.every((archive) => isWholeOn(archive, other)),
  );
  if (elsewhere.length === 0) {
    const blind = tiers.filter((other) => !other.archives.read).map((other) => other.tier);
    const text = bi(`chain ${base} is whole on ${tier.tier} only`, `备份链 ${base} 仅在 ${tier.tier} 上完整`);
    return answered(blind.length === 0 ? 'no' : 'unknown', text, where);
  }
  const read = tier.readBack.length > 0;
  const how = read ? bi('read back and hashed', '已回读并计算哈希') : bi('by label and size', '按标签与大小');
  const places = [tier, ...elsewhere].map((each) => each.tier).join(', ');
  const text = bi(
    `chain ${base} (${due.length} archives) has the same SHA-256 on ${places} (${how.en})`,
    `备份链 ${base}（${due.length} 个归档）在 ${places} 上的 SHA-256 相同（${how.zh}）`,
  );
  return answered('yes', text, where);
}

function isWholeOn({ file, sha256 }: ArchiveRecord, { archives, readBack }: TierReading): boolean {
  const there = archives.read ? archives.value.find((each) => each.file === file) : undefined;
  if (there === undefined || there.sha256 !== sha256 || there.storedBytes !== there.bytes) return false;
  const back = readBack.find((each) => each.file === file);
  return back === undefined || back.sha256 === sha256;
}
