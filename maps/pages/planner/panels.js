// What was found, as lists: ranked gap areas, cover by need and by dong, dates and states of the data.
import { h, replace } from '../lib/dom.js';
import { textOf } from '../map-kit.js';
import { dates, households, moment, number, percent } from '../lib/format.js';
import { lang, t } from '../lib/i18n.js';
import { empty } from '../lib/states.js';
import { coverBar, unstable } from './popup.js';

// hooks: onGap(i, byKeyboard), onPlan(i), onStability()
export function gapsPanel(element, map, hooks) {
  const { view } = map, rows = view.gap_rows || [];
  if (!rows.length) return empty(element, t('p.no-gaps'), h('p', { class: 'fine' }, t('p.no-gaps-help')));
  const limit = view.about.settings.gap_threshold;
  const held = rows.some(row => row.stability !== null && row.stability !== undefined);
  const [total, uncovered] = ['households', 'uncovered_households'].map(name => rows.reduce((sum, row) => sum + row[name], 0));
  const guessed = rows.some(row => row.estimated);
  return replace(element,
    h('p', { class: 'lead' }, t('p.gaps-sum', { n: number(rows.length), households: number(total), uncovered: number(uncovered) }), guessed ? ` (${t('p.estimated')})` : ''),
    h('table', { class: 'list', id: 'gap-table' },
      h('caption', null, t('p.gaps-caption', { limit: percent(limit) })),
      h('thead', null, h('tr', null, h('th', { scope: 'col', class: 'n' }, t('p.rank')), h('th', { scope: 'col' }, t('p.where')), h('th', { scope: 'col', class: 'n' }, t('p.uncovered')), h('th', { scope: 'col', class: 'n' }, t('p.cover')), h('th', { scope: 'col' }, h('span', { class: 'visually-hidden' }, t('p.do'))))),
      h('tbody', null, rows.map((row, i) => h('tr', { data: { gap: i }, class: i === map.shown.gap ? 'chosen' : '' },
        h('td', { class: 'rank n' }, h('b', null, row.rank)),
        h('td', null, h('button', { type: 'button', class: 'plain', onclick: event => hooks.onGap(i, event.detail === 0) }, row.dong_name),
          h('small', null, row.grid_id, row.stability !== null && row.stability !== undefined ? ` · ${t('p.holds', { share: percent(row.stability) })}` : ''),
          unstable(row.stability) ? h('b', { class: 'chip warn' }, t('p.unstable')) : null),
        h('td', { class: 'n' }, number(row.uncovered_households)),
        h('td', { class: 'n' }, percent(row.cover, limit)),
        h('td', { class: 'n' }, h('button', { type: 'button', class: 'button small', 'aria-label': t('p.plan-gap-label', { n: row.rank }), onclick: () => hooks.onPlan(i) }, t('p.plan-gap'))))))),
    map.cells && map.cells.edge.length ? h('p', { class: 'fine' }, t('p.edge-note', { n: number(map.cells.edge.length) })) : null,
    h('div', { class: 'buttons' }, h('button', { type: 'button', class: 'button small', id: 'stability', onclick: hooks.onStability }, t(held ? 'p.stability-again' : 'p.stability-ask'))),
    h('p', { class: 'fine' }, held ? t('p.stability-help') : t('p.stability-what')),
    thresholds(view.about));
}

function thresholds(about) {
  return h('details', { class: 'more' }, h('summary', null, t('p.thresholds')), h('table', null, h('caption', null, t('p.thresholds-caption')),
    h('thead', null, h('tr', null, [t('p.threshold'), t('p.gap-areas'), 'ha', t('p.households'), t('p.uncovered')].map((name, i) => h('th', { scope: 'col', class: i ? 'n' : '' }, name)))),
    h('tbody', null, about.thresholds.map(row => h('tr', null, h('th', { scope: 'row' }, `< ${percent(row.threshold)}`), [number(row.gap_areas), number(row.area_ha, 0), number(row.households), number(row.uncovered_households)].map(text => h('td', { class: 'n' }, text)))))));
}

export function coverPanel(element, map, plan, onDong) {
  const { about } = map.view;
  if (!map.internal) return publicDongs(element, map, onDong);
  const needs = [...about.needs].sort((a, b) => (b.need === 'combined') - (a.need === 'combined'));
  const after = plan ? afterShares(map, plan) : {};
  const share = value => (plan ? `${number(value * 100, 1)} %` : percent(value));
  const state = row => row.state === 'none' ? h('b', { class: 'chip none' }, t('no-data')) : [row.state === 'partial' ? h('b', { class: 'chip warn' }, t('p.state-partial')) : null, row.takes_part || row.need === 'combined' ? null : h('b', { class: 'chip' }, t('p.apart')), row.on_duty ? null : h('b', { class: 'chip' }, t('p.off-duty'))];
  return replace(element,
    h('table', { class: 'list' }, h('caption', null, t('p.needs-caption')),
      h('thead', null, h('tr', null, h('th', { scope: 'col' }, t('p.need')), h('th', { scope: 'col', colspan: 2 }, t('p.share-of')), plan ? h('th', { scope: 'col', class: 'n' }, t('p.after')) : null, h('th', { scope: 'col', class: 'n' }, t('p.uncovered')))),
      h('tbody', null, needs.map(row => h('tr', { class: row.need === 'combined' ? 'sum' : '' },
        h('th', { scope: 'row' }, row.need === 'combined' ? t('p.combined') : row.need_name, ' ', state(row)),
        h('td', { class: 'n' }, row.share_covered === null ? '—' : share(row.share_covered)), h('td', { class: 'barcell' }, coverBar(row.share_covered)),
        plan ? h('td', { class: 'n' }, row.need in after ? share(after[row.need]) : 'combined' in after && row.share_covered !== null ? share(row.share_covered) : '—') : null,
        h('td', { class: 'n' }, row.share_covered === null ? '—' : number(row.uncovered_households)))))),
    h('p', { class: 'fine' }, t('p.score-note')),
    h('table', { class: 'list', id: 'dong-table' }, h('caption', null, t('p.dongs-caption')),
      h('thead', null, h('tr', null, h('th', { scope: 'col' }, t('p.dong')), h('th', { scope: 'col', class: 'n' }, t('p.households')), h('th', { scope: 'col', class: 'n' }, t('p.uncovered')), h('th', { scope: 'col', colspan: 2 }, t('p.combined-cover')), h('th', { scope: 'col', class: 'n' }, t('p.gaps-short')))),
      h('tbody', null, map.view.dongs.rows.map((row, i) => [row, i]).sort((a, b) => b[0].uncovered_households - a[0].uncovered_households).map(([row, i]) => h('tr', { data: { dong: i } },
        h('th', { scope: 'row' }, h('button', { type: 'button', class: 'plain', onclick: () => onDong(i) }, row.dong_name)),
        h('td', { class: 'n' }, number(row.households)), h('td', { class: 'n' }, number(row.uncovered_households)), h('td', { class: 'n' }, percent(row.share_combined)), h('td', { class: 'barcell' }, coverBar(row.share_combined)), h('td', { class: 'n' }, number(row.gap_areas)))))));
}

