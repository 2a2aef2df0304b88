/** What is shown of a readiness, the same on the terminal and in Markdown: headings with lines, each with its mark. */
import { showDuration } from '../core/duration.js';
import { type Bilingual, bi } from '../core/text.js';
import type { Answer } from './answer.js';
import type { QuestionAnswer, Readiness } from './evaluate.js';
import type { Forecast } from './forecast.js';
import { heldText } from './held.js';
import { targetSection } from './target-section.js';

export interface Line {
  readonly answer: Answer | null;
  readonly text: Bilingual;
  /** Indented below it. */
  readonly details: readonly Bilingual[];
}

export interface Section {
  readonly title: Bilingual;
  readonly lines: readonly Line[];
}

const GROUPS = {
  backup: bi('Backups', '备份能力检查'),
  recovery: bi('Recovery', '恢复能力检查'),
  plan: bi('Plan', '预案完善检查'),
  drill: bi('Drills', '演练验证检查'),
} as const;

const ANSWER_WORDS: Readonly<Record<Answer, Bilingual>> = {
  yes: bi('yes', '是'),
  no: bi('no', '否'),
  unknown: bi('unknown', '未知'),
};

const GROUP_ORDER = ['backup', 'recovery', 'plan', 'drill'] as const;

export function sectionsOf(readiness: Readiness): readonly Section[] {
  const questions = GROUP_ORDER.map((group) => ({
    title: GROUPS[group],
    lines: readiness.answers.filter((answer) => answer.group === group).map(questionLine),
  }));
  return [
    ...targetSection(readiness),
    ...questions,
    traps(readiness),
    objectives(readiness),
    forecasts(readiness),
    stages(readiness),
    hints(readiness),
  ].filter(({ lines }) => lines.length > 0);
}

const at = (text: Bilingual, where: string): Bilingual => bi(`${text.en} [${where}]`, `${text.zh} [${where}]`);

function questionLine({ number, question, answer, required, seen }: QuestionAnswer): Line {
  const must = required ? bi(' (required)', '（必须）') : bi('', '');
  const word = ANSWER_WORDS[answer];
  return {
    answer,
    text: bi(`${number}. ${question.en}${must.en} ${word.en}`, `${number}. ${question.zh}${must.zh} ${word.zh}`),
    details: seen.map(({ text, where }) => at(text, where)),
  };
}

const traps = ({ traps: found }: Readiness): Section => ({
  title: bi('Paths, commands, people (the three traps)', '路径、命令与人员（三个陷阱）'),
  lines: found.map(({ answer, text, where }) => ({ answer, text: at(text, where), details: [] })),
});

const objectives = ({ objectives: found }: Readiness): Section => ({
  title: bi('Can the objectives be met?', '目标能否达成？'),
  lines: found.map(({ objective, answer, text, where }) => {
    const name = objective.toUpperCase();
    return { answer, text: at(bi(`${name}: ${text.en}`, `${name}：${text.zh}`), where), details: [] };
  }),
});

const forecasts = ({ forecasts: found }: Readiness): Section => ({
  title: bi('Restore forecast', '恢复用时预测'),
  lines: found.map((forecast) => ({
    answer: forecast.answer,
    text: forecastText(forecast),
    details: heldBeside(forecast),
  })),
});

/** Unless it is the reason itself. */
function heldBeside({ held, why }: Forecast): readonly Bilingual[] {
  if (held === null) return [];
  const text = heldText(held);
  return text.en === why.en ? [] : [text];
}

function forecastText({ tier, bytes, why, rtoMs }: Forecast): Bilingual {
  const size = bytes === null ? bi('', '') : bi(` (${bytes} bytes)`, `（${bytes} 字节）`);
  const rto = rtoMs === null ? '' : `; RTO ${showDuration(rtoMs)}`;
  return bi(`${tier}${size.en}: ${why.en}${rto}`, `${tier}${size.zh}：${why.zh}${rto}`);
}

function stages({ stage }: Readiness): Section {
  const next = stage.next;
  const lines = stage.stages.map(({ number, title, steps }): Line => {
    const open = steps.filter(({ answer }) => answer !== 'yes');
    const text = bi(`stage ${number}: ${title.en}`, `第 ${number} 阶段：${title.zh}`);
    const answer = open.length === 0 ? 'yes' : open.some((step) => step.answer === 'no') ? 'no' : 'unknown';
    return { answer, text, details: open.map((each) => each.text) };
  });
  const step =
    next === null ? [] : [{ answer: null, text: bi(`Next step: ${next.en}`, `下一步：${next.zh}`), details: [] }];
  return { title: bi('Stages', '建设阶段'), lines: [...lines, ...step] };
}

const hints = ({ hints: found }: Readiness): Section => ({
  title: bi('Common mistakes', '常见误区'),
  lines: found.map((text) => ({ answer: null, text, details: [] })),
});
