import { systemClock } from '../core/clock.js';
import { findNodeProcess, nodeStateOf, signalProcess, startNodeProcess } from '../core/node-process.js';
import type { NodeDriver } from '../core/target.js';

/** Nodes that are plain processes of this machine. */
export const processDriver: NodeDriver = {
  name: 'process',
  inspect: async (node) => nodeStateOf(findNodeProcess(node)),
  signal: async (node, signal) => {
    const row = findNodeProcess(node);
    return row !== null && signalProcess(row, signal);
  },
  start: (node) => startNodeProcess(node, systemClock),
};
