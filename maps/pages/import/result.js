// After storing: what changed, where to see it, and how to go back.

import { h } from '../lib/dom.js';
import { date, number, signed } from '../lib/format.js';
import { has, t } from '../lib/i18n.js';
import { undo } from './undo.js';

export function done(answer, { allowed, districts, planner, more }) {
  const name = id => allowed.layers.find(layer => layer.id === id)?.name || (has(`import.table.${id}`) ? t(`import.table.${id}`) : id);
  // Rows of no district: most often for want of a place, else they stand beyond the loaded boundaries.
  const nowhere = row => row.unlocated_after === row.rows_after ? t('import.no-place')
    : row.unlocated_after ? t('import.no-place-or-outside', { n: number(row.unlocated_after) }) : t('import.outside');
  const place = row => districts.find(one => one.code === row.district)?.name || row.district || nowhere(row);
  const known = row => districts.some(one => one.code === row.district);
  const unplaced = answer.changed.some(row => row.unlocated_after);
  const home = answer.changed.map(row => row.district).find(Boolean);  // the plan page opens on it
  const others = answer.reports.filter(one => one.layer && !one.unchanged && !answer.changed.some(row => one.layer.split(',').includes(row.layer)));
  return h('section', { class: 'card', id: 'done', tabindex: '-1' },
    h('h2', null, t('import.done')),
    h('p', null, t('import.version', { n: number(answer.data_version) })),
    answer.changed.length ? h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t('import.changed') }, h('table', { id: 'changed' },
      h('caption', null, t('import.changed')),
      h('thead', null, h('tr', null, ['layer', 'district', 'before', 'after', 'difference', 'newest'].map((head, i) => h('th', { scope: 'col', class: i > 1 && i < 5 ? 'n' : '' }, t(`import.head.${head}`))))),
      h('tbody', null, answer.changed.map(row => h('tr', null, h('th', { scope: 'row' }, name(row.layer)), h('td', null, known(row) ? h('a', { href: `${planner}#d=${row.district}` }, place(row)) : place(row)),
        h('td', { class: 'n' }, number(row.rows_before)), h('td', { class: 'n' }, number(row.rows_after)), h('td', { class: 'n' }, signed(row.rows_after - row.rows_before)),
        h('td', null, date(row.newest_after))))))) : null,
    unplaced ? h('p', { class: 'fine', id: 'no-place' }, t('import.no-place.why')) : null,
    others.length ? h('p', null, t('import.also', { names: [...new Set(others.map(one => one.layer.split(',').map(name).join(', ')))].join(', ') })) : null,
    !answer.changed.length && !others.length ? h('p', null, t('import.same')) : null,
    undo(answer.imports, { name }),
    h('div', { class: 'buttons' }, h('a', { class: 'button primary', id: 'to-planner', href: home ? `${planner}#d=${home}` : planner }, home ? t('import.to-district', { name: districts.find(one => one.code === home)?.name || home }) : t('import.to-planner')),
      h('button', { type: 'button', class: 'button', onclick: more }, t('import.another'))));
}
