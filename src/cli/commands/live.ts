import { WorldError } from '../../core/errors.js';
import { isChange } from '../../core/fault.js';
import { bi } from '../../core/text.js';
import { listRuns, type RunStateSummary, requestAbort } from '../../run/state/index.js';
import type { Action } from '../command.js';
import { type Context, showPath } from '../context.js';
import { codeOf } from '../failure.js';
import { table } from '../table.js';

/** `status`: runs that go on, and runs that died and left something on (exit 6 then). */
export const status: Action = async ({ ctx }) => {
  const runs = listRuns(ctx.stateRoot);
  const leftOn = runs.some((run) => run.stillOn);
  if (ctx.json)
    ctx.out(
      JSON.stringify(
        { schemaVersion: 1, runs: runs.map((run) => ({ ...run, runDir: showPath(run.runDir, ctx) })) },
        null,
        2,
      ),
    );
  else if (runs.length === 0)
    ctx.out(ctx.say(bi('Nothing runs, and nothing was left on.', '没有正在进行的运行，也没有残留。')));
  else
    ctx.out(
      table([
        [bi('run', '运行'), bi('state', '状态'), bi('where', '进度'), bi('on', '未撤销')].map((text) => ctx.say(text)),
        ...runs.map((run) => rowOf(run, ctx)),
      ]),
    );
  if (leftOn) ctx.err(ctx.say(bi('Undo what is left: firedrill recover', '撤销残留：firedrill recover')));
  return leftOn ? codeOf('still-on') : 0;
};

function rowOf(run: RunStateSummary, ctx: Context): readonly string[] {
  const state = run.alive ? bi(`running (pid ${run.pid})`, `运行中（进程 ${run.pid}）`) : bi('dead', '已死亡');
  const progress = run.progress === null ? '-' : `${run.progress.phase ?? '-'} / ${run.progress.step ?? '-'}`;
  return [
    run.runId,
    ctx.say(state),
    progress,
    run.outstanding
      .map((undo) => `${undo.undoer}${undo.nodes.length === 0 ? '' : `(${undo.nodes.join(',')})`}`)
      .join(' ') || '-',
  ];
}

/** `abort [RUN]`: asks a live run to stop; it undoes and reports by itself. */
export const abort: Action = async ({ ctx, args }) => {
  const run = liveRun(typeof args[0] === 'string' ? args[0] : undefined, ctx);
  requestAbort(ctx.stateRoot, run.runId);
  if (ctx.json) ctx.out(JSON.stringify({ schemaVersion: 1, runId: run.runId, asked: true }));
  else
    ctx.out(
      ctx.say(
        bi(
          `Asked ${run.runId} to stop. It undoes ${run.outstanding.filter(isChange).length} change(s) and writes its report; watch it with \`firedrill status\`.`,
          `已请求 ${run.runId} 停止。它将撤销 ${run.outstanding.filter(isChange).length} 项改动并写出报告；可用 \`firedrill status\` 查看。`,
        ),
      ),
    );
  return 0;
};

/** The run that is named, or the only one that goes on. */
export function liveRun(asked: string | undefined, ctx: Context): RunStateSummary {
  const alive = listRuns(ctx.stateRoot).filter((run) => run.alive && (asked === undefined || run.runId === asked));
  const [only] = alive;
  if (only !== undefined && alive.length === 1) return only;
  const names = alive.map((run) => run.runId).join(', ');
  throw new WorldError({
    code: alive.length === 0 ? 'no-live-run' : 'several-live-runs',
    exit: 'usage',
    message:
      alive.length === 0
        ? bi(
            `No run${asked === undefined ? '' : ` ${asked}`} is going on.`,
            `没有正在进行的运行${asked === undefined ? '' : ` ${asked}`}。`,
          )
        : bi(`Several runs are going on: ${names}.`, `有多个运行正在进行：${names}。`),
    hint: bi('`firedrill status` shows what runs.', '`firedrill status` 会显示正在进行的运行。'),
  });
}
