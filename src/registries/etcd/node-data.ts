import type { NodeSpec } from '../../core/drill.js';
import { WorldError } from '../../core/errors.js';
import { bi } from '../../core/text.js';

/** A restore needs these of every node; without them it cannot begin. */
export const dataOf = (node: NodeSpec): string => node.data ?? lacks(node.name, 'data');
export const peerUrlOf = (node: NodeSpec): string => node.peerUrl ?? lacks(node.name, 'peerUrl');

function lacks(node: string, key: string): never {
  throw new WorldError({
    code: 'node-incomplete',
    message: bi(`a restore needs \`${key}\` of node ${node}`, `恢复需要节点 ${node} 的 \`${key}\``),
    hint: bi(
      `Add \`${key}\` to the node in the drill's \`target\`.`,
      `请在演练文件 \`target\` 的该节点中加上 \`${key}\`。`,
    ),
  });
}
