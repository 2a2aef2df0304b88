import type { LimitsAbility, ResourceLimits } from '../../core/abilities.js';
import { engineRefused } from '../../core/container-engine.js';
import { containerNameOf, containerOf } from '../../core/node-container.js';
import { bi } from '../../core/text.js';
import { requireContainer } from './stop.js';

const PERIOD_US = 100_000;
const NANO = 1e9;
/** The engine takes no “none” for memory that was limited once: more than any machine has stands for it. */
const NO_MEMORY_LIMIT = 2 ** 62;

/** CPUs by quota, or by nano-CPUs where the container was made with them: the engine refuses a mixture. */
export const containerLimits: LimitsAbility = {
  read: async (node) => limitsOf((await requireContainer(node)).HostConfig),
  set: async (node, { cpus, memoryBytes }) => {
    const { HostConfig } = await requireContainer(node);
    const byNano = (HostConfig.NanoCpus ?? 0) > 0;
    const cpu = cpus === undefined ? {} : byNano && cpus > 0 ? { NanoCpus: Math.round(cpus * NANO) } : quotaOf(cpus);
    const memory = memoryBytes === undefined ? {} : memoryOf(memoryBytes, HostConfig.MemorySwap ?? 0);
    try {
      await (await containerOf(node)).update({ ...cpu, ...memory });
    } catch (error) {
      const name = containerNameOf(node);
      throw engineRefused(bi(`limits of container ${name}`, `设置容器 ${name} 的资源限制`), error);
    }
  },
};

const quotaOf = (cpus: number): object =>
  cpus === 0 ? { CpuQuota: -1 } : { CpuPeriod: PERIOD_US, CpuQuota: Math.round(cpus * PERIOD_US) };

/** The engine wants to be told of the swap whenever the memory changes: what was set stays, otherwise there is no limit. */
const memoryOf = (bytes: number, swap: number): object => ({
  Memory: bytes === 0 ? NO_MEMORY_LIMIT : bytes,
  MemorySwap: swap > 0 && swap >= bytes ? swap : -1,
});

function limitsOf(host: {
  readonly NanoCpus?: number | undefined;
  readonly CpuQuota?: number | undefined;
  readonly CpuPeriod?: number | undefined;
  readonly Memory?: number | undefined;
}): ResourceLimits {
  const { NanoCpus = 0, CpuQuota = 0, CpuPeriod = 0, Memory = 0 } = host;
  const byQuota = CpuQuota > 0 ? CpuQuota / (CpuPeriod > 0 ? CpuPeriod : PERIOD_US) : 0;
  return {
    cpus: NanoCpus > 0 ? NanoCpus / NANO : byQuota,
    memoryBytes: Memory >= NO_MEMORY_LIMIT ? 0 : Memory,
  };
}
