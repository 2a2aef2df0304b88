/** `doctor --target`: what stands between Firedrill and these nodes, in one sentence each. */
import type { NodeSpec, RegistryName } from '../../core/drill.js';
import { describeError, WorldError } from '../../core/errors.js';
import type { RegistryDriver } from '../../core/registry.js';
import type { Cluster, NodeDriver } from '../../core/target.js';
import { type Bilingual, bi } from '../../core/text.js';
import { registries } from '../../registries/index.js';
import { drivers } from '../../targets/index.js';
import { connect } from '../connect.js';
import type { Context } from '../context.js';
import { tooOld, type Unbound, unboundOf } from '../target.js';
import { silence } from './doctor-answers.js';
import { clusterFindings } from './doctor-cluster.js';
import type { Asked, Finding } from './doctor-finding.js';

const IDENTIFY_MS = 3_000;
const STATUS_MS = 2_000;
/** A service that nobody has: reading it shows whether we may read, and changes nothing. */
const NO_SERVICE = 'firedrill-doctor';

export async function targetFindings(option: string | boolean, ctx: Context): Promise<readonly Finding[]> {
  try {
    const unbound = await unboundOf(option, ctx);
    const operated = await operatedFindings(unbound);
    if (operated.bound === null) return operated.findings;
    return [...operated.findings, ...(await answerFindings({ ...unbound, nodes: operated.bound }))];
  } catch (error) {
    if (error instanceof WorldError) return [failed('target', error)];
    throw error;
  }
}

const failed = (check: string, error: WorldError): Finding => ({
  check,
  ok: false,
  text: describeError(error),
  fix: error.hint ?? null,
});

interface Operated {
  readonly findings: readonly Finding[];
  /** Null = what the file names is not there. */
  readonly bound: readonly NodeSpec[] | null;
}

/** Whether each node is there to be operated, whatever the registry on it says. */
async function operatedFindings(unbound: Unbound): Promise<Operated> {
  const driver = drivers.find(unbound.driver);
  if (driver === undefined) throw new Error(`the driver ${unbound.driver} is missing from the catalog`);
  const each = await Promise.all(
    unbound.nodes.map(async (node): Promise<Finding | null> => {
      try {
        const [bound = node] = (await driver.bind?.([node])) ?? [];
        return await operated(driver, bound);
      } catch (error) {
        if (error instanceof WorldError) return failed(`node ${node.name}`, error);
        throw error;
      }
    }),
  );
  const findings = each.filter((finding) => finding !== null);
  const missing = findings.some(({ ok }) => !ok);
  try {
    return { findings, bound: (await driver.bind?.(unbound.nodes)) ?? unbound.nodes };
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    return { findings: missing ? findings : [...findings, failed('target', error)], bound: null };
  }
}

/** Null = it runs. */
async function operated(driver: NodeDriver, node: NodeSpec): Promise<Finding | null> {
  const { state } = await driver.inspect(node);
  if (state === 'running') return null;
  const check = `node ${node.name}`;
  const fix = bi(
    'Start it, and correct the file if it runs elsewhere; `firedrill recover` undoes what an earlier run left on.',
    '请启动它；若它在别处运行，请更正文件；`firedrill recover` 可撤销先前运行遗留的改动。',
  );
  if (state === 'frozen') return { check, ok: false, text: bi('it is frozen', '它已被冻结'), fix };
  return { check, ok: false, text: notThere(node), fix };
}

function notThere({ find }: NodeSpec): Bilingual {
  switch (find.by) {
    case 'pid-file':
      return bi(`it does not run: no process by pid file ${find.path}`, `未运行：pid 文件 ${find.path} 没有对应的进程`);
    case 'argument':
      return bi(
        `it does not run: no process has “${find.text}” among its arguments`,
        `未运行：没有进程的参数中有“${find.text}”`,
      );
    case 'command':
      return bi('it does not run: its “status” command says so', '未运行：其“status”命令如此显示');
    case 'container':
      return bi(`it does not run: container ${find.container} is stopped`, `未运行：容器 ${find.container} 已停止`);
    case 'container-label':
    case 'compose':
      return bi('it does not run: its container is stopped', '未运行：其容器已停止');
  }
}

