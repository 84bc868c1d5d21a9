// The phone page: how to call 112 from here, then what is near. The position stays in `page`, in memory, and is asked of
// nobody: districts are chosen from outlines, places ranked from bundles (data.js), both held on the phone.

import { announce, byId, h, replace } from '../lib/dom.js';
import { date, dateRange, dates } from '../lib/format.js';
import { addWords, lang, linkTo, t } from '../lib/i18n.js';
import { takeKeyFromLink } from '../lib/session.js';
import { WITHIN_M, rank } from './bundle.js';
import { accuracyText, bar, card } from './call.js';
import en from './en.js';
import ko from './ko.js';
import { chooseDistrict } from './choose.js';
import * as data from './data.js';
import { gridCode, inKorea, spoken, toMetres } from './grid.js';
import { nearestOpen, sections, within } from './list.js';
import { LAST_STEP, drawMap, stepFor } from './map.js';
import { notices } from './notices.js';
import { districtsNear } from './places.js';
import { allowedBefore, follow } from './position.js';
import { renew } from './renew.js';
import { offer, readCode } from './typed.js';

addWords(ko, en);

const FIRST = 3, MORE = 10;  // places of a layer
const MOVED_M = 5, PRESS_PX = 24;
const LOOK_AGAIN_MS = 20000;  // opening hours go on while the page lies open, and what was not to be had is asked for again
const SLOW_MS = 8000;  // by then a position is there, or somebody must do something for it
const OTHERS_WAIT_MS = 3000;  // for the neighbour's data, once the district's own are there: nothing jumps

const page = {
  place: null,  // { lon, lat, x, y, accuracy_m, chosen, at, doubt }: shown as a code; `at` the moment, `doubt` where it may no longer hold
  problem: '', locating: false, slow: false,
  outlines: null, outlinesLack: '',
  home: null, others: [],  // districts
  choosing: false,  // asked for before the outlines came
  bundles: new Map(), lack: new Map(), loading: new Set(), unrenewed: new Set(), homeAt: 0,  // by code
  limits: new Map(), filter: '', step: 0, zoomed: false, toTitle: false,
  get here() { return this.place; },
  more(layer) { this.limits.set(layer, (this.limits.get(layer) || FIRST) + MORE); render(); },
  standAt(place, name) { choosePlace({ x: place.x, y: place.y, accuracy_m: 0, chosen: name }); },
};
let position = null, slow = 0;

function locate() {
  position?.stop();
  Object.assign(page, { place: null, problem: '', locating: true, slow: false, zoomed: false, choosing: false });
  position = follow(found, problem => {
    Object.assign(page, { place: null, locating: false, problem });
    render();
  }, () => {
    if (page.place) Object.assign(page.place, { doubt: true });
    render();
  });
  clearTimeout(slow);
  slow = setTimeout(() => { page.slow = page.locating; render(); }, SLOW_MS);
  render();
}

function found({ lon, lat, accuracy_m }) {
  page.locating = false;
  if (!inKorea(lon, lat)) {
    Object.assign(page, { place: null, problem: 'abroad', home: null, others: [] });
    render();
    return;
  }
  const place = { lon, lat, accuracy_m, at: Date.now(), ...toMetres(lon, lat) };
  const before = page.place;
  const certain = before && !before.doubt;
  if (certain) before.at = place.at;
  if (certain && Math.hypot(before.x - place.x, before.y - place.y) < MOVED_M && Math.abs(before.accuracy_m - accuracy_m) < MOVED_M) return;
  Object.assign(page, { place, problem: '' });
  settle();
  render();
  const code = gridCode(place);
  if (!before && code) announce(`${spoken(code)}. ${accuracyText(place)}`);
}

function choosePlace(place) {
  position?.stop();
  Object.assign(page, { place, problem: '', locating: false, zoomed: false, filter: '', choosing: false });
  byId('find').value = '';
  replace(byId('find-code'));
  settle();
  render();
  scrollTo({ top: 0 });
  byId('call-card').focus();
}

// The middle of the square that a code names; the code is what it is called.
function standAtCode({ x, y, size_m, text }) {
  choosePlace({ x, y, accuracy_m: size_m / 2, chosen: text, square_m: size_m });
}

// The field over the list: names and addresses filter it, a code leads to its place.
function typed(text) {
  const code = readCode(text);
  replace(byId('find-code'), code ? offer(code, standAtCode) : null);
  page.filter = code ? '' : text;
  render();
}

function pickDistrict(district) {
  position?.stop();
  Object.assign(page, { place: null, problem: '', locating: false, home: district, others: [], zoomed: false });
  page.limits.clear();
  page.toTitle = true;
  load();
  render();
}

// Which districts matter for the place.
function settle() {
  if (!page.place || !page.outlines) return;
  const reach = WITHIN_M + Math.min(page.place.accuracy_m, WITHIN_M);
  const before = page.home?.code;
  Object.assign(page, districtsNear(page.outlines, page.place, reach));
  if (page.home?.code !== before) page.homeAt = 0;
  load();
}

