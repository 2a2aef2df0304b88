import { cli, processMs, seconds } from './measure.mjs';

/** Starting up: what a person feels at every command. */
export async function startup() {
  const help = processMs([process.execPath, cli, '--help']);
  const validate = processMs([process.execPath, cli, 'validate', 'drills/etcd-leader-loss.drill.yaml']);
  const bare = processMs([process.execPath, '-e', '0']);
  return [
    { work: 'firedrill --help', must: '< 0.2 s', measured: `${seconds(help)} (node alone ${seconds(bare)})`, ok: help < 200 },
    { work: 'validate of the quick-start drill', must: '< 0.25 s', measured: seconds(validate), ok: validate < 250 },
  ];
}
