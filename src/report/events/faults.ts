import type { EventOf, RevertCause } from '../../core/journal.js';
import { type Bilingual, bi } from '../../core/text.js';
import { moment } from '../text/format.js';
import { OUTCOME } from '../text/words.js';

type FaultEvent = EventOf<
  | 'undo.armed'
  | 'fault.requested'
  | 'fault.injected'
  | 'fault.confirmed'
  | 'undo.reverted'
  | 'residue.checked'
  | 'recover.action'
  | 'recover.started'
  | 'recover.ended'
>;

const CAUSE: Readonly<Record<RevertCause, Bilingual>> = {
  for: bi('its time was over', '持续时间已到'),
  heal: bi('a heal step', 'heal 步骤'),
  'recover-step': bi('a recover step', 'recover 步骤'),
  rollback: bi('the rollback of a restore that failed', '恢复失败后的回退'),
  final: bi('the final undo', '最终撤销'),
  stop: bi('the undo after a stop', '停止后的撤销'),
  'recover-command': bi('`firedrill recover`', '`firedrill recover` 命令'),
};

export const revertCause = (cause: string): Bilingual => (isCause(cause) ? CAUSE[cause] : bi(cause, cause));
const isCause = (cause: string): cause is RevertCause => Object.hasOwn(CAUSE, cause);

const on = (nodes: readonly string[]): Bilingual =>
  nodes.length === 0 ? bi('', '') : bi(` on ${nodes.join(', ')}`, `（${nodes.join('、')}）`);

export function faultText(event: FaultEvent): Bilingual {
  switch (event.type) {
    case 'undo.armed': {
      const what = [event.undoer, ...event.nodes].join(', ');
      return bi(`Undo ${event.undo} (${what}) is on disk`, `撤销记录 ${event.undo}（${what}）已落盘`);
    }
    case 'fault.requested': {
      const where = on(event.nodes);
      return bi(`Fault ${event.fault} goes out${where.en}`, `发出故障 ${event.fault}${where.zh}`);
    }
    case 'fault.injected': {
      const where = on(event.nodes);
      const at = moment(event.requestedMs);
      return bi(
        `Fault ${event.fault} requested${where.en} at ${at.en}`,
        `于 ${at.zh} 请求注入故障 ${event.fault}${where.zh}`,
      );
    }
    case 'fault.confirmed':
      return confirmed(event);
    case 'undo.reverted':
      return reverted(event);
    case 'residue.checked':
      return bi(
        `Residue check: ${event.checked} looked at, ${event.left.length} left`,
        `残留检查：查看 ${event.checked} 项，残留 ${event.left.length} 项`,
      );
    case 'recover.action': {
      const where = on(event.nodes);
      const outcome = OUTCOME[event.outcome].text;
      return bi(
        `Recovery ${event.action}${where.en}: ${outcome.en}. ${event.detail.en}`,
        `恢复动作 ${event.action}${where.zh}：${outcome.zh}。${event.detail.zh}`,
      );
    }
    case 'recover.started':
      return bi(`Recover started by ${event.by}`, `${event.by} 开始执行 recover`);
    case 'recover.ended':
      return event.clean
        ? bi('Recover ended: clean', 'recover 结束：已干净')
        : bi('Recover ended: not clean', 'recover 结束：仍有残留');
  }
}

function confirmed(event: EventOf<'fault.confirmed'>): Bilingual {
  const where = on(event.nodes);
  if (event.bitten === null) {
    return bi(
      `Whether ${event.fault} took effect${where.en} could not be told: ${event.detail.en}`,
      `无法判断故障 ${event.fault}${where.zh}是否生效：${event.detail.zh}`,
    );
  }
  return event.bitten
    ? bi(
        `${event.fault} took effect${where.en}: ${event.detail.en}`,
        `故障 ${event.fault}${where.zh}已生效：${event.detail.zh}`,
      )
    : bi(
        `${event.fault} had no effect${where.en}: ${event.detail.en}`,
        `故障 ${event.fault}${where.zh}未生效：${event.detail.zh}`,
      );
}

function reverted(event: EventOf<'undo.reverted'>): Bilingual {
  const cause = revertCause(event.cause);
  const what = `${event.undo} (${event.undoer})`;
  if (!event.reverted) {
    return bi(
      `NOT reverted: ${what} by ${cause.en}: ${event.detail.en}`,
      `未能撤销：${what}，${cause.zh}：${event.detail.zh}`,
    );
  }
  return bi(`Reverted ${what} by ${cause.en}: ${event.detail.en}`, `已撤销 ${what}，${cause.zh}：${event.detail.zh}`);
}