// Shares once the plan is built, over the cells: sum(households x cover) / sum(households).
function afterShares(map, plan) {
  const { cells } = map, shares = {};
  if (!map.after || !cells) return shares;
  for (const [need, cover] of Object.entries(map.after)) {
    let reached = 0, all = 0;
    for (let i = 0; i < cells.count; i++) { if (cells.households[i] < 0 || cover[i] < 0) continue; all += cells.households[i]; reached += cells.households[i] * cover[i] / 1000; }
    if (all) shares[need] = reached / all;
  }
  return shares;
}

function publicDongs(element, map, onDong) {
  return replace(element, h('table', { class: 'list', id: 'dong-table' }, h('caption', null, t('p.public-caption')),
    h('tbody', null, map.dongs.names.map((name, i) => h('tr', { data: { dong: i } },
      h('th', { scope: 'row' }, h('button', { type: 'button', class: 'plain', onclick: () => onDong(i) }, name)),
      map.view.dongs.facts[i].map(fact => said(fact)).map(([label, value]) => h('td', { class: 'n' }, h('small', null, label), ' ', value)))))));
}

// The service's facts of a dong are in Korean; in English the same figures under English names.
const FACTS = { '1인가구': 'p.households', '면적': 'p.area', '가구 밀도': 'p.density' };
export const said = ([label, value]) => (lang === 'en' && FACTS[label] ? [t(FACTS[label]), value.replace(' 가구/ha', '/ha').replace('가구', '').replace('5 미만', t('p.under-five'))] : [label, value]);

// What is not dated stands out: it is in the figures all the same.
function dated(range, undated) {
  if (!range || !range[0]) return h('b', { class: 'chip warn' }, t('date-unknown'));
  return [dates(range), undated ? h('small', null, t('p.rows-undated', { n: number(undated) })) : null];
}

function undatedRows(map, id) {
  const layer = map.layers.find(one => one.id === id);
  if (layer.undated === undefined) {
    layer.undated = 0;
    for (let i = 0; i < layer.count; i++) if (!layer.near(i) && !textOf(layer, 'dates', i)) layer.undated++;
  }
  return layer.undated;
}

export function dataPanel(element, map) {
  const { about } = map.view, names = Object.fromEntries(map.layers.map(layer => [layer.id, layer.name]));
  const rows = map.layers.map(layer => [layer.id, layer.name, layer.known ? (layer.total ? t('p.rows', { n: number(layer.inside) }) : number(0)) : null]);
  const others = Object.keys(about.data_dates).filter(name => !(name in names));
  return replace(element,
    h('table', { class: 'list' }, h('caption', null, t('p.data-caption')),
      h('thead', null, h('tr', null, h('th', { scope: 'col' }, t('p.layer')), h('th', { scope: 'col', class: 'n' }, t('p.inside')), h('th', { scope: 'col' }, t('p.data-date')))),
      h('tbody', null,
        rows.map(([id, name, count]) => h('tr', { class: count === null ? 'absent' : '' }, h('th', { scope: 'row' }, name), h('td', { class: 'n' }, count === null ? h('b', { class: 'chip none' }, t('no-data')) : count), h('td', null, count === null ? '—' : dated(about.data_dates[id], undatedRows(map, id))))),
        others.map(name => h('tr', null, h('th', { scope: 'row' }, t(`p.table-${name}`)), h('td', { class: 'n' }, '—'), h('td', null, dated(about.data_dates[name], 0)))))),
    h('p', { class: 'fine' }, t('p.no-data-note')),
    map.internal ? h('dl', { class: 'facts wide' },
      [[t('p.demand-source'), t(`p.demand-${about.demand_source}`)], [t('p.at'), moment(about.at.replace(' ', 'T'))], [t('p.who'), about.who || t('p.everyone')], [t('p.households'), households(about.households)], [t('p.dense-reached'), percent(about.dense_share_reached)]].map(([name, value]) => [h('dt', null, name), h('dd', null, value)])) : null,
    (about.notes || []).length ? h('details', { class: 'more' }, h('summary', null, t('p.notes')), h('ul', null, about.notes.map(note => h('li', null, note)))) : null);
}
