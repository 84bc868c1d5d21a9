// The panel: tabs, sorting, folding. The words are already in the page.
function setUpTabs() {
  const tabs = Array.from(document.querySelectorAll('[role=tab]'));
  const select = chosen => {
    for (const tab of tabs) {
      const on = tab === chosen;
      tab.setAttribute('aria-selected', String(on));
      tab.tabIndex = on ? 0 : -1;
      document.getElementById(tab.getAttribute('aria-controls')).classList.toggle('closed', !on);
    }
  };
  tabs.forEach((tab, i) => {
    tab.addEventListener('click', () => select(tab));
    tab.addEventListener('keydown', event => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(i + step + tabs.length) % tabs.length];
      select(next);
      next.focus();
    });
  });
  select(tabs[0]);
}

function setUpFold(button, target, onChange, open) {
  const set = value => {
    button.setAttribute('aria-expanded', String(value));
    target.classList.toggle('folded', !value);
    onChange(value);
  };
  button.addEventListener('click', () => set(button.getAttribute('aria-expanded') !== 'true'));
  set(open);
  return set;
}

function setUpSorting(table) {
  const heads = Array.from(table.tHead.rows[0].cells);
  heads.forEach((head, k) => head.querySelector('button').addEventListener('click', () => {
    const down = head.getAttribute('aria-sort') ? head.getAttribute('aria-sort') === 'ascending' : head.classList.contains('n');
    for (const other of heads) other.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    const value = row => {
      const cell = row.cells[k];
      if (!head.classList.contains('n')) return cell.textContent;
      return 'v' in cell.dataset ? Number(cell.dataset.v) : null;
    };
    const rows = Array.from(table.tBodies[0].rows);
    rows.sort((a, b) => {
      const x = value(a), y = value(b);
      if (x === null || y === null) return (x === null) - (y === null);  // no data stays last
      const order = typeof x === 'string' ? x.localeCompare(y, 'ko') : x - y;
      return down ? -order : order;
    });
    table.tBodies[0].append(...rows);
  }));
}

// Rows of a list act as one button each; arrows go from row to row.
function setUpRows(rows, open) {
  rows.forEach((row, i) => {
    const button = row.querySelector('button');
    row.addEventListener('click', event => open(row, event.detail === 0));
    button.addEventListener('keydown', event => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const all = Array.from(row.parentNode.rows);
      const next = step && all[all.indexOf(row) + step];
      if (!next) return;
      event.preventDefault();
      next.querySelector('button').focus();
    });
  });
}