async function answerFindings(unbound: Unbound): Promise<readonly Finding[]> {
  const driver = registries.find(unbound.where.registry);
  if (driver === undefined) throw new Error(`the registry ${unbound.where.registry} is missing from the catalog`);
  const identities = await Promise.all(unbound.nodes.map((node) => whoIs(driver, node, unbound)));
  const { product, version, clusterId } = identities.find((who) => who !== null) ?? {
    product: unbound.where.registry,
    version: '',
    clusterId: null,
  };
  const { where, standby: _, ...rest } = unbound;
  const cluster = connect({ ...rest, ...where, product, version, clusterId });
  try {
    const asked = await Promise.all(
      unbound.nodes.map(async (node, index): Promise<Asked> => {
        const status = await cluster.registry.client(node.name).status({ limitMs: STATUS_MS });
        return { node, who: identities[index] ?? null, status };
      }),
    );
    const nodes = await Promise.all(asked.map((one) => nodeFinding(one, { driver, cluster, where: unbound.where })));
    return [...nodes, ...clusterFindings(asked)];
  } finally {
    cluster.registry.close();
  }
}

async function whoIs(driver: RegistryDriver, node: NodeSpec, { where }: Pick<Unbound, 'where'>): Promise<Asked['who']> {
  const { access } = where;
  try {
    return await driver.identify([node], { limitMs: IDENTIFY_MS, ...(access === undefined ? {} : { access }) });
  } catch (error) {
    if (error instanceof WorldError && error.code === 'registry-unreachable') return null;
    throw error;
  }
}

async function nodeFinding(
  { node, who, status }: Asked,
  at: { readonly driver: RegistryDriver; readonly cluster: Cluster; readonly where: Unbound['where'] },
): Promise<Finding> {
  const check = `node ${node.name}`;
  const old = who === null ? null : tooOld(at.driver, who);
  if (old !== null) return { check, ok: false, text: old, fix: bi('Upgrade it.', '请升级。') };
  if (status.outcome !== 'ok') {
    const other = who === null ? await otherKind(node, at.where.registry) : null;
    return { check, ok: false, ...(other ?? silence(status.reason, node, at.where)) };
  }
  const { leader, version, revision } = status.value;
  const name = who?.product ?? at.driver.name;
  if (leader === null) {
    return {
      check,
      ok: false,
      text: bi(`${name} ${version} knows no leader`, `${name} ${version} 没有主节点`),
      fix: bi(
        'Bring the other nodes up: without a majority of them there is none. An election ends within seconds.',
        '请启动其余节点：没有多数节点就没有主节点。选举会在数秒内结束。',
      ),
    };
  }
  const read = await at.cluster.registry.client(node.name).discover(NO_SERVICE, { limitMs: STATUS_MS });
  if (read.outcome !== 'ok') return { check, ok: false, ...silence(read.reason, node, at.where) };
  return {
    check,
    ok: true,
    text: bi(
      `${name} ${version}, leader ${leader}, revision ${revision}`,
      `${name} ${version}，主节点 ${leader}，版本号 ${revision}`,
    ),
    fix: null,
  };
}

/** A registry of another kind at this address; null = of none that we know. */
async function otherKind(node: NodeSpec, said: RegistryName): Promise<Pick<Finding, 'text' | 'fix'> | null> {
  const { host, protocol } = new URL(node.url);
  for (const driver of registries.all.filter(({ name }) => name !== said)) {
    const url =
      driver.name === 'zookeeper' ? `zookeeper://${host}` : `${protocol === 'https:' ? 'https' : 'http'}://${host}`;
    const { adminUrl: _, ...rest } = node;
    const who = await whoIs(driver, { ...rest, url }, { where: { registry: driver.name, prefix: '/' } });
    if (who === null) continue;
    return {
      text: bi(
        `the file says ${said}, but ${who.product} ${who.version} answers at ${host}`,
        `文件写的是 ${said}，但 ${host} 上应答的是 ${who.product} ${who.version}`,
      ),
      fix: bi(
        `Write \`registry: ${driver.name}\`, or correct the address.`,
        `请写 \`registry: ${driver.name}\`，或更正地址。`,
      ),
    };
  }
  return null;
}
