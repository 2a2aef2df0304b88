import { systemClock } from '../../core/clock.js';
import { containerState, lookAtContainer, startContainer } from '../../core/node-container.js';
import type { NodeDriver } from '../../core/target.js';
import { bindContainers } from './bind.js';
import { connectionsFrom } from './connections.js';
import { containerEnded } from './ended.js';
import { execInContainer } from './exec.js';
import { containerFiles } from './files.js';
import { endHelpers, helperImageOf, helpersOf, runInNetworkOf } from './helper.js';
import { killInPlace } from './kill-in-place.js';
import { lacksContainer } from './lacks.js';
import { containerLimits } from './limits.js';
import { containerNetwork } from './network.js';
import { signalContainer } from './signal.js';
import { restartContainer, restartPolicyOf, stopContainer } from './stop.js';
import { watchContainers } from './watch.js';

/** Nodes that are containers of the engine that DOCKER_HOST names, or of this machine's. */
export const dockerDriver = (env: Readonly<Record<string, string | undefined>>): NodeDriver => ({
  name: 'docker',
  bind: bindContainers,
  inspect: async (node) => containerState(await lookAtContainer(node)),
  signal: signalContainer,
  start: (node) => startContainer(node, systemClock),
  stop: stopContainer,
  restart: restartContainer,
  killInPlace,
  restartPolicy: restartPolicyOf,
  limits: containerLimits,
  exec: execInContainer,
  network: containerNetwork,
  runInNetworkOf,
  connectionsFrom,
  helperImage: () => helperImageOf(env),
  endHelpers,
  helpersOf,
  watch: watchContainers,
  files: containerFiles,
  ended: containerEnded,
  lacks: lacksContainer,
});
