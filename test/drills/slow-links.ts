/** What the drills on slow links have in common. */
import { expect } from 'vitest';
import type { DrillRun } from './scene.js';

/** While the link was slow nothing failed, and everything took its time. */
export function expectAllServed({ of }: DrillRun): void {
  const on = of('fault.confirmed')[0]?.observedMs ?? Number.NaN;
  const off = of('step.started').find(({ step }) => step === 'fast-again')?.ms ?? Number.NaN;
  const attempts = of('attempt').filter(({ issuedMs, endedMs }) => issuedMs > on && endedMs < off);
  expect(attempts.length).toBeGreaterThan(100);
  expect(attempts.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
}

export async function toxicsOn(api: string): Promise<readonly string[]> {
  const proxies = (await (await fetch(`${api}/proxies`)).json()) as Record<string, { toxics: { name: string }[] }>;
  return Object.values(proxies).flatMap(({ toxics }) => toxics.map(({ name }) => name));
}
