import type { Measurements } from '../../core/measurement.js';
import { type Bilingual, bi } from '../../core/text.js';

const CAUSES: Readonly<Record<string, Bilingual>> = {
  interrupt: bi('an interrupt', '中断信号'),
  'parent-lost': bi('the loss of the parent process', '父进程消失'),
  abort: bi('`firedrill abort`', '`firedrill abort` 命令'),
  deadline: bi('the deadline of the run', '运行总时限'),
  guard: bi('a safety guard', '安全保护'),
  'node-died': bi('a node that died of its own', '某节点自行退出'),
  'nodes-unseen': bi('the loss of sight of the nodes', '无法再查看节点'),
  disk: bi('a full or failing disk', '磁盘已满或故障'),
  'step-failed': bi('a step that failed', '某步骤失败'),
  error: bi('an error of the tool', '工具自身出错'),
};

/** Null when the run went to the end of its plan. */
export function endedEarly(run: Measurements['run']): Bilingual | null {
  if (!run.endedEarly) return null;
  const cause = run.stopCause === null ? undefined : (CAUSES[run.stopCause] ?? bi(run.stopCause, run.stopCause));
  const by = cause === undefined ? bi('', '') : bi(` by ${cause.en}`, `（原因：${cause.zh}）`);
  switch (run.ending) {
    case 'cut':
      return bi(
        'The journal breaks off: the run ended early, and what happened after its last line is not known.',
        '日志中断：运行提前结束，最后一行之后发生的事情无从得知。',
      );
    case 'refused':
      return bi('The run was refused before its first fault.', '运行在注入首个故障之前被拒绝。');
    case 'stopped':
      return bi(`The run was stopped${by.en}.`, `运行被提前停止${by.zh}。`);
    case 'error':
      return bi('The run ended on an error of the tool.', '运行因工具自身出错而结束。');
    case 'completed':
      return bi(
        `The run ended before its plan did${by.en ? `, ended${by.en}` : ''}.`,
        `运行未走完预案即结束${by.zh}。`,
      );
  }
}
