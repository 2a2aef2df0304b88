import { join, resolve } from 'node:path';
import { systemClock } from '../../core/clock.js';
import { WorldError } from '../../core/errors.js';
import { bi, bilingual } from '../../core/text.js';
import { closeIssue, readIssueStore, rulesPassed, type StoredIssue } from '../../issues/index.js';
import type { Action, Call } from '../command.js';
import type { Context } from '../context.js';
import { UsageError } from '../failure.js';
import { evaluate, openedOf, runDirOf } from '../reports.js';
import { table } from '../table.js';

const storeOf = ({ ctx, options }: Call): string => join(resolve(ctx.cwd, String(options.out)), 'issues.jsonl');

export const list: Action = async (call) => {
  const { ctx, options } = call;
  const issues = [...readIssueStore(storeOf(call))]
    .filter((issue) => options.all === true || issue.status !== 'closed')
    .sort((a, b) => (a.priority + (a.due ?? '9') < b.priority + (b.due ?? '9') ? -1 : 1));
  if (ctx.json) ctx.out(JSON.stringify({ schemaVersion: 1, issues }, null, 2));
  else if (issues.length === 0) ctx.out(ctx.say(bi('No open issues.', '没有未关闭的问题。')));
  else
    ctx.out(
      table([
        [
          bi('issue', '问题'),
          bi('priority', '优先级'),
          bi('status', '状态'),
          bi('due', '到期'),
          bi('seen', '次数'),
          bi('title', '标题'),
        ].map((text) => ctx.say(text)),
        ...issues.map((issue) => rowOf(issue, ctx)),
      ]),
    );
  return 0;
};

const rowOf = (issue: StoredIssue, ctx: Context): readonly string[] => [
  issue.id,
  issue.priority,
  issue.status,
  issue.due?.slice(0, 16) ?? '-',
  String(issue.seen),
  ctx.say(bilingual(issue.title)),
];

export const show: Action = async (call) => {
  const { ctx } = call;
  const issue = issueNamed(call);
  ctx.out(ctx.json ? JSON.stringify({ schemaVersion: 1, issue }, null, 2) : issueText(issue, ctx));
  return 0;
};

function issueText(issue: StoredIssue, ctx: Context): string {
  const rows = [
    [bi('priority', '优先级'), issue.priority],
    [bi('status', '状态'), issue.status],
    [bi('owner', '负责人'), issue.owner],
    [bi('due', '到期'), issue.due ?? '-'],
    [bi('fingerprint', '指纹'), issue.fingerprint],
    [bi('seen in runs', '出现的运行'), issue.runs.join(', ')],
    [bi('root cause', '根本原因'), issue.rootCause === null ? '-' : `${issue.rootCause.text} (${issue.rootCause.by})`],
    ...(issue.actions.length === 0
      ? [[bi('action', '改进措施'), '-'] as const]
      : issue.actions.map(
          ({ action, owner, due }) => [bi('action', '改进措施'), `${action} – ${owner}, ${due}`] as const,
        )),
  ] as const;
  return [
    `${issue.id}  ${ctx.say(issue.title)}`,
    ctx.say(issue.detail),
    '',
    ...rows.map(([name, value]) => `${ctx.say(name)}: ${value}`),
  ].join('\n');
}

/** `issues close ID --verified-by RUN`, or `--by NAME --evidence TEXT` where no rule can re-test. */
export const close: Action = async (call) => {
  const { ctx, options } = call;
  const { id } = issueNamed(call);
  const at = systemClock.wallIso();
  if (typeof options.verifiedBy === 'string') {
    const runDir = runDirOf(options.verifiedBy, String(options.out), ctx);
    const { measurements, result, reading } = evaluate(runDir);
    closeIssue(storeOf(call), {
      id,
      at,
      proof: {
        kind: 'run',
        runId: result.runId,
        startedAt: result.startedAt,
        drillId: result.drill.id,
        valid: result.valid,
        passed: rulesPassed(measurements, result.score, openedOf(reading.events, runDir)),
      },
    });
  } else if (typeof options.by === 'string' && typeof options.evidence === 'string') {
    closeIssue(storeOf(call), { id, at, proof: { kind: 'person', by: options.by, evidence: options.evidence } });
  } else {
    throw new UsageError(
      bi(
        'Say what proves it: --verified-by RUN, or --by NAME --evidence TEXT where no rule can re-test it.',
        '请给出证明：--verified-by 运行；无规则可复测时用 --by 姓名 --evidence 文本。',
      ),
    );
  }
  if (ctx.json) ctx.out(JSON.stringify({ schemaVersion: 1, id, status: 'closed' }));
  else ctx.out(ctx.say(bi(`${id} is closed.`, `${id} 已关闭。`)));
  return 0;
};

function issueNamed(call: Call): StoredIssue {
  const id = String(call.args[0]);
  const found = readIssueStore(storeOf(call)).find((issue) => issue.id === id);
  if (found !== undefined) return found;
  throw new WorldError({
    code: 'issue-not-found',
    exit: 'usage',
    message: bi(
      `There is no issue ${id} in ${String(call.options.out)}/issues.jsonl.`,
      `${String(call.options.out)}/issues.jsonl 中没有问题 ${id}。`,
    ),
    hint: bi('`firedrill issues list --all` shows them.', '`firedrill issues list --all` 会列出全部。'),
  });
}
