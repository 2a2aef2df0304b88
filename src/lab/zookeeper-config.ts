/** `zoo.cfg` of one server of a lab. */
export function zooCfg(server: {
  readonly home: string;
  readonly adminPort: number;
  readonly members: readonly string[];
  readonly tickMs: number;
  readonly syncTicks: number;
}): string {
  const settings = {
    dataDir: server.home,
    tickTime: server.tickMs,
    initLimit: 20,
    syncLimit: server.syncTicks,
    // Every canary has a connection of its own, all from one address.
    maxClientCnxns: 0,
    '4lw.commands.whitelist': '*',
    'admin.enableServer': true,
    'admin.serverAddress': '127.0.0.1',
    'admin.serverPort': server.adminPort,
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
export const LOGBACK = `<configuration>
  <appender name="C" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%d{HH:mm:ss.SSS} %-5p %c{1} %m%n</pattern></encoder>
  </appender>
  <logger name="org.apache.zookeeper.server.NIOServerCnxn" level="ERROR"/>
  <root level="WARN"><appender-ref ref="C"/></root>
</configuration>
`;
