import type { Command } from 'commander';
import { EXIT_CODES } from '../../core/outcome.js';
import type { RubricCriterion, RubricDimension } from '../../core/rubric.js';
import { bi, bilingual, type Text } from '../../core/text.js';
import type { Action } from '../command.js';
import type { Context } from '../context.js';
import { UsageError } from '../failure.js';
import { defaultRubric } from '../rubric.built.js';
import { table } from '../table.js';

/** `help [TOPIC]`: exit codes, the rubric, or a command. */
export const helpOf =
  (program: Command): Action =>
  async ({ ctx, args }) => {
    const topic = Array.isArray(args[0]) ? (args[0] as readonly string[]) : [];
    if (topic.length === 0) ctx.out(program.helpInformation());
    else if (topic[0] === 'exit-codes') ctx.out(ctx.json ? asJson({ exitCodes: EXIT_CODES }) : exitCodesText(ctx));
    else if (topic[0] === 'rubric') ctx.out(ctx.json ? asJson({ rubric: defaultRubric }) : rubricText(ctx));
    else ctx.out(commandAt(program, topic).helpInformation());
    return 0;
  };

const asJson = (result: object): string => JSON.stringify({ schemaVersion: 1, ...result }, null, 2);

function exitCodesText(ctx: Context): string {
  const head = [ctx.say(bi('code', '代码')), ctx.say(bi('when', '何时'))];
  const rows = EXIT_CODES.map((row) => [String(row.code), ctx.say(row.when)]);
  return `${ctx.say(bi('The first line that is true decides:', '自上而下，第一条成立的决定退出码：'))}\n${table([head, ...rows])}`;
}

function rubricText(ctx: Context): string {
  const data = defaultRubric;
  const bounds = bi(
    `pass mark ${data.passMark}, at least ${data.minAssessable} points assessable`,
    `及格线 ${data.passMark}，至少 ${data.minAssessable} 分可评`,
  );
  return [
    `${data.id}@${data.version}  ${ctx.say(bounds)}`,
    ...data.dimensions.flatMap((dimension) => ['', ...dimensionLines(dimension, ctx)]),
  ].join('\n');
}

const dimensionLines = (dimension: RubricDimension, ctx: Context): readonly string[] => [
  `${ctx.say(bilingual(dimension.title))}  ${dimension.possible}`,
  ...dimension.criteria.flatMap((criterion) => criterionLines(criterion, ctx)),
];

function criterionLines(criterion: RubricCriterion, ctx: Context): readonly string[] {
  const say = (text: Text): string => ctx.say(bilingual(text));
  const grades = criterion.grades === 'proportional' ? [] : criterion.grades;
  return [
    `  ${String(criterion.possible).padStart(2)}  ${say(criterion.title)} (${criterion.source}): ${say(criterion.rule)}`,
    ...grades.map((grade) => `      ${String(grade.points).padStart(2)}  ${say(grade.label)} (${grade.source})`),
  ];
}

function commandAt(program: Command, names: readonly string[]): Command {
  return names.reduce((parent, name) => {
    const found = parent.commands.find((command) => command.name() === name);
    if (found === undefined)
      throw new UsageError(
        bi(
          `There is no help on "${names.join(' ')}". Topics: exit-codes, rubric, or a command.`,
          `没有关于 "${names.join(' ')}" 的帮助。可用主题：exit-codes、rubric 或某个命令。`,
        ),
      );
    return found;
  }, program);
}
