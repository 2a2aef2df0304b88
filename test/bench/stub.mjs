/** A stub of etcd's JSON gateway that answers every request at once, in a process of its own: its work is not counted as ours. Prints its port. */
import { createServer } from 'node:http';

const store = new Map();
let revision = 1;
const text = (base64) => Buffer.from(base64, 'base64').toString();

function range(body) {
  const from = text(body.key);
  const to = body.range_end ? text(body.range_end) : null;
  const kvs = [...store].filter(([key]) => (to === null ? key === from : key >= from && key < to)).map(([, kv]) => kv);
  return { header: { revision: String(revision) }, kvs, count: String(kvs.length) };
}

const answers = {
  '/v3/kv/put': (body) => {
    store.set(text(body.key), { key: body.key, value: body.value, mod_revision: String(++revision) });
    return { header: { revision: String(revision) } };
  },
  '/v3/kv/deleterange': (body) => ({ deleted: store.delete(text(body.key)) ? '1' : '0' }),
  '/v3/kv/range': range,
  '/v3/lease/grant': () => ({ ID: String(++revision), TTL: '60' }),
  '/v3/lease/keepalive': (body) => ({ result: { ID: body.ID, TTL: '60' } }),
  '/v3/maintenance/status': () => ({ header: { member_id: '1', revision: String(revision), raft_term: '1' }, leader: '1', version: '3.4.23' }),
};

const server = createServer((req, res) => {
  let said = '';
  req.on('data', (part) => {
    said += part;
  });
  req.on('end', () => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify((answers[req.url] ?? (() => ({})))(said === '' ? {} : JSON.parse(said))));
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
