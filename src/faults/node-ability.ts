/** What a fault on nodes asks in `plan`: whether the driver can do it on each of them. */
import { type AbilityName, missingAbility } from '../core/abilities.js';
import type { NodeSpec } from '../core/drill.js';
import type { Fault } from '../core/fault.js';
import type { Cluster } from '../core/target.js';
import { type Bilingual, bi } from '../core/text.js';

/** Needs this ability; `instead` = what works where it is missing, unless the reason itself says what to do. */
export const needsAbility =
  (fault: string, ability: AbilityName, instead?: Bilingual): NonNullable<Fault['missing']> =>
  (cluster, { nodes }) =>
    firstOf(nodes, async (node) => {
      const why = await missingAbility(cluster.driver, node, ability);
      if (why === null) return null;
      const [en, zh] = instead === undefined ? ['', ''] : [`; ${instead.en}`, `；${instead.zh}`];
      return bi(
        `${fault} cannot be done on ${node.name}: ${why.en}${en}`,
        `无法在 ${node.name} 上执行 ${fault}：${why.zh}${zh}`,
      );
    });

/** Needs to know where the node's data is, on this machine. */
export const needsData =
  (fault: string): NonNullable<Fault['missing']> =>
  (_: Cluster, { nodes }) =>
    firstOf(nodes, async ({ name, data }) =>
      data === undefined
        ? bi(
            `${fault} cannot be done on ${name}: where its data is is not given; add “data” to the node in the drill’s target`,
            `无法在 ${name} 上执行 ${fault}：未给出其数据位置；请在演练 target 的该节点上补充“data”`,
          )
        : null,
    );

export async function firstOf(
  nodes: readonly NodeSpec[],
  ask: (node: NodeSpec) => Promise<Bilingual | null>,
): Promise<Bilingual | null> {
  for (const node of nodes) {
    const why = await ask(node);
    if (why !== null) return why;
  }
  return null;
}
