// A district's bundle, opened: places in metres, whether each is open, and what is near. docs/api.md says what a bundle is.

import { lang } from '../lib/i18n.js';
import { toMetres } from './grid.js';

export const WITHIN_M = 1000;
export const COUNTED_WITHIN_M = 100;
const WALK_M_PER_MIN = 66;  // 1.1 m/s
const MINUTE_MS = 60000, DAY_MS = 24 * 60 * MINUTE_MS;
const DIRECTIONS = ['n', 'ne', 'e', 'se', 's', 'sw', 'w', 'nw'];

export function openBundle(sent) {
  const start = Date.parse(`${sent.made_on}T00:00:00+09:00`);  // Seoul's midnight, whatever the phone's zone
  return {
    code: sent.district.code, name: sent.district.name, madeOn: sent.made_on, validUntil: sent.valid_until, start,
    end: Date.parse(`${sent.valid_until}T00:00:00+09:00`) + DAY_MS,
    layers: sent.layers.map(layer => openLayer(layer, sent.degrees)),
  };
}

function openLayer(sent, degrees) {
  const lon = summed(sent.lon), lat = summed(sent.lat);
  const x = new Float64Array(lon.length), y = new Float64Array(lon.length);
  for (let i = 0; i < lon.length; i++) ({ x: x[i], y: y[i] } = toMetres(lon[i] / degrees, lat[i] / degrees));
  return {
    id: sent.id, name: lang === 'en' && sent.name_en || sent.name, unit: sent.unit, supplies: sent.supplies, marker: sent.marker, goneTo: sent.gone_to,
    noData: sent.no_data, partial: Boolean(sent.partial), hiddenAsOld: sent.hidden_as_old, count: sent.count, x, y, devices: sent.devices,
    ids: sent.ids, names: sent.names, addresses: sent.addresses,
    date: i => sent.date_texts[sent.dates[i]], dates: sent.date_texts.filter(Boolean),
    opens: i => sent.opens[sent.hours[i]], until: i => sent.until_texts[sent.until[i]],
  };
}

function summed(steps) {
  let sum = 0;
  return steps.map(step => sum += step);
}

// Today in Seoul, 'YYYY-MM-DD'.
export function seoulDay(now) {
  return new Date(now + 9 * 60 * MINUTE_MS).toISOString().slice(0, 10);
}

// Whole days since the bundle may no longer be used, 0 while it may.
export function daysOld(bundle, now) {
  return Math.max(0, Math.ceil((now - bundle.end) / DAY_MS));
}

// { state: 'open' | 'closed' | 'unknown', changes: 'HH:MM' of Seoul when that ends within a day, always: never ends }.
// Before and after the bundle's days nothing is known of hours.
export function openAt(bundle, opens, now) {
  const minute = Math.floor((now - bundle.start) / MINUTE_MS);
  if (now < bundle.start || now >= bundle.end) return { state: 'unknown' };
  let at = 0;
  while (at + 2 < opens.length && opens[at + 2] <= minute) at += 2;
  const state = ['open', 'closed', 'unknown'][opens[at + 1]];
  if (opens.length === 2) return { state, always: state === 'open' };
  const next = opens[at + 2];
  if (next === undefined || next - minute >= 24 * 60 || opens[at + 3] === 2) return { state };
  const clock = next % (24 * 60);
  return { state, changes: `${String(Math.floor(clock / 60)).padStart(2, '0')}:${String(clock % 60).padStart(2, '0')}` };
}

export function walkMinutes(metres) {
  return Math.ceil(metres / WALK_M_PER_MIN);
}

// Grid north, which is within two degrees of true north in Korea.
export function direction(here, place) {
  const eighths = Math.round(Math.atan2(place.x - here.x, place.y - here.y) / (Math.PI / 4));
  return DIRECTIONS[(eighths + 8) % 8];
}

// What is near `here` in the bundles (the one of the district first), at a moment: one entry a layer, as planned for
// the street at night: where one can go in, then what calls for help, then the rest. Without `here` all places, by name.
export function rank(bundles, here, now, { within = WITHIN_M, limit = 3, keep = () => true } = {}) {
  const today = seoulDay(now);
  const entries = new Map();
  bundles.forEach((bundle, number) => bundle.layers.forEach(layer => {
    const entry = entries.get(layer.id) || newEntry(layer);
    entries.set(layer.id, entry);
    if (!number) Object.assign(entry, { noData: layer.noData, partial: layer.partial });
    else if (layer.noData) entry.unknownIn.push(bundle.name);
    hide(entry, bundle, layer.hiddenAsOld);
    if (layer.goneTo) addPlaces(entry, bundle, layer, here, now, { today, within, keep });
    else entry.devices += devicesWithin(layer, here, COUNTED_WITHIN_M);
  }));
  for (const entry of entries.values()) {
    entry.places.sort(here ? nearestFirst : byName);
    entry.found = entry.places.length;
    entry.nearestOpen = here && entry.places.find(place => place.state === 'open');
    entry.nearestUnknown = here && entry.places.find(place => place.state === 'unknown');
    entry.places = entry.places.slice(0, typeof limit === 'function' ? limit(entry.id) : limit);
  }
  return [...entries.values()].sort((a, b) => a.order - b.order);
}

// Places too old to be shown, by the name of the district whose bundle counts them.
function hide(entry, bundle, n) {
  if (n) entry.hidden.set(bundle.name, (entry.hidden.get(bundle.name) || 0) + n);
}

const nearestFirst = (a, b) => a.metres - b.metres || (a.id < b.id ? -1 : 1);
const byName = (a, b) => (a.name || '').localeCompare(b.name || '', 'ko') || (a.id < b.id ? -1 : 1);

function newEntry(layer) {
  return {
    id: layer.id, name: layer.name, unit: layer.unit, marker: layer.marker, goneTo: layer.goneTo,
    supplies: layer.supplies, order: orderOf(layer), noData: false, partial: false, unknownIn: [], hidden: new Map(), devices: 0, places: [],
  };
}

function orderOf(layer) {
  if (layer.supplies.includes('refuge')) return layer.id === 'police_box' ? 0 : 1;
  if (layer.id === 'emergency_bell') return 2;
  if (layer.supplies.includes('parcel')) return 4;
  return layer.goneTo ? 3 : 5;
}

function addPlaces(entry, bundle, layer, here, now, { today, within, keep }) {
  for (let i = 0; i < layer.count; i++) {
    const metres = here ? Math.hypot(layer.x[i] - here.x, layer.y[i] - here.y) : 0;
    if (metres > within || !keep(layer.names[i], layer.addresses[i])) continue;
    if (layer.until(i) < today) {  // became too old while the bundle lay on the phone
      hide(entry, bundle, 1);
      continue;
    }
    entry.places.push({
      id: `${layer.id}:${layer.ids[i]}`, layer: layer.id, name: layer.names[i], address: layer.addresses[i],
      x: layer.x[i], y: layer.y[i], metres: Math.round(metres), minutes: walkMinutes(Math.round(metres)),
      direction: here ? direction(here, { x: layer.x[i], y: layer.y[i] }) : '', date: layer.date(i),
      ...openAt(bundle, layer.opens(i), now),
    });
  }
}

function devicesWithin(layer, here, within) {
  let sum = 0;
  for (let i = 0; here && i < layer.count; i++) {
    if (Math.hypot(layer.x[i] - here.x, layer.y[i] - here.y) <= within) sum += layer.devices[i];
  }
  return sum;
}
