/** What must be in the registry by the canaries' own account: every acknowledged write, and the doubts about the rest. */
import { canaryVersion } from '../core/canary.js';
import type { ExpectedEntries } from '../core/probe.js';
import type { Entry } from '../core/registry.js';
import { rawOf, type Slot } from './population.js';

/** What an operation leaves behind: a version, or null for "removed". */
type Left = number | null;

interface Known {
  readonly durable: boolean;
  /** State after the newest acknowledged operation; undefined = none was acknowledged yet. */
  sure: { readonly version: number; readonly raw: string } | null | undefined;
  sureSinceMs: number;
  /** What newer operations, in flight or unknown, may have left instead. */
  doubts: Left[];
}

/** One write, named the same when it is issued and when it is settled. */
export interface Write {
  readonly slot: Slot;
  readonly durable: boolean;
  readonly left: Left;
}

/** An empty answer to a question that expects nothing would look like a registry in good health. */
export const NOTHING_EXPECTED = 'nothing is known that this service must hold';

/** What an answer was held against; `unsure` = it says neither that all is there nor that something is missing. */
export interface Judged {
  readonly expected: number;
  readonly missing: readonly string[];
  readonly unsure?: string;
}

/** `unseen` = must be there and is not listed; `gone` = listed and not there any more; `good` = listed and there. */
export interface ListWorth {
  readonly expected: number;
  readonly unseen: number;
  readonly gone: number;
  readonly good: number;
}

export class Expectation {
  readonly #services = new Map<string, Map<string, Known>>();
  readonly #rebased = new Set<string>();

  issued(write: Write): void {
    this.#known(write).doubts.push(write.left);
  }

  settled(write: Write, outcome: 'ok' | 'failed' | 'unknown', atMs: number): void {
    const known = this.#known(write);
    if (outcome === 'ok') {
      known.sure = write.left === null ? null : { version: write.left, raw: rawOf(write.slot, write.left) };
      known.sureSinceMs = atMs;
      known.doubts = [];
    } else if (outcome === 'failed') {
      const index = known.doubts.lastIndexOf(write.left);
      if (index >= 0) known.doubts.splice(index, 1);
    }
    // Nothing can be left of it: what is not expected need not be looked through.
    if (!known.sure && known.doubts.length === 0) {
      this.#services.get(write.slot.service)?.delete(write.slot.instance);
    }
  }

  /**
   * Judges the answer to a discover that was issued at `issuedMs` and has just ended. An entry acknowledged before that
   * must be in it, unless a newer operation may have removed it; its value is the acknowledged version, or that of a
   * newer registration in flight or unknown.
   */
  judge(service: string, answer: readonly Entry[], issuedMs: number): Judged {
    const seen = new Map(answer.map((entry) => [entry.instance, canaryVersion(entry.value)]));
    const missing: string[] = [];
    let expected = 0;
    for (const [instance, known] of this.#services.get(service) ?? []) {
      if (!known.sure || known.sureSinceMs > issuedMs || known.doubts.includes(null)) continue;
      expected += 1;
      const version = seen.get(instance) ?? null;
      if (version !== known.sure.version && (version === null || !known.doubts.includes(version)))
        missing.push(instance);
    }
    // Before a restore nothing expected means nothing written yet; after one it may mean that all of it was dropped.
    if (expected === 0 && this.#rebased.has(service)) return { expected, missing, unsure: NOTHING_EXPECTED };
    return { expected, missing };
  }

  /** Leased instances that are known to be there: what somebody would write down as fixed addresses. */
  leasedOf(service: string): ReadonlySet<string> {
    const entries = [...(this.#services.get(service) ?? [])];
    return new Set(entries.filter(([, known]) => !known.durable && known.sure).map(([instance]) => instance));
  }

  /** Holds a list that a client goes by against what must be there now. */
  judgeList(service: string, list: ReadonlySet<string>): ListWorth {
    const known = this.#services.get(service) ?? new Map<string, Known>();
    const must = [...known].filter(([, entry]) => entry.sure && !entry.doubts.includes(null)).map(([name]) => name);
    const mayBe = (name: string): boolean => known.get(name)?.sure != null || (known.get(name)?.doubts.length ?? 0) > 0;
    const good = [...list].filter(mayBe).length;
    return {
      expected: must.length,
      unseen: must.filter((name) => !list.has(name)).length,
      gone: list.size - good,
      good,
    };
  }

  expected(): ExpectedEntries {
    const must = new Map<string, string>();
    const tolerated = new Set<string>();
    for (const [service, entries] of this.#services) {
      for (const [instance, known] of entries) {
        if (known.sure && known.doubts.length === 0) must.set(`${service}/${instance}`, known.sure.raw);
        else tolerated.add(`${service}/${instance}`);
      }
    }
    return { must, tolerated };
  }

  /**
   * From now on the durable entries of one service are what a restored archive holds of them. Leased instances stay
   * expected: their owners have to register again.
   */
  rebase(
    service: string,
    archived: readonly { readonly instance: string; readonly raw: string }[],
    atMs: number,
  ): { readonly kept: number; readonly dropped: number } {
    const entries = this.#services.get(service) ?? new Map<string, Known>();
    this.#services.set(service, entries);
    this.#rebased.add(service);
    const before = [...entries].filter(([, known]) => known.durable);
    for (const [instance] of before) entries.delete(instance);
    let kept = 0;
    for (const { instance, raw } of archived) {
      const version = canaryVersion(raw);
      if (version === null || entries.has(instance)) continue;
      entries.set(instance, { durable: true, sure: { version, raw }, sureSinceMs: atMs, doubts: [] });
      kept += 1;
    }
    return { kept, dropped: before.filter(([instance, known]) => known.sure && !entries.has(instance)).length };
  }

  /** What was acknowledged before `beforeMs`, and only that, is now what somebody holds of it, be that old or nothing. */
  accept(held: readonly Entry[], beforeMs: number): { readonly kept: number; readonly dropped: number } {
    const values = new Map(held.map((entry) => [`${entry.service}/${entry.instance}`, entry.value]));
    const known = [...this.#services].flatMap(([service, entries]) =>
      [...entries].map(([instance, is]) => ({ entries, instance, is, raw: values.get(`${service}/${instance}`) })),
    );
    const settled = known.filter(({ is }) => is.durable && is.sure && is.sureSinceMs < beforeMs);
    const kept = settled.filter(({ is, raw }) => is.sure?.raw === raw);
    for (const { entries, instance, is, raw } of settled) {
      const version = raw === undefined ? null : canaryVersion(raw);
      if (raw === undefined || version === null) entries.delete(instance);
      else is.sure = { version, raw };
    }
    return { kept: kept.length, dropped: settled.length - kept.length };
  }

  #known(write: Write): Known {
    const { service, instance } = write.slot;
    const entries = this.#services.get(service) ?? new Map<string, Known>();
    this.#services.set(service, entries);
    const known = entries.get(instance) ?? { durable: write.durable, sure: undefined, sureSinceMs: 0, doubts: [] };
    entries.set(instance, known);
    return known;
  }
}
