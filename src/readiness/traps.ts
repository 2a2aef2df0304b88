/** The three traps of seed §8.1: paths that moved, commands of another version, people who have left. */
import { bi, bilingual } from '../core/text.js';
import { type Answer, type Answered, answered, type Seen } from './answer.js';
import type { CommandReading, PathReading, ReadinessEvidence } from './evidence.js';
import { isPlaceholder } from './placeholder.js';
import { confirmedLately } from './questions/kept-current.js';

export interface Trap extends Seen {
  readonly kind: 'path' | 'command' | 'contact';
  readonly answer: Answer;
}

export const trapsOf = (evidence: ReadinessEvidence): readonly Trap[] => [
  ...evidence.paths.map((path) => trap('path', pathThere(path))),
  ...evidence.commands.map((command) => trap('command', commandFits(command))),
  ...peopleOf(evidence).map((person) => trap('contact', reached(person, evidence))),
];

const trap = (kind: Trap['kind'], { answer, seen }: Answered): Trap => {
  const where = seen.map((each) => each.where).join(', ');
  const text = bi(seen.map((each) => each.text.en).join('; '), seen.map((each) => each.text.zh).join('；'));
  return { kind, answer, text, where };
};

function pathThere({ what, path, exists, why }: PathReading): Answered {
  if (exists === null) {
    const reason = why ?? bi('could not be looked at', '无法查看');
    return answered('unknown', bi(`${what.en}: ${reason.en}`, `${what.zh}：${reason.zh}`), path);
  }
  return exists
    ? answered('yes', bi(`${what.en}: the path is there`, `${what.zh}：路径存在`), path)
    : answered('no', bi(`${what.en}: the path is not there`, `${what.zh}：路径不存在`), path);
}

function commandFits({ what, argv, wanted, outcome }: CommandReading): Answered {
  const where = argv.join(' ');
  if (!outcome.ran) {
    const text = bi(`${what.en}: ${outcome.why.en}`, `${what.zh}：${outcome.why.zh}`);
    return answered(outcome.found ? 'unknown' : 'no', text, where);
  }
  const printed = versionsIn(outcome.output);
  if (printed.length === 0) {
    return answered('unknown', bi(`${what.en}: prints no version`, `${what.zh}：没有输出版本`), where);
  }
  return printed.some((version) => isVersion(version, wanted))
    ? answered('yes', bi(`${what.en}: ${printed[0]} fits ${wanted}`, `${what.zh}：${printed[0]} 符合 ${wanted}`), where)
    : answered(
        'no',
        bi(
          `${what.en}: prints ${printed[0]}, the plan says ${wanted}`,
          `${what.zh}：输出 ${printed[0]}，预案写的是 ${wanted}`,
        ),
        where,
      );
}

const versionsIn = (output: string): readonly string[] =>
  [...output.matchAll(/(?<![\w.])v?(\d+(?:\.\d+)*)/g)].map(([, version = '']) => version);

/** `3.5` fits 3.5.16 and not 3.50: part by part. */
function isVersion(printed: string, wanted: string): boolean {
  const parts = wanted.replace(/^v/, '').split('.');
  return parts.every((part, index) => printed.split('.')[index] === part);
}

interface Person {
  readonly name: string;
  readonly reach: string;
  readonly confirmedAt: string | null;
  readonly what: string;
}

function peopleOf({ plan }: ReadinessEvidence): readonly Person[] {
  const contacts = plan.contacts.map(({ name, role, reach, confirmedAt }) => ({
    name,
    reach,
    confirmedAt: confirmedAt ?? null,
    what: role,
  }));
  const others = (plan.thirdParties ?? []).map(({ name, reach, confirmedAt, for: what }) => ({
    name,
    reach,
    confirmedAt: confirmedAt ?? null,
    what: bilingual(what).en,
  }));
  return [...contacts, ...others];
}

function reached(person: Person, evidence: ReadinessEvidence): Answered {
  const { name, reach, what } = person;
  if (isPlaceholder(name) || isPlaceholder(reach)) {
    return answered(
      'no',
      bi(`nobody is named for ${what}`, `${what} 没有指定人员`),
      evidence.planFile?.path ?? 'recovery-plan.yaml',
    );
  }
  return confirmedLately(person, evidence);
}
