import type { NodeSpec } from '../core/drill.js';
import { WorldError } from '../core/errors.js';
import { bi } from '../core/text.js';

interface Seen {
  readonly problem: string;
  /** Nodes whose process ended meanwhile. */
  readonly gone: readonly NodeSpec[];
  /** The last words of the first of them, each line after a line break. */
  readonly said: string;
  readonly waitedMs: number;
}

/** Quotes the log of a node that ended: the log goes when the failed lab is taken down. */
export function notReady(lab: string, { problem, gone, said, waitedMs }: Seen): WorldError {
  if (gone.length > 0) {
    const names = gone.map((node) => node.name).join(', ');
    return new WorldError({
      code: 'lab-not-ready',
      message: bi(`${lab}: ${names} ended while starting${said}`, `${lab}：${names} 在启动过程中退出${said}`),
    });
  }
  const waited = `${(waitedMs / 1_000).toFixed(1)} s`;
  return new WorldError({
    code: 'lab-not-ready',
    message: bi(`${lab} took no writes after ${waited}: ${problem}`, `${lab} 在 ${waited} 后仍无法写入：${problem}`),
    hint: bi(
      `A node may be frozen or dead from an earlier drill: \`firedrill recover\`, or \`firedrill lab down ${lab}\`.`,
      `可能有节点因之前的演练被冻结或终止：请运行 \`firedrill recover\` 或 \`firedrill lab down ${lab}\`。`,
    ),
  });
}
