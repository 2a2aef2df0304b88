import { createServer } from 'node:net';
import { WorldError } from '../core/errors.js';
import { bi } from '../core/text.js';

/** Refuses before anything is started, naming the ports of 127.0.0.1 that somebody else has. */
export async function requireFree(lab: string, ports: readonly number[]): Promise<void> {
  const taken: number[] = [];
  for (const port of ports) if (!(await isFree(port))) taken.push(port);
  if (taken.length === 0) return;
  const list = taken.join(', ');
  throw new WorldError({
    code: 'port-taken',
    message: bi(
      `${lab} needs port ${list} of 127.0.0.1, and something else listens there`,
      `${lab} 需要 127.0.0.1 的端口 ${list}，但已被其他程序占用`,
    ),
    hint: bi(
      `See who has it: \`ss -ltnp 'sport = :${taken[0]}'\`; a lab of another state folder is stopped with \`lab down\` there.`,
      `查看占用者：\`ss -ltnp 'sport = :${taken[0]}'\`；若是另一状态目录中的练习集群，请在那里运行 \`lab down\`。`,
    ),
  });
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
