/** What the servers of a lab read when they start. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Timers {
  /** Unit of all others; a client's session lasts 2 to 20 of them. */
  readonly tickMs: number;
  /** Ticks that a follower may be behind, or a leader silent. */
  readonly syncTicks: number;
  /** Ticks in which enough followers must have come to a new leader; default 20. */
  readonly initTicks?: number;
}

export interface Server extends Timers {
  /** Its `dataDir`, as it sees it itself. */
  readonly home: string;
  readonly admin: { readonly address: string; readonly port: number };
  /** The lines `server.N=`, as it sees the others. */
  readonly members: readonly string[];
}

/** `myid`, `zoo.cfg` and how it logs, into the server's folder on this machine. */
export async function writeServer(folder: string, id: number, server: Server): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, 'myid'), `${id}\n`);
  await writeFile(join(folder, 'zoo.cfg'), zooCfg(server));
  await writeFile(join(folder, 'logback.xml'), LOGBACK);
}

/** Small heaps and few threads; a log file of 1 MiB instead of 64; a node without a quorum still shows its own copy. */
export const JVM = [
  ...['-Xms32m', '-Xmx96m', '-Xss512k'],
  ...['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:CICompilerCount=1'],
  '-Dzookeeper.preAllocSize=1024',
  '-Dreadonlymode.enabled=true',
] as const;

function zooCfg(server: Server): string {
  const settings = {
    dataDir: server.home,
    tickTime: server.tickMs,
    initLimit: server.initTicks ?? 20,
    syncLimit: server.syncTicks,
    // Every canary has a connection of its own, all from one address.
    maxClientCnxns: 0,
    '4lw.commands.whitelist': '*',
    'admin.enableServer': true,
    'admin.serverAddress': server.admin.address,
    'admin.serverPort': server.admin.port,
    'admin.snapshot.enabled': true,
    'admin.rateLimiterIntervalInMS': 0,
    'serializeLastProcessedZxid.enabled': true,
    // Uncompressed: a snapshot can be checked without the server.
    'snapshot.compression.method': '',
    standaloneEnabled: false,
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  return `${[...lines, ...server.members].join('\n')}\n`;
}

/** Without it logback says everything. A client that goes without a farewell is no warning. */
const LOGBACK = `<configuration>
  <appender name="C" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%d{HH:mm:ss.SSS} %-5p %c{1} %m%n</pattern></encoder>
  </appender>
  <logger name="org.apache.zookeeper.server.NIOServerCnxn" level="ERROR"/>
  <root level="WARN"><appender-ref ref="C"/></root>
</configuration>
`;
