/** What the tests use of node-zookeeper-client, which brings no types of its own. */
declare module 'node-zookeeper-client' {
  interface ZooKeeperError extends Error {
    readonly getCode: () => number;
  }

  export interface Client {
    readonly connect: () => void;
    readonly close: () => void;
    readonly once: (event: 'connected', listener: () => void) => void;
    readonly on: (event: 'state', listener: (state: { readonly name: string }) => void) => void;
    readonly getSessionId: () => Buffer;
    readonly create: (path: string, data: Buffer, mode: number, done: (error: ZooKeeperError | null) => void) => void;
    readonly addAuthInfo: (scheme: 'digest', auth: Buffer) => void;
    readonly setData: (
      path: string,
      data: Buffer,
      version: number,
      done: (error: ZooKeeperError | null) => void,
    ) => void;
    readonly remove: (path: string, version: number, done: (error: ZooKeeperError | null) => void) => void;
    readonly getACL: (path: string, done: (error: ZooKeeperError | null, acls: readonly unknown[]) => void) => void;
    readonly getData: (
      path: string,
      done: (error: ZooKeeperError | null, data: Buffer | undefined, stat: { readonly ephemeralOwner: Buffer }) => void,
    ) => void;
    readonly getChildren: (
      path: string,
      done: (error: ZooKeeperError | null, children: readonly string[]) => void,
    ) => void;
  }

  interface Options {
    readonly sessionTimeout: number;
    readonly spinDelay: number;
    readonly retries: number;
  }

  export const createClient: (servers: string, options: Options) => Client;
}
