import { bi } from '../core/text.js';
import { limitFault } from './node-limit.js';

const MIB = 1024 * 1024;

/** Below what the node uses, the kernel ends it, and its manager's restart policy acts. */
export const nodeMemoryLimit = limitFault({
  name: 'node.memory-limit',
  title: bi('Give a node little memory', '限制节点内存'),
  description: bi(
    'Limits the memory of the node’s container while it runs; below what it uses, the kernel kills it.',
    '在运行中限制节点容器的内存；低于其实际用量时内核会将其杀死。',
  ),
  undoText: bi('set the former memory limit again', '恢复原来的内存限制'),
  removesVoter: true,
  limit: 'memoryBytes',
  liftedFromNone: bi(
    'Docker cannot take a memory limit off a running container: it has one that no machine reaches',
    'Docker 无法取消运行中容器的内存限制：现为任何机器都达不到的值',
  ),
  param: { name: 'mebibytes', least: 6, most: 1_048_576, whole: true, en: 'memory in MiB', zh: '内存（MiB）' },
  inUnits: (mebibytes) => mebibytes * MIB,
});
