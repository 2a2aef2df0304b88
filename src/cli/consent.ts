import type { Drill } from '../core/drill.js';
import { WorldError } from '../core/errors.js';
import { bi } from '../core/text.js';

const BREAKING = new Set(['inject', 'restore', 'recover', 'degrade', 'run']);

/** Breaking something outside a lab needs the environment's name; production is refused. Throws WorldError. */
export function checkConsent(drill: Drill, confirm: string | boolean | undefined): void {
  const { name, production } = drill.environment;
  const breaks = Object.values(drill.phases).some((phase) =>
    phase.steps.some((step) => BREAKING.has(step.verb) || step.verb === 'parallel'),
  );
  if (drill.target === undefined || !breaks) return;
  if (production) {
    throw new WorldError({
      code: 'production-refused',
      message: bi(
        `The drill breaks environment "${name}", which is marked production: true. Production drills need a recorded approval, which this version cannot take.`,
        `该演练会破坏标记为 production: true 的环境 "${name}"。生产演练需要留痕的审批，此版本尚不支持。`,
      ),
      hint: bi('Run it in staging or on a lab.', '请在预发环境或练习集群上运行。'),
    });
  }
  if (drill.target.source.from === 'lab' || confirm === name) return;
  throw new WorldError({
    code: 'not-confirmed',
    message: bi(
      `The drill really breaks the nodes of environment "${name}", and nobody confirmed that.`,
      `该演练会真实破坏环境 "${name}" 的节点，但尚无人确认。`,
    ),
    hint: bi(
      `Look at \`firedrill plan\` first, then add --confirm=${name}`,
      `请先看 \`firedrill plan\`，再加上 --confirm=${name}`,
    ),
  });
}
