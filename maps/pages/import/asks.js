// What a file leaves open, as fields: only what is asked for is offered.

import { h } from '../lib/dom.js';
import { t } from '../lib/i18n.js';

const ASKED = {
  layer: /\blayer\b/, crs: /\bcrs\b/, encoding: /\bencoding\b/, columns: /\bcolumn\b/, measure: /\bmeasure\b/,
  visibility: /\bvisibility\b/, mode: /\bmode\b/, complete_for: /\bcomplete_for\b/,
};
const OF_ALL = new Set(['mode', 'complete_for']);
const BY_CODE = {
  layer_needed: ['layer'], unknown_form: ['layer', 'columns'], layer_contradicted: [], column_needed: ['columns'], crs_needed: ['crs'],
  bad_encoding: ['encoding'], measure_needed: ['measure'], secret_address: ['visibility'], nothing_accepted: ['crs', 'columns'], same_data_twice: [],
  unreadable_file: [], unsafe_file: [], portal_error: [], boundaries_needed: [],
};
const PLACED = /위도|경도|좌표|주소|^(lat|lon|lng|x|y)|addr|wkt/i;
const SYSTEMS = ['EPSG:5174', 'EPSG:2097', 'EPSG:5181', 'EPSG:5186', 'EPSG:5179', 'EPSG:5187', 'EPSG:4326', 'EPSG:3857'];
const ENCODINGS = ['cp949', 'utf-8', 'utf-16', 'euc-kr'];

// { options, columns, role } of an open question of the report, or of an error (code, title, hint).
export function asksOf({ code, title, hint, columns = [] }) {
  const options = BY_CODE[code] || Object.keys(ASKED).filter(name => ASKED[name].test(hint));
  // Columns with plain names are found without being told of.
  const plain = code === 'unknown_form' && columns.some(name => PLACED.test(name));
  return { options: plain ? options.filter(option => option !== 'columns') : options, columns, role: roleOf(title) };
}

// A note of a report that leaves something open ('guessed_layer: … 아니면 layer를 주십시오').
export function asksOfNote(note) {
  return Object.keys(ASKED).filter(name => ASKED[name].test(note) && !OF_ALL.has(name));
}

const roleOf = title => /: (\w+) 열을 찾을 수 없습니다/.exec(title)?.[1] || '';

// Fields for some options. `said` is what has been said so far, changed in place; `allowed` from GET /v1/imports.
export function fields(asks, said, allowed, id, changed = () => {}) {
  const put = (name, value) => {
    if (value) said[name] = value; else delete said[name];
    changed(name);
  };
  return h('div', { class: 'asks' }, asks.options.map(option => FIELDS[option](said, allowed, asks, `${id}-${option}`, put)));
}

const select = (id, label, value, options, change) => h('label', { for: id }, label,
  h('select', { id, onchange: event => change(event.target.value) },
    options.map(([key, text]) => h('option', { value: key, selected: key === (value || '') }, text))));

const FIELDS = {
  layer: (said, allowed, _, id, put) => select(id, t('import.ask.layer'), said.layer,
    [['', t('import.ask.choose')], ...allowed.layers.map(({ id: key, name }) => [key, name]), ...allowed.tables.map(table => [table, t(`import.table.${table}`)])],
    value => put('layer', value)),
  crs: (said, _allowed, _, id, put) => select(id, t('import.ask.crs'), said.crs,
    [['', t('import.ask.choose')], ...SYSTEMS.map(name => [name, t(`import.crs.${name.slice(5)}`)])], value => put('crs', value)),
  encoding: (said, _allowed, _, id, put) => select(id, t('import.ask.encoding'), said.encoding,
    [['', t('import.ask.choose')], ...ENCODINGS.map(name => [name, name])], value => put('encoding', value)),
  measure: (said, _allowed, _, id, put) => select(id, t('import.ask.measure'), said.measure,
    [['', t('import.ask.choose')], ['population', t('import.measure.population')], ['households', t('import.measure.households')]],
    value => put('measure', value)),
  columns: columnFields,
  visibility: (said, _allowed, _, id, put) => h('label', { class: 'tick', for: id },
    h('input', { type: 'checkbox', id, checked: said.visibility === 'staff', onchange: event => put('visibility', event.target.checked ? 'staff' : '') }),
    t('import.ask.staff')),
  mode: (said, _allowed, _, id, put) => select(id, t('import.ask.mode'), said.mode,
    [['', t('import.mode.replace')], ['append', t('import.mode.append')]], value => put('mode', value)),
  complete_for: (said, _allowed, _, id, put) => h('label', { for: id }, t('import.ask.complete'),
    h('input', { id, value: said.complete_for || '', inputmode: 'numeric', placeholder: '11620', oninput: event => put('complete_for', event.target.value.trim()) })),
};

// Which column is what: the roles that are asked for, out of the columns the file has.
function columnFields(said, _allowed, asks, id, put) {
  const roles = asks.role ? [asks.role] : ['lat', 'lon', 'road_address'];
  const take = (role, value) => {
    const columns = { ...said.columns };
    if (value) columns[role] = value; else delete columns[role];
    put('columns', Object.keys(columns).length ? columns : null);
  };
  return roles.map(role => asks.columns.length
    ? select(`${id}-${role}`, t('import.ask.column', { role: t(`import.role.${role}`) }), said.columns?.[role], [['', t('import.ask.none')], ...asks.columns.map(name => [name, name])], value => take(role, value))
    : h('label', { for: `${id}-${role}` }, t('import.ask.column', { role: t(`import.role.${role}`) }),
      h('input', { id: `${id}-${role}`, value: said.columns?.[role] || '', oninput: event => take(role, event.target.value.trim()) })));
}
