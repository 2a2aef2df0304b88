import { bi } from '../../core/text.js';
import type { ReviewDraft } from '../../review/index.js';
import type { Call } from '../command.js';
import { UsageError } from '../failure.js';

const ISSUE = /^(FD-[0-9a-f]{8})\s*=\s*([\s\S]*)$/;

/** What the flags of `review` say; nothing is checked yet. */
export function draftsOf({ options, lists }: Call): readonly ReviewDraft[] {
  const where = typeof options.where === 'string' ? { where: options.where } : {};
  const changed = (
    what: Extract<ReviewDraft, { type: 'changed' }>['what'],
    said: readonly string[] | undefined,
  ): readonly ReviewDraft[] => (said ?? []).map((text) => ({ type: 'changed', what, text, ...where }));
  return [
    ...(lists.rootCause ?? []).map(rootCause),
    ...(lists.action ?? []).map((said) => action(said, options)),
    ...changed('plan', lists.planChanged),
    ...changed('manual', lists.manualChanged),
    ...changed('backup-policy', lists.backupPolicy),
    ...(lists.kept ?? []).map((text): ReviewDraft => ({ type: 'kept', text })),
    ...(lists.milestone ?? []).map(milestone),
    ...(lists.attended ?? []).map((said) => attended(said, true)),
    ...(lists.absent ?? []).map((said) => attended(said, false)),
  ];
}

function rootCause(said: string): ReviewDraft {
  const [, issue, text] = ISSUE.exec(said) ?? [];
  return issue === undefined || text === undefined
    ? { type: 'root-cause', text: said }
    : { type: 'root-cause', issue, text };
}

function action(said: string, options: Call['options']): ReviewDraft {
  const [, issue, text] = ISSUE.exec(said) ?? [];
  if (issue === undefined || text === undefined) {
    throw new UsageError(
      bi(`--action “${said}” names no issue: write FD-…=TEXT.`, `--action “${said}”没有写明问题编号：请写 FD-…=文本。`),
    );
  }
  return {
    type: 'action',
    issue,
    action: text.trim(),
    ...(typeof options.owner === 'string' ? { owner: options.owner } : {}),
    ...(typeof options.due === 'string' ? { due: options.due } : {}),
  };
}

function milestone(said: string): ReviewDraft {
  const [id = '', ...rest] = said.split('=');
  return { type: 'milestone', milestone: id.trim(), at: rest.join('=').trim() };
}

function attended(said: string, present: boolean): ReviewDraft {
  const at = said.lastIndexOf(':');
  return at === -1
    ? { type: 'attended', person: said.trim(), present }
    : { type: 'attended', person: said.slice(0, at).trim(), role: said.slice(at + 1).trim(), present };
}
