import type { EventOf } from '../../core/journal.js';
import { type Bilingual, bi, bilingual } from '../../core/text.js';
import { span } from '../text/format.js';
import { OUTCOME, PHASE } from '../text/words.js';

type RunEvent = EventOf<
  | 'run.opened'
  | 'run.stopping'
  | 'run.ended'
  | 'run.error'
  | 'phase.started'
  | 'phase.ended'
  | 'step.started'
  | 'step.ended'
  | 'command.ended'
  | 'output.failed'
>;

const ENDING: Readonly<Record<EventOf<'run.ended'>['ending'], Bilingual>> = {
  completed: bi('Run ended: completed', '运行结束：完成'),
  refused: bi('Run ended: refused', '运行结束：被拒绝'),
  stopped: bi('Run ended: stopped', '运行结束：被停止'),
  error: bi('Run ended: error of the tool', '运行结束：工具自身出错'),
};

export function runText(event: RunEvent): Bilingual {
  switch (event.type) {
    case 'run.opened':
      return bi(
        `Run ${event.runId} opened by ${event.startedBy}, Firedrill ${event.firedrill}`,
        `${event.startedBy} 开始运行 ${event.runId}，Firedrill ${event.firedrill}`,
      );
    case 'run.stopping':
      return bi(`Stopping (${event.cause}): ${event.detail.en}`, `正在停止（${event.cause}）：${event.detail.zh}`);
    case 'run.ended':
      return ENDING[event.ending];
    case 'run.error':
      return bi(
        `Error of the tool in ${event.where}: ${event.message.en}`,
        `工具在 ${event.where} 出错：${event.message.zh}`,
      );
    case 'phase.started':
      return bi(`Phase ${PHASE[event.phase].en} begins`, `阶段“${PHASE[event.phase].zh}”开始`);
    case 'phase.ended': {
      const outcome = OUTCOME[event.outcome].text;
      return bi(
        `Phase ${PHASE[event.phase].en} ended: ${outcome.en}`,
        `阶段“${PHASE[event.phase].zh}”结束：${outcome.zh}`,
      );
    }
    case 'step.started': {
      const by = event.by === null ? bi('', '') : bi(` (${event.by})`, `（${event.by}）`);
      const told = event.title === null ? null : bilingual(event.title);
      const title = told === null ? bi('', '') : bi(`: ${told.en}`, `：${told.zh}`);
      return bi(`Step ${event.step} begins${title.en}${by.en}`, `步骤 ${event.step} 开始${title.zh}${by.zh}`);
    }
    case 'step.ended':
      return stepEnded(event);
    case 'command.ended': {
      const shown = `${event.argv.join(' ')} → ${event.exitCode === null ? '?' : event.exitCode}`;
      return bi(`Command: ${shown}`, `命令：${shown}`);
    }
    case 'output.failed':
      return bi(`Output ${event.what} failed: ${event.message.en}`, `输出 ${event.what} 失败：${event.message.zh}`);
  }
}

function stepEnded(event: EventOf<'step.ended'>): Bilingual {
  const outcome = OUTCOME[event.outcome].text;
  const took = span(event.tookMs);
  const reason = event.reason === null ? bi('', '') : bi(`: ${event.reason.en}`, `：${event.reason.zh}`);
  return bi(
    `Step ${event.step} ${outcome.en} after ${took.en}${reason.en}`,
    `步骤 ${event.step} ${outcome.zh}，用时 ${took.zh}${reason.zh}`,
  );
}
