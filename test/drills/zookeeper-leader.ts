import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { until } from '../support/cli.js';
import type { LabNode } from './scene.js';

/** By the four-letter word of each node: the one that says so while the others follow. */
export const leaderOf = (nodes: readonly LabNode[]): Promise<string> =>
  until('one node leads and the others follow', async () => {
    const modes = await Promise.all(nodes.map(({ url }) => modeOf(url).catch(() => '')));
    if (modes.filter((mode) => mode === 'follower').length !== nodes.length - 1) return null;
    return nodes.find((_, i) => modes[i] === 'leader')?.name;
  });

async function modeOf(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write('srvr');
  return /^Mode: (\w+)/m.exec(await text(socket))?.[1] ?? '';
}
