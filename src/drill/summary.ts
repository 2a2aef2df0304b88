import type { Catalog } from '../core/catalog.js';
import type { Step } from '../core/drill.js';
import { formatDuration } from '../core/duration.js';
import type { Fault } from '../core/fault.js';
import { type Bilingual, bi, bilingual, type Text } from '../core/text.js';
import { selectorText } from './bind.js';
import { plannedRestoreMs } from './restore-expect.js';

function backupText({ mode, to, tier }: Extract<Step, { readonly verb: 'backup' }>): Bilingual {
  const copied = tier === undefined ? bi('', '') : bi(`, copied to tier ${tier}`, `，并复制到层级 ${tier}`);
  return mode === 'full'
    ? bi(`full backup into ${to}${copied.en}`, `全量备份到 ${to}${copied.zh}`)
    : bi(`incremental backup into ${to}${copied.en}`, `增量备份到 ${to}${copied.zh}`);
}

/** What the step will do, in a sentence of the plan. */
export function summaryOf(step: Step, nodes: readonly string[]): Bilingual {
  const on = nodes.length === 0 ? bi('', '') : bi(` on ${nodes.join(', ')}`, `（${nodes.join('、')}）`);
  switch (step.verb) {
    case 'inject': {
      const how = step.on?.by.kind === 'role' ? ` [${selectorText(step.on.by)}]` : '';
      const forText =
        step.forMs === undefined
          ? bi('', '')
          : bi(` for ${formatDuration(step.forMs)}`, `，持续 ${formatDuration(step.forMs)}`);
      const params = Object.entries(step.params)
        .map(([key, value]) => `${key}=${value}`)
        .join(', ');
      const set = params === '' ? '' : ` {${params}}`;
      return bi(
        `turn on ${step.fault}${set}${on.en}${how}${forText.en}`,
        `注入 ${step.fault}${set}${on.zh}${how}${forText.zh}`,
      );
    }
    case 'heal':
      return bi(`turn off the fault of ${step.step}`, `解除步骤 ${step.step} 注入的故障`);
    case 'recover':
      return recoverText(step, on);
    case 'backup':
      return backupText(step);
    case 'restore':
      return restoreText(step);
    case 'decide':
      return bi(`decide ${step.tree} by the recovery plan's tree`, `按恢复预案的决策树判定 ${step.tree}`);
    case 'degrade':
      return degradeText(step.level);
    case 'check': {
      const limit =
        step.withinMs === 0
          ? bi('', '')
          : bi(` within ${formatDuration(step.withinMs)}`, `，时限 ${formatDuration(step.withinMs)}`);
      return bi(`check ${step.probe}${limit.en}`, `检查 ${step.probe}${limit.zh}`);
    }
    case 'manual':
      return shortened(step.text);
    case 'document':
      return bi(`review ${step.documents.length} document(s)`, `评审 ${step.documents.length} 份文档`);
    case 'situation':
      return shortened(step.situation.tell);
    case 'problem':
      return step.problem.state === 'open'
        ? problemText('record the problem', '记录问题', step.problem.title)
        : problemText('record as solved', '记录为已解决', step.problem.title);
    case 'parallel':
      return bi(`${step.steps.length} steps side by side`, `并行执行 ${step.steps.length} 个步骤`);
    case 'run':
      return bi(`run ${step.argv.join(' ')}`, `运行 ${step.argv.join(' ')}`);
    case 'wait':
      return bi(`wait ${formatDuration(step.waitMs)}`, `等待 ${formatDuration(step.waitMs)}`);
  }
}

function recoverText(step: Extract<Step, { readonly verb: 'recover' }>, on: Bilingual): Bilingual {
  const own = step.on === null && step.command !== undefined ? `: ${step.command.join(' ')}` : '';
  return bi(`${step.action}${on.en}${own}`, `${step.action}${on.zh}${own}`);
}

