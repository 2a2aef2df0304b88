import type { Roles } from './drill.js';

/** The role whose word a rating is. */
export const EVALUATOR = 'evaluator';

/** The people a step is for: the holders of the role it names, or the person it names. The name of a role is nobody. */
export function holdersOf(roles: Roles, by: string): readonly string[] {
  const holders = Object.hasOwn(roles.assigned, by) ? (roles.assigned[by] ?? []) : [];
  if (holders.length > 0) return holders;
  return isPerson(roles, by) ? [by] : [];
}

/** Who is unavailable holds nothing. Null = the drill gives that role to nobody, so nobody can be right or wrong. */
export function holdsRole(roles: Roles, by: string, person: string): boolean | null {
  const holders = holdersOf(roles, by);
  if (holders.length === 0) return null;
  return holders.includes(person) && !roles.unavailable.includes(person);
}

/** A name that says who it was: not that of a role which nobody of that name holds. */
export function isIdentity(roles: Roles, name: string): boolean {
  return name.trim() !== '' && (!Object.hasOwn(roles.assigned, name) || isPerson(roles, name));
}

const isPerson = (roles: Roles, name: string): boolean => Object.values(roles.assigned).flat().includes(name);
