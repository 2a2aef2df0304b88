/** The proof of a packet loss, from the sides of the peers and of the clients: how many of a burst of connections come about. */
import type { Confirmation, UndoData, World } from '../core/fault.js';
import { type Bilingual, bi } from '../core/text.js';
import { connects } from './connects.js';
import { chanceOf, lostBounds, triesFor } from './loss-bounds.js';
import { type LossProbe, type LossRecord, type LossSite, recordedLoss } from './loss-record.js';
import { isBehind } from './packet-site.js';

/** The kernel sends a lost first packet again after 1 s. */
const WITHIN_MS = 900;

interface Measured {
  readonly verdict: 'within' | 'too-few' | 'too-many' | 'untried';
  readonly text: Bilingual;
}

export async function confirmLoss(world: World, data: UndoData): Promise<Confirmation> {
  const record = recordedLoss(world, data);
  const looks = await Promise.all(
    record.sites.flatMap((site) => site.probes.map((probe) => measuredSurely(world, record, { site, probe }))),
  );
  const observedMs = world.clock.monotonicMs();
  const of = (...verdicts: readonly Measured['verdict'][]): readonly Measured[] =>
    looks.filter(({ verdict }) => verdicts.includes(verdict));
  const [fewer, untold] = [of('too-few'), of('too-many', 'untried')];
  const shown = fewer.length > 0 ? fewer : untold.length > 0 ? untold : looks;
  const bitten = fewer.length > 0 ? false : untold.length > 0 ? null : true;
  const detail = bi(shown.map(({ text }) => text.en).join('; '), shown.map(({ text }) => text.zh).join('；'));
  return { bitten, observedMs, detail };
}

interface Way {
  readonly site: LossSite;
  readonly probe: LossProbe;
}

/** A machine without a free moment loses connections of its own: what nothing can be told of is measured once more. */
async function measuredSurely(world: World, record: LossRecord, way: Way): Promise<Measured> {
  const first = await measure(world, record, way);
  return first.verdict === 'too-many' || first.verdict === 'untried' ? measure(world, record, way) : first;
}

async function measure(world: World, record: LossRecord, { site, probe }: Way): Promise<Measured> {
  const chance = chanceOf(record.percent, probe.crossings);
  const tries = triesFor(chance);
  const { least, most } = lostBounds(tries, chance);
  const way = `${probe.from ?? 'client'} → ${site.spec.name}`;
  if (!(await isBehind(world, site))) {
    return {
      verdict: 'too-few',
      text: bi(`${site.spec.name} was started anew, without the rules`, `${site.spec.name} 已重新启动，没有这些规则`),
    };
  }
  const came = await attempt(world, record, { probe, tries });
  if (came === null) return { verdict: 'untried', text: bi(`${way}: could not be tried`, `${way}：无法尝试`) };
  const lost = tries - came;
  const verdict = lost < least ? 'too-few' : lost > most || came === 0 ? 'too-many' : 'within';
  return {
    verdict,
    text: bi(
      `${way}: ${lost} of ${tries} connections lost their first packet or its answer (planned: ${least} to ${most})`,
      `${way}：${tries} 次连接中 ${lost} 次丢失首个数据包或其应答（按计划应为 ${least} 至 ${most}）`,
    ),
  };
}

/** How many came about; null = it could not be tried. */
async function attempt(
  world: World,
  { image, mark, sites }: LossRecord,
  { probe, tries }: { readonly probe: LossProbe; readonly tries: number },
): Promise<number | null> {
  const { from, address, port } = probe;
  if (from === null) return connectionsFromHere({ address, port, tries });
  const { driver, binding } = world.cluster;
  const node = binding.nodes.find(({ name }) => name === from);
  if (node === undefined || driver.connectionsFrom === undefined) return null;
  const network = sites.find(({ spec }) => spec.name === from)?.network ?? null;
  const targets = [{ address, port, times: tries }];
  const counts = await driver.connectionsFrom(node, { image, mark, network, targets, withinMs: null });
  return counts?.[0] ?? null;
}

export async function connectionsFromHere(asked: {
  readonly address: string;
  readonly port: number;
  readonly tries: number;
}): Promise<number> {
  const { address: host, port, tries } = asked;
  const all = await Promise.all(Array.from({ length: tries }, () => connects({ host, port }, WITHIN_MS)));
  return all.filter(Boolean).length;
}