const wanted = () => [page.home, ...page.others].filter(Boolean);

// `again` asks for all of them anew; `quietly` leaves what is said of them until something else is to be said.
function load({ again = false, quietly = false } = {}) {
  for (const { code } of wanted()) {
    if (page.loading.has(code) || (!again && (page.bundles.has(code) || page.lack.has(code)))) continue;
    page.loading.add(code);
    if (!quietly) page.lack.delete(code);
    data.bundle(code, bundle => {
      page.bundles.set(code, bundle);
      page.lack.delete(code);
      render();
    }).then(why => page.unrenewed[why ? 'add' : 'delete'](code), error => page.lack.set(code, error.why || 'failed')).finally(() => {
      page.loading.delete(code);
      render();
    });
  }
}

async function loadOutlines({ quietly = false } = {}) {
  if (!quietly) page.outlinesLack = '';
  try {
    await data.outlines(outlines => {
      Object.assign(page, { outlines, outlinesLack: '' });
      settle();
      render();
      if (page.choosing) openChoice();
    });
  } catch (error) {
    page.outlinesLack = error.why || 'failed';
    page.choosing = false;
    render();
  }
}

function again() {
  loadOutlines();
  load({ again: true });
  render();
}

// Opening hours go on; what could not be had is asked for again, by itself, while somebody looks.
function lookAgain() {
  render();
  if (document.hidden || navigator.onLine === false) return;
  const short = why => why !== 'key' && why !== 'gone';
  if (!page.outlines && page.outlinesLack && short(page.outlinesLack)) loadOutlines({ quietly: true });
  if (wanted().some(({ code }) => page.unrenewed.has(code) || (page.lack.has(code) && short(page.lack.get(code))))) load({ again: true, quietly: true });
}

// Whether the list can be shown: the district's own data are there or not to be had, and its neighbours' are not far behind.
function complete() {
  const known = ({ code }) => page.bundles.has(code) || page.lack.has(code);
  if (page.home && !known(page.home)) return false;
  if (page.others.every(known)) return true;
  if (!page.homeAt) {
    page.homeAt = Date.now();
    setTimeout(render, OTHERS_WAIT_MS + 50);
  }
  return Date.now() - page.homeAt >= OTHERS_WAIT_MS;
}

// What is near now, numbered as list and map show it.
function ranked(now) {
  const bundles = wanted().map(({ code }) => page.bundles.get(code)).filter(Boolean);
  const text = page.filter.replace(/\s/g, '').toLowerCase();
  const keep = page.place || !text ? undefined : (...texts) => texts.some(one => (one || '').replace(/\s/g, '').toLowerCase().includes(text));
  const entries = rank(bundles, page.place, now, {
    within: page.place ? WITHIN_M : Infinity, limit: id => page.limits.get(id) || FIRST, keep,
  });
  let n = 0;
  for (const entry of entries) for (const place of entry.places) Object.assign(place, { n: ++n, colour: entry.marker.colour });
  return { bundles, entries };
}

