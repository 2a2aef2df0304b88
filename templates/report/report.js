// Adds the filter and the packed attempts to a page that is complete without it. Text enters the page as text only.

(() => {
  const byId = (id) => document.getElementById(id);
  const filter = byId('filter');
  const query = byId('filter-text');
  const rows = [...document.querySelectorAll('#log tbody tr')];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  let attempts = null;

  filter.hidden = false;
  filter.addEventListener('submit', (event) => event.preventDefault());
  query.addEventListener('input', () => {
    const wanted = query.value.trim().toLowerCase();
    let shown = 0;
    rows.forEach((row, index) => {
      row.hidden = !texts[index].includes(wanted);
      if (!row.hidden) shown += 1;
    });
    byId('filter-count').textContent = wanted === '' ? '' : `${shown} / ${rows.length}`;
    if (attempts !== null) listAttempts(wanted);
  });
  // A filtered row must not swallow the jump from an evidence link.
  addEventListener('hashchange', () => {
    const row = location.hash.startsWith('#e') ? byId(location.hash.slice(1)) : null;
    if (row === null || !row.hidden) return;
    row.hidden = false;
    row.scrollIntoView();
  });

  const open = byId('attempts-open');
  if (open === null || typeof DecompressionStream === 'undefined') return;
  byId('attempts-tools').hidden = false;
  open.addEventListener('click', async () => {
    open.disabled = true;
    attempts = unpack(await inflated(byId('attempts-block').textContent));
    byId('attempts-tools').hidden = true;
    byId('attempts-region').hidden = false;
    listAttempts(query.value.trim().toLowerCase());
  });

  async function inflated(base64) {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const stream = new Response(bytes).body.pipeThrough(new DecompressionStream('gzip'));
    return new Response(stream).json();
  }

  function unpack({ names, columns }) {
    const entries = [];
    for (const [shared, rest] of names.entry) entries.push((entries.at(-1) ?? '').slice(0, shared) + rest);
    let seq = 0;
    let due = 0;
    return columns.seq.map((step, i) => {
      seq += step;
      due += columns.due[i];
      const cells = [
        `e${seq}`,
        names.op[columns.op[i]],
        entries[columns.entry[i]],
        names.node[columns.node[i]],
        (due / 10).toFixed(1),
        (columns.late[i] / 10).toFixed(1),
        (columns.took[i] / 10).toFixed(1),
        names.outcome[columns.outcome[i]],
        names.reason[columns.reason[i]],
      ];
      return { cells, text: cells.join(' ').toLowerCase() };
    });
  }

  function listAttempts(wanted) {
    const most = 500;
    const found = attempts.filter((attempt) => attempt.text.includes(wanted));
    const list = document.createDocumentFragment();
    for (const { cells } of found.slice(0, most)) {
      const row = document.createElement('tr');
      cells.forEach((text, index) => {
        const cell = row.insertCell();
        cell.textContent = text;
        if (index >= 4 && index <= 6) cell.className = 'number';
      });
      list.append(row);
    }
    byId('attempts-rows').replaceChildren(list);
    byId('attempts-count').textContent = `${Math.min(found.length, most)} / ${found.length} (${attempts.length})`;
  }
})();
