// What a click on the map tells, as nodes: no name in the data is read as markup.
import { textOf, stackedWith, unpackTexts } from '../map-kit.js';
import { h } from '../lib/dom.js';
import { date, households, metres, number, percent } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { kindWords } from './names.js';
import { said } from './panels.js';

const clipped = text => (text.length > 60 ? `${text.slice(0, 59)}…` : text);
const facts = rows => h('dl', { class: 'facts' }, rows.filter(([, value]) => value !== '' && value !== null && value !== undefined).map(([name, value]) => [h('dt', null, name), h('dd', null, value)]));
const box = (title, where, ...parts) => h('div', { class: 'popup', tabindex: '-1' }, h('h3', null, clipped(title)), where ? h('p', { class: 'where' }, where) : null, parts);

export function gapPopup(map, i, actions) {
  const row = map.view.gap_rows[i], { threshold } = map.cells;
  const about = (row.estimated ? v => t('p.about', { v }) : v => v);
  const covers = map.view.about.needs.filter(need => need.need !== 'combined').map(need => [need.need_name, row[`cover_${need.need}`], need]);
  const nearest = map.gaps[i].nearest.slice(0, 6);
  return box(t('p.gap-title', { n: row.rank }) + (unstable(row.stability) ? ` · ${t('p.unstable')}` : ''), `${row.dong_name} · ${t('p.grid-id')} ${row.grid_id}`,
    facts([
      [t('p.households'), about(households(row.households))], [t('p.uncovered'), about(households(row.uncovered_households))],
      [t('p.area'), `${number(row.area_ha, 1)} ha`], [t('p.density'), t('p.per-ha', { n: number(row.households_per_ha, 0) })],
      [t('p.combined-cover'), percent(row.cover, threshold / 100)],
      row.stability === null || row.stability === undefined ? ['', ''] : [t('p.stability'), percent(row.stability)],
    ]),
    h('table', { class: 'covers' }, h('caption', null, t('p.cover-by-need')), h('tbody', null, covers.map(([name, cover, need]) => h('tr', null,
      h('th', { scope: 'row' }, name), h('td', { class: 'n' }, percent(cover, threshold / 100)), h('td', null, coverBar(cover)), h('td', null, need.state === 'partial' ? t('p.state-partial') : ''))))),
    h('details', { class: 'more' }, h('summary', null, t('p.nearest')), h('table', { class: 'covers' }, h('tbody', null, nearest.map(([layer, name, distance]) => h('tr', null,
      h('th', { scope: 'row' }, layer), h('td', null, clipped(name)), h('td', { class: 'n' }, distance)))))),
    actions ? h('div', { class: 'buttons' }, actions) : null);
}

export const unstable = share => share !== null && share !== undefined && share < 0.6;

export function coverBar(share) {
  if (share === null || share === undefined) return null;
  return h('span', { class: 'bar', 'aria-hidden': 'true' }, h('i', { style: { width: `${Math.round(share * 100)}%` } }));
}

export function facilityPopup(layer, i) {
  const rows = i < layer.count ? stackedWith(layer, i) : [i];
  const name = k => textOf(layer, 'names', k) || layer.name;
  const row = k => facts([
    [t('p.devices'), layer.devices(k) === 1 ? '' : `${number(layer.devices(k))}${layer.unit}`],
    [t('p.address'), textOf(layer, 'addresses', k)], [t('p.hours'), textOf(layer, 'hours', k)], [t('p.data-date'), textOf(layer, 'dates', k) ? date(textOf(layer, 'dates', k)) : ''],
    [t('p.place'), layer.near(k) ? t('p.outside') : ''], [t('p.flags'), textOf(layer, 'flags', k)], [t('p.id'), textOf(layer, 'ids', k)],
  ]);
  if (rows.length === 1) return box(name(i), name(i) === layer.name ? '' : layer.name, row(i));
  return box(layer.name, t('p.stacked', { n: number(rows.length) }), h('ol', { class: 'stack' }, rows.slice(0, 20).map(k => h('li', null, h('b', null, clipped(name(k))), row(k)))),
    rows.length > 20 ? h('p', { class: 'fine' }, t('p.more-rows', { n: number(rows.length - 20) })) : null);
}

export function cellPopup(map, i) {
  const { cells } = map;
  cells.gridNames = cells.gridNames || unpackTexts(cells.names, cells.count);
  const limit = cells.threshold / 100;
  const covers = [...map.view.about.needs].sort((a, b) => (b.need === 'combined') - (a.need === 'combined')).map(need => {
    const cover = map.coverOf(need.need);
    const name = need.need === 'combined' ? t('p.combined') : need.need_name;
    return [name, !cover || cover[i] < 0 ? t('no-data') : percent(cover[i] / 1000, limit)];
  });
  const notes = [cells.dense[i] ? t('p.dense-cell') : '', cells.edge.includes(i) ? t('p.edge') : ''].filter(Boolean).join(', ');
  return box(map.dongs.names[cells.dong[i]], t('p.cell', { id: cells.gridNames[i] }),
    facts([[t('p.households'), cells.households[i] < 0 ? t('p.dong-only') : households(cells.households[i] / 10, 1)], ...covers, [t('p.kind'), notes]]));
}

export function dongPopup(map, i) {
  const row = map.view.dongs.rows ? map.view.dongs.rows[i] : null;
  if (!row) return box(map.dongs.names[i], '', facts(map.view.dongs.facts[i].map(fact => said(fact))));
  return box(row.dong_name, '', facts([[t('p.households'), households(row.households)], [t('p.uncovered'), households(row.uncovered_households)], [t('p.combined-cover'), percent(row.share_combined)], [t('p.gap-areas'), number(row.gap_areas)]]));
}

export function sitePopup(site, names, actions) {
  return box(t('p.site-title', { n: site.number, layer: site.layer_name }), [site.dong_name, `${t('p.grid-id')} ${site.grid_id}`].filter(Boolean).join(' · '), facts(siteFacts(site, names)), h('div', { class: 'buttons' }, actions));
}

export function siteFacts(site, names) {
  return [
    ...Object.entries(site.gained || {}).map(([need, gain]) => [t('p.adds', { need: names[need] || need }), households(gain, 1)]),
    [t('p.stands'), kindWords(site.kind)], [t('p.cost'), site.cost], [t('p.stability-site'), site.stability === null || site.stability === undefined ? '' : percent(site.stability) + (unstable(site.stability) ? ` · ${t('p.unstable')}` : '')],
    [t('p.flags'), site.flags], [t('p.near-facility'), site.nearest ? `${clipped(site.nearest.address || site.nearest.name || site.nearest.id)}, ${metres(site.nearest.distance_m)}` : ''],
  ];
}