const degradeText = (level: number | null): Bilingual =>
  level === null
    ? bi('leave the degradation level', '退出降级')
    : bi(`enter degradation level ${level}`, `进入降级级别 ${level}`);

function problemText(en: string, zh: string, title: Text): Bilingual {
  const both = bilingual(title);
  return bi(`${en}: ${both.en}`, `${zh}：${both.zh}`);
}

function shortened(text: Text): Bilingual {
  const both = bilingual(text);
  return bi(firstLine(both.en), firstLine(both.zh));
}

const firstLine = (text: string): string => {
  const [line = ''] = text.trim().split('\n');
  return line.length <= 120 ? line : `${line.slice(0, 119)}…`;
};

/** How the step's change is taken back; null = it changes nothing. */
export function undoOf(step: Step, faults: Catalog<Fault>): Bilingual | null {
  if (step.verb === 'inject') return faults.find(step.fault)?.undoText ?? null;
  if (step.verb === 'degrade' && step.level !== null)
    return bi('the leave commands of the recovery plan', '恢复预案中的退出命令');
  if (step.verb === 'recover' && step.action === 'switch-site')
    return bi(
      'back to the primary: the replication is started again, and what differs is listed',
      '回到主站点：重新开始复制，并列出差异',
    );
  if (step.verb !== 'restore') return null;
  return step.services === undefined
    ? bi('until it has succeeded: the old data goes back and the nodes run', '成功之前：旧数据放回原处，节点恢复运行')
    : bi('until it has succeeded: what it wrote is taken out again', '成功之前：撤回其写入的内容');
}

/** What cannot be taken back once the step is done; null = nothing. */
export function irreversibleOf(step: Step): Bilingual | null {
  if (step.verb === 'restore') {
    return step.services === undefined
      ? bi('once it has succeeded: everything written after the backup is gone', '成功之后：备份之后写入的数据不再存在')
      : bi(
          `once it has succeeded: ${step.services.join(', ')} as in the backup`,
          `成功之后：${step.services.join('、')} 回到备份时的状态`,
        );
  }
  if (step.verb === 'recover' && step.action === 'node.force-new-cluster')
    return bi(
      'what only the other nodes held is gone, and they have to be replaced',
      '仅存在于其他节点上的数据不复存在，且这些节点必须被替换',
    );
  if (step.verb === 'run')
    return bi('what the command does cannot be undone by Firedrill', '命令造成的改动 Firedrill 无法撤销');
  return null;
}

/** Planned time of a step by its own word; a group takes as long as its slowest. */
export function estimateOf(step: Step): number {
  switch (step.verb) {
    case 'wait':
      return step.waitMs;
    case 'restore':
      return step.expectMs ?? plannedRestoreMs(step.expect);
    case 'parallel':
      return step.expectMs ?? Math.max(0, ...step.steps.map(estimateOf));
    case 'inject':
    case 'heal':
    case 'recover':
    case 'backup':
    case 'decide':
    case 'degrade':
    case 'check':
    case 'manual':
    case 'document':
    case 'situation':
    case 'problem':
    case 'run':
      return step.expectMs ?? 0;
  }
}

function restoreText({ archive, services, fallback = [] }: Extract<Step, { readonly verb: 'restore' }>): Bilingual {
  const ways = fallback.map((next) => (next.way === 'archives' ? next.in : next.way === 'tier' ? next.tier : next.way));
  const otherwise =
    ways.length === 0 ? bi('', '') : bi(`; else from ${ways.join(', ')}`, `；否则依次：${ways.join('、')}`);
  return services === undefined
    ? bi(
        `stop all nodes and restore ${archive} on each${otherwise.en}`,
        `停止所有节点，并在每个节点上恢复 ${archive}${otherwise.zh}`,
      )
    : bi(
        `put ${services.join(', ')} back from ${archive}${otherwise.en}`,
        `从 ${archive} 恢复 ${services.join('、')}${otherwise.zh}`,
      );
}
