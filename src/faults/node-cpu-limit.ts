import { bi } from '../core/text.js';
import { limitFault } from './node-limit.js';

/** A node that gets too little of the processor answers late: slow, not dead. */
export const nodeCpuLimit = limitFault({
  name: 'node.cpu-limit',
  title: bi('Give a node little CPU', '限制节点 CPU'),
  description: bi(
    'Limits the node’s container to a share of the processors while it runs.',
    '在运行中把节点容器限制为部分处理器。',
  ),
  undoText: bi('set the former CPU limit again', '恢复原来的 CPU 限制'),
  removesVoter: false,
  limit: 'cpus',
  param: { name: 'cpus', least: 0.01, most: 1_024, en: 'processors, for example 0.1', zh: '处理器数，例如 0.1' },
  inUnits: (cpus) => cpus,
});
