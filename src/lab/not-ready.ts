import type { NodeSpec } from '../core/drill.js';
import { WorldError } from '../core/errors.js';
import { nodeLogPath } from '../core/node-process.js';
import { bi } from '../core/text.js';

interface Seen {
  readonly problem: string;
  readonly gone: readonly NodeSpec[];
  readonly waitedMs: number;
  readonly first: NodeSpec | undefined;
}

export function notReady(lab: string, { problem, gone, waitedMs, first }: Seen): WorldError {
  const waited = `${(waitedMs / 1_000).toFixed(1)} s`;
  const names = gone.map((node) => node.name).join(', ');
  const witness = gone[0] ?? first;
  const log = witness === undefined ? null : nodeLogPath(witness);
  return new WorldError({
    code: 'lab-not-ready',
    message:
      names === ''
        ? bi(`${lab} took no writes after ${waited}: ${problem}`, `${lab} 在 ${waited} 后仍无法写入：${problem}`)
        : bi(`${lab}: ${names} ended while starting: ${problem}`, `${lab}：${names} 在启动过程中退出：${problem}`),
    hint: bi(
      `A node may be frozen or dead from an earlier drill: \`firedrill recover\`, or \`firedrill lab down ${lab}\`. Log: ${log}`,
      `可能有节点因之前的演练被冻结或终止：请运行 \`firedrill recover\` 或 \`firedrill lab down ${lab}\`。日志：${log}`,
    ),
  });
}
