/** Where a service keeps its instances in the tree, and what an instance's node holds. */
import type { LayoutName } from '../../core/drill.js';
import { fromNodeName, isNodeName, toNodeName } from './names.js';

/** Outside of every service's folder. */
export const SETTINGS = '/settings';

export interface Named {
  readonly service: string;
  readonly instance: string;
}

export interface Layout {
  /** Folder of a service's instances below `base`. */
  readonly folderOf: (base: string, service: string) => string;
  readonly serviceOf: (node: string) => string;
  readonly nodeOf: (instance: string) => string;
  readonly instanceOf: (node: string) => string;
  /** Why these cannot be names, or null. */
  readonly problem: (entry: Named) => string | null;
  /** The registered value as the node's data, and back: what is written is what is read. */
  readonly dataOf: (entry: Named & { readonly value: string }) => string;
  readonly valueOf: (data: string) => string;
}

/** Ours: names of any kind are escaped, the value is the data. */
const firedrill: Layout = {
  folderOf: (base, service) => `${base}/${toNodeName(service)}`,
  serviceOf: fromNodeName,
  nodeOf: toNodeName,
  instanceOf: fromNodeName,
  problem: (entry) => emptyPart(entry) ?? unpaired(entry),
  dataOf: ({ value }) => value,
  valueOf: (data) => data,
};

/** Dubbo: all of an instance is in the name of its node, which is its whole URL, encoded as Java does it. */
const dubbo: Layout = {
  ...firedrill,
  folderOf: (base, service) => `${base}/${toNodeName(service)}/providers`,
  nodeOf: (instance) =>
    encodeURIComponent(instance)
      .replaceAll('%20', '+')
      .replace(/[!'()~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`),
  instanceOf: (node) => fromNodeName(node.replaceAll('+', '%20')),
};

const curator = jsonLayout((value) => ({ payload: { firedrill: value } }));

const springCloud = jsonLayout((value, { service, instance }) => ({
  payload: {
    '@class': 'org.springframework.cloud.zookeeper.discovery.ZookeeperInstance',
    id: instance,
    name: service,
    metadata: { instance_status: 'UP', firedrill: value },
  },
}));

export const LAYOUTS: Readonly<Record<LayoutName, Layout>> = { firedrill, curator, 'spring-cloud': springCloud, dubbo };

/**
 * Curator's instance as JSON. A value that is one already (put back from a backup) is written as it is; any other is
 * wrapped so that Curator's clients can read it.
 */
function jsonLayout(payload: (value: string, entry: Named) => object): Layout {
  return {
    ...firedrill,
    folderOf: (base, service) => `${base}/${service}`,
    serviceOf: (node) => node,
    nodeOf: (instance) => instance,
    instanceOf: (node) => node,
    problem: (entry) => {
      const bad = [entry.service, entry.instance].find((name) => !isNodeName(name));
      return bad === undefined ? null : `“${bad}” cannot be the name of a node`;
    },
    dataOf: ({ value, ...entry }) => {
      const given = objectOf(value);
      if (given !== null && 'name' in given && 'id' in given && 'serviceType' in given) return value;
      return JSON.stringify({
        name: entry.service,
        id: entry.instance,
        address: given?.ip ?? null,
        port: given?.port ?? null,
        sslPort: null,
        ...payload(value, entry),
        registrationTimeUTC: 0,
        serviceType: 'DYNAMIC',
        uriSpec: null,
      });
    },
    valueOf: (data) => wrappedIn(data) ?? data,
  };
}

function wrappedIn(data: string): string | null {
  const payload = objectIn(objectOf(data)?.payload);
  const value = payload?.firedrill ?? objectIn(payload?.metadata)?.firedrill;
  return typeof value === 'string' ? value : null;
}

type Fields = { readonly [key: string]: unknown };

const objectIn = (value: unknown): Fields | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;

function objectOf(text: string): Fields | null {
  try {
    return objectIn(JSON.parse(text));
  } catch {
    // Not JSON: then it is none of Curator's.
    return null;
  }
}

function emptyPart({ service, instance }: Named): string | null {
  if (service === '' || service.includes('/')) return `“${service}” cannot be a service name`;
  return instance.split('/').includes('') ? `“${instance}” cannot be an instance name` : null;
}

const unpaired = ({ service, instance }: Named): string | null =>
  /\p{Surrogate}/u.test(service + instance) ? 'half a character cannot be part of a name' : null;
