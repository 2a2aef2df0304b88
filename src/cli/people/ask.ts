import { setMaxListeners } from 'node:events';
import type { Roles } from '../../core/drill.js';
import { bi } from '../../core/text.js';
import type { Context } from '../context.js';

type Prompts = typeof import('@clack/prompts');

export interface Asker {
  readonly ctx: Context;
  readonly who: string;
  readonly roles: Roles;
  /** Role → who speaks for it: asked once a run. */
  readonly speakers: Map<string, string>;
}

/** Who answers a step: the person it names, else who speaks for the role; null = the question was not answered. */
export async function speakerFor(asker: Asker, by: string | null, signal: AbortSignal): Promise<string | null> {
  const { ctx, who, roles, speakers } = asker;
  const holders = by !== null && Object.hasOwn(roles.assigned, by) ? (roles.assigned[by] ?? []) : [];
  if (by === null || holders.length === 0) return who;
  const known = speakers.get(by);
  if (known !== undefined) return known;
  const present = holders.filter((person) => !roles.unavailable.includes(person));
  const people = [...new Set([...present, who])];
  const absent = holders.filter((person) => !present.includes(person));
  const away = absent.length === 0 ? bi('', '') : bi(` (away: ${absent.join(', ')})`, `（缺席：${absent.join('、')}）`);
  const question = bi(`Who answers as ${by}?${away.en}`, `谁以 ${by} 的身份作答？${away.zh}`);
  const chosen = await ask<string>(signal, (prompts) =>
    prompts.select<string>({
      message: ctx.say(question),
      signal,
      options: people.map((person) => ({ value: person, label: person })),
    }),
  );
  if (chosen !== null) speakers.set(by, chosen);
  return chosen;
}

/** Null = not answered: the drill was stopped, or the person pressed Ctrl-C or Esc. */
export async function ask<T extends string | number | boolean>(
  signal: AbortSignal,
  question: (prompts: Prompts) => Promise<T | symbol>,
): Promise<T | null> {
  const prompts = await import('@clack/prompts');
  if (signal.aborted) return null;
  // Each question leaves its listener on the signal; a drill or a review has more of them than Node takes for a leak.
  setMaxListeners(0, signal);
  const answer = await question(prompts);
  return typeof answer === 'symbol' ? null : answer;
}

export const askText = (
  signal: AbortSignal,
  message: string,
  problem: (answer: string) => string | undefined = () => undefined,
): Promise<string | null> =>
  ask<string>(signal, (prompts) => prompts.text({ message, signal, validate: (answer) => problem(answer ?? '') }));
