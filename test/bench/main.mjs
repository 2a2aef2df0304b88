/**
 * `npm run bench [-- ROW…] [-- --runs N]`: the numbers of the README as a table, medians of several runs on this machine.
 * `--runs`: how many leader kills of each cluster (issue 4 asks for 20), how many backups; `--instances`: how many they
 * hold. Changes nothing.
 */
import { parseArgs } from 'node:util';
import { backup } from './backup.mjs';
import { canary } from './canary.mjs';
import { journal } from './journal.mjs';
import { kill } from './kill.mjs';
import { ledger } from './ledger.mjs';
import { noop } from './noop.mjs';
import { partition } from './partition.mjs';
import { plan } from './plan.mjs';
import { recovery, recoveryContainers, recoveryEtcd } from './recovery.mjs';
import { startup } from './startup.mjs';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { runs: { type: 'string', default: '3' }, instances: { type: 'string', default: '100000' } } });
const suites = { startup, noop, recovery, 'recovery-etcd': recoveryEtcd, 'recovery-containers': recoveryContainers, canary, ledger, journal, kill, partition, plan, backup };
const unknown = positionals.filter((name) => !(name in suites));
if (unknown.length > 0) throw new Error(`no rows ${unknown.join(', ')}; there are ${Object.keys(suites).join(', ')}`);
const rows = [];
for (const [name, suite] of Object.entries(suites)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  process.stderr.write(`${name} …\n`);
  rows.push(...(await suite({ runs: Number(values.runs), instances: Number(values.instances) })));
}
console.log('| Work | Must be | Measured | |\n|---|---|---|---|');
for (const { work, must, measured, ok } of rows) {
  console.log(`| ${work} | ${must} | ${measured} | ${ok === null ? '–' : ok ? 'ok' : 'FALLS SHORT'} |`);
}
process.exitCode = rows.some((row) => row.ok === false) ? 1 : 0;
