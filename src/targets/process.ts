import type { NodeStart } from '../core/abilities.js';
import { systemClock } from '../core/clock.js';
import { findNodeProcess, nodeStateOf, signalProcess, startNodeProcess } from '../core/node-process.js';
import { type ProcessRow, readProcess } from '../core/process-table.js';
import type { NodeDriver } from '../core/target.js';
import { connectionsFrom } from './process/connections.js';
import { lacksNetwork, namespace } from './process/network.js';
import { endHelpers, runInNetworkOf } from './process/run.js';

/** Nodes that are plain processes of this machine. */
export const processDriver: NodeDriver = {
  name: 'process',
  inspect: async (node, known) => nodeStateOf(findNodeProcess(node) ?? stillThere(known)),
  signal: async (node, signal) => {
    const row = findNodeProcess(node);
    return row !== null && signalProcess(row, signal);
  },
  start: (node) => startNodeProcess(node, systemClock),
  runInNetworkOf,
  connectionsFrom,
  namespace,
  endHelpers,
  lacks: lacksNetwork,
};

function stillThere(known: NodeStart | undefined): ProcessRow | null {
  const row = known === undefined ? null : readProcess(known.pid);
  return row?.startTicks === known?.startTicks ? row : null;
}
