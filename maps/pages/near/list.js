// What is near, by layer: each place with its metres, minutes, direction, whether it is open, and the date of its data.

import { h } from '../lib/dom.js';
import { date, number } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { inkOn } from './map.js';

const names = list => [...new Set(list)].join(', ');

// The nearest refuge that is open, else the nearest of unknown hours, called so: the one line for whoever has no time.
export function nearestOpen(entries) {
  const refuges = entries.filter(entry => entry.supplies.includes('refuge'));
  const nearest = which => refuges.map(entry => entry[which]).filter(Boolean).sort((a, b) => a.metres - b.metres)[0];
  const open = nearest('nearestOpen'), place = open || nearest('nearestUnknown');
  const unknown = refuges.every(entry => entry.noData && !entry.found);
  const hidden = new Map();
  for (const entry of refuges) for (const [name, n] of entry.hidden) hidden.set(name, (hidden.get(name) || 0) + n);
  return h('section', { class: `nearest ${open ? 'found' : ''}`, id: 'nearest', 'aria-labelledby': 'nearest-title' },
    h('h2', { id: 'nearest-title' }, t(open ? 'near.nearest' : place ? 'near.nearest.maybe' : unknown ? 'near.nearest.unknown' : 'near.nearest.none')),
    place ? [
      h('p', { class: 'name' }, nameOf(place, refuges.find(entry => entry.id === place.layer))),
      h('p', null, way(place)), stateOf(place), place.address ? h('p', { class: 'fine' }, place.address) : null,
    ] : hidden.size && !unknown ? h('p', null, t('near.nearest.hidden', hiddenWords(hidden))) : null);
}

// Sections of the layers. `page`: { here, more: Set, filter, i_am_here(place) }.
export function sections(entries, page) {
  const gone = entries.filter(entry => entry.goneTo);
  const found = gone.filter(entry => entry.places.length), rest = gone.filter(entry => !entry.places.length);
  return [...found.map(entry => section(entry, page)), page.here ? counts(entries.filter(entry => !entry.goneTo)) : null, nothing(rest, page)];
}

// Layers of which nothing is near: that there is no data is another thing than that there is none.
function nothing(entries, page) {
  if (!entries.length) return null;
  return h('section', { class: 'layer', id: 'rest' }, h('h3', null, t('near.rest')), h('dl', null, entries.map(entry => [
    h('dt', null, entry.name),
    h('dd', { data: { layer: entry.id } }, t(entry.noData ? 'near.layer.no-data' : entry.hidden.size ? 'near.layer.old' : page.here ? 'near.layer.none' : page.filter.trim() ? 'near.layer.none.found' : 'near.layer.none.in'), asides(entry)),
  ])));
}

// How many are too old to be shown, and where: a file may hold a few places of the district next door, counted there.
function hiddenWords(hidden) {
  const all = [...hidden], n = all.reduce((sum, [, some]) => sum + some, 0);
  return { n: number(n), where: all.map(([name, some]) => all.length > 1 ? t('near.hidden.part', { name, n: number(some) }) : name).join(', ') };
}

function asides(entry) {
  return [
    entry.unknownIn.length && !entry.noData ? h('p', { class: 'fine' }, t('near.layer.unknown-in', { names: names(entry.unknownIn) })) : null,
    entry.hidden.size ? h('p', { class: 'fine' }, t('near.layer.hidden', hiddenWords(entry.hidden))) : null,
  ];
}

function section(entry, page) {
  const more = entry.found > entry.places.length;
  return h('section', { class: 'layer', data: { layer: entry.id } },
    h('h3', null, h('i', { class: 'swatch', style: { '--c': entry.marker.colour }, 'aria-hidden': 'true' }), entry.name),
    h('ol', null, entry.places.map(place => item(place, entry, page))),
    more ? h('button', { type: 'button', class: 'button more', data: { key: `more-${entry.id}` }, onclick: () => page.more(entry.id) },
      `${t('near.more')} (${page.here ? t('near.layer.more', { n: number(entry.found) }) : number(entry.found)})`) : null,
    asides(entry));
}

function item(place, entry, page) {
  const name = nameOf(place, entry);
  return h('li', { data: { id: place.id } },
    h('span', { class: 'mark', style: { '--c': entry.marker.colour, '--on': inkOn(entry.marker.colour) } }, place.n),
    h('div', null,
      h('p', { class: 'name' }, name),
      page.here ? h('p', null, way(place)) : null,
      stateOf(place),
      h('p', { class: 'fine' }, [place.address, t('near.date', { date: date(place.date) })].filter(Boolean).join(' · ')),
      page.here ? null : h('button', { type: 'button', class: 'button', data: { key: `at-${place.id}` },
        'aria-label': t('near.i-am-here.of', { name }), onclick: () => page.standAt(place, name) }, t('near.i-am-here'))));
}

const nameOf = (place, entry) => place.name || t('near.no-name', { layer: entry.name });

const way = place => [h('b', null, `${number(place.metres)} m`), ` ${t(`near.dir.${place.direction}`)} · ${t('near.walk', { n: place.minutes })}`];

function stateOf(place) {
  const key = place.always ? 'near.open.always' : `near.${place.state}${place.changes ? '.until' : ''}`;
  const text = place.state === 'open' && place.changes ? 'near.open.until' : key;
  return h('p', null, h('span', { class: `state ${place.state}` }, t(text, { time: place.changes })));
}

// Lamps and cameras within 100 m: numbers only. No data is not zero, nor is none among part of them.
function counts(entries) {
  const texts = entries.map(entry => entry.noData && !entry.devices
    ? t('near.counts.no-data', { name: entry.name })
    : entry.partial && !entry.devices ? t('near.counts.partial-none', { name: entry.name })
      : t(entry.partial ? 'near.counts.partial' : 'near.counts.n', { name: entry.name, n: number(entry.devices), unit: entry.unit }));
  return texts.length ? h('section', { class: 'layer counts', id: 'counts' }, h('h3', null, t('near.counts')), h('p', null, texts.join(' · '))) : null;
}

export const within = (home, here) => here ? t('near.within', { name: home }) : t('near.in', { name: home });
