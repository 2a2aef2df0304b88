import type { NodeAbilities } from '../../core/abilities.js';
import { runInNetworkOf } from './run.js';

const BEFORE_SECOND_TRY_MS = 950;

/** Tried by a second Node in that network: nothing else that can do it is on every machine. */
export const connectionsFrom: NonNullable<NodeAbilities['connectionsFrom']> = async (node, asked) => {
  const { targets, withinMs: limitMs, image, mark, network } = asked;
  const withinMs = limitMs ?? BEFORE_SECOND_TRY_MS;
  const { exitCode, stdout } = await runInNetworkOf(node, {
    image,
    argv: [process.execPath, '-e', CONNECT, JSON.stringify({ targets, withinMs })],
    ...(mark === undefined ? {} : { mark }),
    ...(network === undefined ? {} : { network }),
  });
  if (exitCode !== 0) return null;
  const counts: unknown = JSON.parse(stdout);
  return Array.isArray(counts) && counts.length === targets.length ? counts.map(Number) : null;
};

/** Ends when all have answered, or the time is up. */
const CONNECT = `
const { targets, withinMs } = JSON.parse(process.argv[1]);
const counts = targets.map(() => 0);
let open = targets.reduce((sum, { times }) => sum + times, 0);
const end = () => { process.stdout.write(JSON.stringify(counts), () => process.exit(0)); };
const late = setTimeout(end, withinMs);
const done = () => { if (--open === 0) { clearTimeout(late); end(); } };
targets.forEach(({ address, port, times }, i) => {
  for (let n = 0; n < times; n += 1) {
    const socket = require('node:net').connect({ host: address, port });
    socket.once('connect', () => { counts[i] += 1; socket.destroy(); done(); });
    socket.once('error', done);
  }
});
`;
