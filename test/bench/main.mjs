/** `npm run bench`: the numbers of the README as a table, medians of several runs on this machine. Changes nothing. */
import { canary } from './canary.mjs';
import { journal } from './journal.mjs';
import { kill } from './kill.mjs';
import { ledger } from './ledger.mjs';
import { noop } from './noop.mjs';
import { partition } from './partition.mjs';
import { plan } from './plan.mjs';
import { recovery } from './recovery.mjs';
import { startup } from './startup.mjs';

const suites = { startup, noop, recovery, canary, ledger, journal, kill, partition, plan };
const wanted = process.argv.slice(2);
const rows = [];
for (const [name, suite] of Object.entries(suites)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stderr.write(`${name} …\n`);
  rows.push(...(await suite()));
}
console.log('| Work | Must be | Measured | |\n|---|---|---|---|');
for (const { work, must, measured, ok } of rows) {
  console.log(`| ${work} | ${must} | ${measured} | ${ok === null ? '–' : ok ? 'ok' : 'FALLS SHORT'} |`);
}
process.exitCode = rows.some((row) => row.ok === false) ? 1 : 0;
