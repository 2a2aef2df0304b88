/** Does what it is told of one fault, phase by phase as a run does, until it is killed. Run by killed.ts. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const { parts, root, binding } = JSON.parse(process.argv[2]);
const from = (path) => import(pathToFileURL(join(parts, path)).href);
const { systemClock: clock } = await from('core/clock.js');
const { bootId, ownProcess } = await from('core/process-table.js');
const { openRunState } = await from('run/state/index.js');
const { faults } = await from('faults/index.js');
const { registries } = await from('registries/index.js');
const { drivers } = await from('targets/index.js');

const registry = registries.find(binding.registry).connect(binding);
const cluster = { binding, driver: drivers.find(binding.driver), registry };

async function one({ fault: name, runId, request, until }) {
  const fault = faults.find(name);
  const state = await openRunState({ root, runId, runDir: root, ...ownProcess(), bootId: bootId(), clock });
  await state.claim([`lab:${runId}`], binding);
  const world = { cluster, clock, stateDir: state.dir };
  let data;
  const phases = {
    prepare: async () => {
      data = await fault.prepare(world, request);
    },
    arm: () => state.arm({ id: 'u1', undoer: name, step: 'break', nodes: request.nodes.map((n) => n.name), data }),
    begin: () => {
      void fault.inject(world, data).catch(() => {});
    },
    inject: () => fault.inject(world, data),
    confirm: async () => {
      while ((await fault.confirm(world, data)).bitten !== true) await clock.sleep(5);
    },
    revert: async () => {
      const { reverted, detail } = await fault.revert(world, data);
      if (!reverted) throw new Error(detail.en);
    },
  };
  for (const phase of until) await phases[phase]();
}

process.on('message', (order) => {
  one(order).then(
    () => process.send({ ok: true }),
    (error) => process.send({ ok: false, why: String(error?.stack ?? error) }),
  );
});
process.on('disconnect', () => process.exit());
process.send({ ok: true });
