import { bi } from '../core/text.js';

export const NO_STANDBY = bi(
  'there is no standby site to compare with: the target has none, or the clients have gone there',
  '没有可比较的备用站点：目标没有备用站点，或客户端已切换过去',
);