function render() {
  const now = Date.now(), { bundles, entries } = ranked(now);
  const focused = document.activeElement?.dataset?.key;
  renew(byId('call-card'), card(page));
  bar(byId('bar'), page, { locate, say });
  const some = bundles.length > 0 && complete();
  renew(byId('notices'), notices(page, bundles, now, { again, pick: openChoice, waiting: bundles.length > 0 && !some }));
  byId('near').hidden = !some;
  byId('find-box').hidden = !some || Boolean(page.place);
  byId('back').hidden = !page.place?.chosen;
  if (some) {
    const title = byId('near-title');
    renew(title, h('span', null, t(page.place ? 'near.around' : 'near.in', { name: bundles[0].name })),
      page.place ? h('small', null, within(bundles.map(bundle => bundle.name).join('·'), page.place)) : null);
    renew(byId('nearest-box'), page.place ? nearestOpen(entries) : null);
    renew(byId('layers'), sections(entries, page));
    draw(bundles, entries);
  }
  if (some && page.toTitle) {
    page.toTitle = false;
    byId('near-title').focus();
  }
  for (const id of ['choose', 'foot']) byId(id).hidden = false;  // under the card: not before it stands
  renew(byId('data'), bundles.map(bundle => h('p', null, aboutData(bundle))));
  if (focused && document.activeElement === document.body) document.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

function aboutData(bundle) {
  const span = dateRange(bundle.layers.flatMap(layer => layer.dates));
  return t('near.data', { name: bundle.name, dates: span[0] ? t('near.data.of', { dates: dates(span) }) : t('date-unknown'), made: date(bundle.madeOn), until: date(bundle.validUntil) });
}

function draw(bundles, entries) {
  const places = entries.flatMap(entry => entry.places);
  const dots = need => bundles.flatMap(bundle => bundle.layers.filter(layer => !layer.goneTo && layer.supplies.includes(need)));
  const middle = page.place || middleOf(bundles[0]);
  if (!page.zoomed) page.step = page.place
    ? stepFor(Math.max(1.3 * page.place.accuracy_m, ...firstMetres(places)))
    : stepFor(middle.reach);
  byId('closer').disabled = page.step === 0;
  byId('wider').disabled = page.step === LAST_STEP;
  byId('map').setAttribute('aria-label', t(page.place ? 'near.map' : 'near.map.in', { name: bundles[0].name }));
  drawn = drawMap(byId('map'), {
    middle, step: page.step, here: page.place && { accuracy_m: page.place.accuracy_m }, places,
    lamps: dots('lit'), cameras: dots('watched'), north: t('near.north'),
    borders: page.outlines ? wanted().flatMap(district => page.outlines.districts.find(one => one.code === district.code)?.rings || []) : [],
  });
}

// Pressed on the small map: its place in the list.
function pressed({ offsetX, offsetY }) {
  const [nearest] = drawn.map(({ id, x, y }) => ({ id, px: Math.hypot(x - offsetX, y - offsetY) })).sort((a, b) => a.px - b.px);
  const item = nearest?.px < PRESS_PX && document.querySelector(`li[data-id="${CSS.escape(nearest.id)}"]`);
  if (!item) return;
  item.tabIndex = -1;
  item.focus({ preventScroll: true });
  item.scrollIntoView({ block: 'center' });
}

// The nearest place, and the next two unless they lie far off.
function firstMetres(places) {
  const metres = places.map(place => place.metres * 1.15).sort((a, b) => a - b);
  return [60, ...metres.slice(0, 1), ...metres.slice(1, 3).filter(one => one < 500)];
}

function middleOf(bundle) {
  const box = page.outlines?.districts.find(one => one.code === bundle.code)?.box;
  if (!box) return { x: bundle.layers[0].x[0] || 0, y: bundle.layers[0].y[0] || 0, reach: 2000 };
  const [west, south, east, north] = box;
  return { x: (west + east) / 2, y: (south + north) / 2, reach: Math.max(east - west, north - south) / 2 };
}

// Pressed before the outlines came: opens as soon as they do, and what keeps them away is said.
function openChoice() {
  page.choosing = !page.outlines;
  if (page.outlinesLack && !page.outlines) loadOutlines();
  render();
  if (page.outlines) chooseDistrict(page.outlines.districts, pickDistrict, standAtCode);
}

let toast = 0, drawn = [];
function say(text) {
  byId('toast').textContent = text;
  byId('toast').hidden = false;
  clearTimeout(toast);
  toast = setTimeout(() => { byId('toast').hidden = true; }, 5000);
}

function furnish() {
  document.documentElement.lang = lang;
  document.title = `${t('near.title')} · ${t('service')}`;
  const other = lang === 'en' ? 'ko' : 'en';
  replace(byId('top'),
    h('a', { class: 'skip', href: '#main', onclick: event => { event.preventDefault(); byId('main').focus(); } }, t('skip')),
    h('a', { class: 'brand', href: linkTo('/') }, t('service')),
    h('nav', { 'aria-label': t('nav') }, h('a', { href: linkTo('/near'), 'aria-current': 'page' }, t('nav.near')), h('a', { href: linkTo('/city') }, t('nav.city'))),
    h('a', { class: 'language', href: linkTo('/near', other), lang: other, hreflang: other }, other === 'en' ? 'English' : '한국어'));
  byId('closer').setAttribute('aria-label', t('near.map.closer'));
  byId('wider').setAttribute('aria-label', t('near.map.wider'));
  for (const element of document.querySelectorAll('[data-t]')) element.textContent = t(element.dataset.t);
  const zoom = by => { page.zoomed = true; page.step = Math.max(0, Math.min(LAST_STEP, page.step + by)); render(); };
  byId('closer').addEventListener('click', () => zoom(-1));
  byId('wider').addEventListener('click', () => zoom(1));
  byId('map').addEventListener('click', pressed);
  byId('find').addEventListener('input', event => typed(event.target.value));
  byId('find').addEventListener('keydown', event => { if (event.key === 'Enter') byId('find-code').querySelector('button')?.click(); });
  byId('choose').addEventListener('click', openChoice);
  byId('back').addEventListener('click', locate);
  byId('forget').addEventListener('click', async () => { await data.forget(); say(t('near.forgot')); });
  new ResizeObserver(() => document.documentElement.style.setProperty('--bar', `${byId('bar').offsetHeight}px`)).observe(byId('bar'));
  document.documentElement.dataset.ready = 'true';
}

takeKeyFromLink();
furnish();
loadOutlines();
if (await allowedBefore()) locate();
else render();
setInterval(lookAgain, LOOK_AGAIN_MS);
addEventListener('resize', render);
addEventListener('online', again);
addEventListener('offline', render);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', render);
if (window.isSecureContext) navigator.serviceWorker?.register('/near-worker.js', { scope: '/near' }).catch(() => {});
