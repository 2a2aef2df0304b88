import { showDuration } from '../core/duration.js';
import type { Measurements, ObjectiveMeasurement } from '../core/measurement.js';
import { type Bilingual, bi, bilingual } from '../core/text.js';
import { fine, type IssueRule, type Judgement } from './rule.js';

const judgedRpo = (m: Measurements): readonly ObjectiveMeasurement[] =>
  m.objectives.filter((objective) => objective.id !== 'rto' && objective.verdict !== 'unknown');

/** The archives that a step passed over for this kind of reason, as one finding each step. */
function refusedOf(
  { damagedArchives }: Measurements,
  fits: (key: boolean) => boolean,
): readonly { readonly step: string; readonly detail: Bilingual; readonly evidence: readonly number[] }[] {
  const fitting = damagedArchives.filter(({ key }) => fits(key === true));
  return [...new Set(fitting.map(({ step }) => step))].map((step) => {
    const own = fitting.filter((archive) => archive.step === step);
    return {
      step,
      detail: bi(
        own.map(({ file, reason }) => `${file}: ${reason.en}`).join('; '),
        own.map(({ file, reason }) => `${file}：${reason.zh}`).join('；'),
      ),
      evidence: own.flatMap(({ evidence }) => evidence),
    };
  });
}

/** Rules about what became of the data; judged on valid runs only. */
export const DATA_RULES: readonly IssueRule[] = [
  {
    id: 'rpo-missed',
    priority: 'P0',
    judge: ({ m }) => {
      const rpo = judgedRpo(m);
      const missed = rpo.filter((objective) => objective.verdict === 'missed');
      const [first] = missed;
      if (!m.validity.valid || rpo.length === 0) return [];
      if (first === undefined) return [fine(null)];
      const title = bi('data lost beyond the RPO', '数据丢失超过 RPO');
      return [{ found: true, step: null, title, detail: first.why, evidence: missed.flatMap((o) => o.evidence) }];
    },
  },
  {
    id: 'data-lost',
    priority: 'P1',
    judge: ({ m }) => {
      if (m.loss === null || !m.validity.valid) return [];
      const { records, timeMs, cause, evidence } = m.loss;
      if (records === 0) return [fine(null)];
      const title = bi(`${records} acknowledged writes lost`, `丢失 ${records} 条已确认写入`);
      const detail = bi(
        `the oldest was acknowledged ${showDuration(timeMs)} before the loss; cause: ${cause?.en ?? 'unknown'}`,
        `最早的一条在丢失前 ${showDuration(timeMs)} 得到确认；原因：${cause?.zh ?? '未知'}`,
      );
      const allowed = judgedRpo(m).length > 0 && judgedRpo(m).every(({ verdict }) => verdict === 'within');
      // What the RPO allows is known, not repaired: it stays in the list as a thought.
      return [{ found: true, step: null, title, detail, evidence, ...(allowed && { priority: 'P3' as const }) }];
    },
  },
  {
    id: 'nodes-disagree',
    priority: 'P1',
    judge: ({ m }) => {
      if (m.ledger === null || !m.validity.valid) return [];
      const { divergent, evidence } = m.ledger;
      if (divergent === null) return [];
      if (divergent === 0) return [fine(null)];
      const title = bi('nodes hold different data', '各节点数据不一致');
      const detail = bi(`${divergent} entries differ after settling`, `稳定之后仍有 ${divergent} 个条目不一致`);
      return [{ found: true, step: null, title, detail, evidence }];
    },
  },
  {
    id: 'old-data-back',
    priority: 'P2',
    judge: ({ m }) => {
      if (m.ledger === null || !m.validity.valid) return [];
      const { stale, resurrected, evidence } = m.ledger;
      if (stale + resurrected === 0) return [fine(null)];
      const title = bi('old data is back', '旧数据重新出现');
      const detail = bi(
        `${stale} entries with an older value, ${resurrected} deregistered entries present again: clients get old addresses`,
        `${stale} 个条目为旧值，${resurrected} 个已注销的条目再次出现：客户端会拿到旧地址`,
      );
      return [{ found: true, step: null, title, detail, evidence }];
    },
  },
  {
    id: 'backup-damaged',
    priority: 'P0',
    judge: ({ m }) => [
      ...refusedOf(m, (key) => !key).map(({ step, detail, evidence }): Judgement => {
        const title = bi('backup damaged or not restorable', '备份损坏或无法恢复');
        return { found: true, step, title, detail, evidence };
      }),
      ...m.restores.flatMap((restore): readonly Judgement[] => {
        const check = restore.substeps.find((row) => row.name === 'check-archive' || row.name === 'verify');
        const damaged = restore.substeps.find(
          (row) => (row.name === 'check-archive' || row.name === 'verify') && row.outcome === 'fail',
        );
        if (check === undefined) return [];
        if (damaged === undefined) return [fine(restore.step)];
        const title = bi('backup damaged or not restorable', '备份损坏或无法恢复');
        return [{ found: true, step: restore.step, title, detail: damaged.detail, evidence: damaged.evidence }];
      }),
    ],
  },
  {
    id: 'backup-in-plain-text',
    priority: 'P2',
    judge: ({ m, opened }) => {
      const tiers = Object.entries(opened.recoveryPlan.tiers ?? {});
      if (m.backups.length === 0 || tiers.length === 0) return [];
      const plain = tiers.flatMap(([name, { encryption }]) =>
        encryption.kind === 'none' ? [{ name, reason: bilingual(encryption.reason) }] : [],
      );
      if (plain.length === 0) return [fine(null)];
      const title = bi('backups lie in plain text', '备份以明文存放');
      const detail = bi(
        `by the recovery plan without encryption: ${plain.map(({ name, reason }) => `${name} (${reason.en})`).join(', ')}`,
        `恢复预案中不加密的层级：${plain.map(({ name, reason }) => `${name}（${reason.zh}）`).join('、')}`,
      );
      return [{ found: true, step: null, title, detail, evidence: m.backups.flatMap(({ evidence }) => evidence) }];
    },
  },
  {
    id: 'backup-key',
    priority: 'P0',
    judge: ({ m }) => {
      const locked = refusedOf(m, (key) => key);
      if (locked.length === 0) return m.restores.map(({ step }) => fine(step));
      return locked.map(({ step, detail, evidence }): Judgement => {
        const title = bi('the key at hand does not open the backup', '手头的密钥打不开备份');
        return { found: true, step, title, detail, evidence };
      });
    },
  },
  {
    id: 'backup-missing',
    priority: 'P1',
    judge: ({ m }) =>
      m.fallbacks.flatMap(({ step, tries }): readonly Judgement[] => {
        const empty = tries.filter(({ outcome }) => outcome === 'none');
        if (empty.length === 0) return [];
        const rows = empty.map(({ where, reason }) =>
          bi(`${where.en}: ${reason?.en ?? ''}`, `${where.zh}：${reason?.zh ?? ''}`),
        );
        const title = bi('no backup where the plan expects one', '预案指定的位置没有备份');
        const detail = bi(rows.map(({ en }) => en).join('; '), rows.map(({ zh }) => zh).join('；'));
        return [{ found: true, step, title, detail, evidence: empty.flatMap(({ evidence }) => evidence) }];
      }),
  },
  {
    id: 'integrity-failed',
    priority: 'P0',
    judge: ({ m }) => {
      const checks = Object.entries({
        count: m.integrity.count,
        hash: m.integrity.hash,
        function: m.integrity.functional,
      });
      const failed = checks.filter(([, outcome]) => outcome === 'fail').map(([name]) => name);
      const { evidence } = m.integrity;
      if (failed.length > 0) {
        const title = bi('data differ after recovery', '恢复后数据不一致');
        const detail = bi(`failed: ${failed.join(', ')}`, `未通过：${failed.join('、')}`);
        return [{ found: true, step: null, title, detail, evidence }];
      }
      return checks.every(([, outcome]) => outcome === 'pass') ? [fine(null)] : [];
    },
  },
];
