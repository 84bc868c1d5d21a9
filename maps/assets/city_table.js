// The table of all districts: a group of columns at a time, so that it fits; on paper one group below the other.
const TABLE_GROUPS = ['cover', 'households', 'rate', 'data'];

function cityTable(data, options, lang, t) {
  const names = TABLE_GROUPS.filter(group => group === 'data' || data.measures.some(one => one.group === group));
  const tables = new Map(names.map(group => [group, groupTable(data, group, lang, t)]));
  const radios = names.map((group, k) => el('label', null,
    el('input', { type: 'radio', name: 'city-group', value: group, checked: k === 0, onchange: () => show(group) }), el('span', null, t(`group-${group}`))));
  function show(chosen) {
    for (const [group, table] of tables) table.classList.toggle('off', group !== chosen);
  }
  show(names[0]);
  return el('section', { class: 'card', 'aria-labelledby': 'city-table-h' },
    el('div', { class: 'table-head' }, el('h2', { id: 'city-table-h' }, t('table')),
      el('fieldset', { class: 'segments screen' }, el('legend', { class: 'visually-hidden' }, t('groups')), radios),
      el('small', { class: 'screen' }, t('table-hint'))),
    [...tables.values()]);
}

function groupTable(data, group, lang, t) {
  const columns = group === 'data' ? stateColumns(data, lang, t) : measureColumns(data.measures.filter(one => one.group === group), data, lang, t);
  const table = el('table', { class: 'all' });
  const heads = columns.map((column, k) => el('th', { scope: 'col', class: column.number ? 'n' : '' },
    el('button', { type: 'button', title: column.title, onclick: () => sortBy(table, k) }, column.head)));
  const units = columns.some(column => column.unit) ? el('tr', { class: 'units' }, columns.map(column => el('td', { class: column.number ? 'n' : '' }, column.unit || ''))) : null;
  cityFill(table, null, [
    el('caption', null, t(`group-${group}`)),
    el('thead', null, el('tr', null, heads), units),
    el('tbody', null, data.districts.map((district, i) => el('tr', null, columns.map(column => column.cell(district, i)))))]);
  return el('div', { class: 'scroll group', tabindex: '0', role: 'group', 'aria-label': `${t('table')}: ${t(`group-${group}`)}` }, table);
}

const nameColumn = t => ({ head: t('district'), cell: district => el('th', { scope: 'row', 'data-v': district.name }, district.name) });

function measureColumns(measures, data, lang, t) {
  return [nameColumn(t), ...measures.map(measure => ({
    head: lang === 'en' ? measure.head_en : measure.head, title: measureName(measure, lang), number: true,
    unit: measure.unranked === 'needs' ? t('unit-differ', { unit: unitOf(measure, t) }) : unitOf(measure, t),
    cell(district, i) {
      const value = measure.values[i], part = measure.partial.includes(i) ? [el('small', { class: 'chip', title: t('partial') }, t('part-short')), ' '] : null;
      return el('td', { class: missing(value) ? 'n nil' : 'n', 'data-v': missing(value) ? '' : value }, part, valueText(measure, value, district, t).replace(' %', ''));
    },
  }))];
}

const STATE_WORDS = { loaded: 'loaded', partial: 'partial', none: 'no-data' };

// What each district has data of, and of when.
function stateColumns(data, lang, t) {
  const shown = Object.keys(data.needs), dates = [['oldest', 0], ['newest', 1]];
  return [nameColumn(t),
    ...shown.map(id => ({
      head: data.needs[id], title: data.needs[id],
      cell(district) {
        const state = (district.states || {})[id] || 'none';
        return el('td', { class: state === 'none' ? 'nil' : state === 'partial' ? 'half' : '', 'data-v': ['none', 'partial', 'loaded'].indexOf(state) }, t(STATE_WORDS[state]));
      },
    })),
    ...dates.map(([key, k]) => ({ head: t(key), title: t(key), cell: district => el('td', { class: 'day', 'data-v': district.dates[k] }, district.dates[k] ? cityDay(district.dates[k], lang) : t('no-date')) }))];
}

// No data stays last whichever way.
function sortBy(table, k) {
  const heads = Array.from(table.tHead.rows[0].cells), head = heads[k];
  const down = head.getAttribute('aria-sort') ? head.getAttribute('aria-sort') === 'ascending' : head.classList.contains('n');
  for (const other of heads) other.removeAttribute('aria-sort');
  head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
  const value = row => row.cells[k].dataset.v, isNumber = head.classList.contains('n');
  const rows = Array.from(table.tBodies[0].rows).sort((a, b) => {
    if ((value(a) === '') !== (value(b) === '')) return value(a) === '' ? 1 : -1;
    const order = isNumber ? Number(value(a)) - Number(value(b)) : value(a).localeCompare(value(b), 'ko');
    return down ? -order : order;
  });
  table.tBodies[0].append(...rows);
}
