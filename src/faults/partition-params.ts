import type { FaultParam } from '../core/fault.js';
import { bi } from '../core/text.js';
import { ACTIONS } from './partition-rules.js';
import { DIRECTIONS, SHAPES } from './partition-shape.js';

export const PARTITION_PARAMS: readonly FaultParam[] = [
  {
    name: 'shape',
    type: 'string',
    required: false,
    choices: SHAPES,
    description: bi(
      'who cannot reach whom. leader, minority, site: the chosen nodes together, apart from the others; majority: the chosen nodes (more than half) each alone; ring: every node (all chosen, four or more) reaches only the one before and after it; bridge: the others in two halves, and only the chosen node reaches both',
      '哪些节点之间不通。leader、minority、site：选中的节点为一组，与其余节点隔开；majority：选中的节点（超过半数）各自孤立；ring：每个节点（须全选，至少四个）只能到达前后相邻的节点；bridge：其余节点分为两半，只有选中的节点与两半都通',
    ),
  },
  {
    name: 'groups',
    type: 'string',
    required: false,
    description: bi(
      'instead of a shape: nodes by name, groups apart by “|”, such as “n1|n2,n3”; all other nodes are the last group. “on” chooses the nodes named here',
      '代替 shape：按名称写出节点，组间用“|”分隔，例如“n1|n2,n3”；其余节点为最后一组。“on”须选中此处写出的节点',
    ),
  },
  {
    name: 'direction',
    type: 'string',
    required: false,
    choices: DIRECTIONS,
    description: bi(
      'both (default); in: the chosen nodes receive nothing from the others; out: the others receive nothing from them. With leader, minority and site. No new TCP connection comes about either way, as its answers are lost',
      'both（默认）：双向；in：选中的节点收不到其余节点的数据；out：其余节点收不到选中节点的数据。适用于 leader、minority、site。单向时因应答丢失，两个方向都无法新建 TCP 连接',
    ),
  },
  {
    name: 'action',
    type: 'string',
    required: false,
    choices: ACTIONS,
    description: bi(
      'drop (default): packets vanish and senders wait; reset: TCP connections are refused and broken at once',
      'drop（默认）：数据包消失，发送方一直等待；reset：TCP 连接立即被拒绝或断开',
    ),
  },
];
