// What the reader must know before the list: no data, old data, no network; each with what to do.

import { h } from '../lib/dom.js';
import { date } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { daysOld } from './bundle.js';

const LISTED = 6;

// `page` as in main.js, the bundles shown, what can be done: { again, pick }, and whether the list waits for a neighbour's data.
export function notices(page, bundles, now, { again, pick, waiting }) {
  const box = (id, title, text, ...more) => h('div', { class: 'notice', id, role: 'status' }, h('p', null, h('b', null, title)), text ? h('p', null, text) : null, more);
  const retry = () => h('button', { type: 'button', class: 'button', data: { key: 'again' }, onclick: again }, t('again'));
  const choose = () => h('button', { type: 'button', class: 'button', data: { key: 'pick' }, onclick: pick }, t('near.choose'));
  const found = [];
  if (!page.outlines && page.outlinesLack) {
    const why = page.outlinesLack;
    if (why === 'key') found.push(box('needs-key', t('near.key'), t('near.key.do')));
    else if (['offline', 'unreached'].includes(why)) found.push(nothingKept(why, box, retry));
    else found.push(box('no-outlines', t('near.failed', { name: t('service') }), t('near.failed.do'), retry()));
  } else if (page.outlines && !page.outlines.districts.length) found.push(box('no-districts', t('near.no-districts'), ''));
  else if (page.outlines && page.place && !page.home) found.push(outside(page, box, choose));
  // Room is kept for what comes, from the first question on: nothing jumps.
  const awaited = !page.outlines && !page.outlinesLack && (page.choosing || (page.place && !page.problem));
  if (awaited || (page.locating && !page.problem)) {
    found.push(h('div', { class: 'notice quiet', id: 'loading', role: 'status' }, h('p', null, t('loading')), page.slow ? h('p', { class: 'instead' }, t('near.call.instead')) : null));
  }
  if (waiting && page.bundles.has(page.home?.code)) found.push(h('div', { class: 'notice quiet', id: 'loading', role: 'status' }, h('p', null, t('loading'))));
  found.push(...ofDistricts(page, box, retry));
  for (const bundle of bundles) {
    const days = daysOld(bundle, now);
    if (days) found.push(box('old', t('near.old', { name: bundle.name, n: days, date: date(bundle.validUntil) }), ''));
  }
  const cut = navigator.onLine === false, unreached = bundles.some(bundle => page.unrenewed.has(bundle.code));
  if (bundles.length && (cut || unreached)) {
    found.push(h('div', { class: 'notice quiet', id: 'offline', role: 'status' }, h('p', null, t(cut ? 'near.offline' : 'near.unreached'))));
  }
  return found;
}

const nothingKept = (why, box, retry) => box('nothing-kept', t(`near.${why}.nothing`), t(`near.${why}.nothing.do`), retry());

function outside(page, box, choose) {
  if (page.others.length) return box('outside', t('near.outside.beside', { names: page.others.map(one => one.name).join(', ') }), '');
  const all = page.outlines.districts.map(one => one.name);
  const names = all.slice(0, LISTED).join(', ') + (all.length > LISTED ? ' …' : '');
  return box('outside', t('near.outside'), t('near.outside.do', { names }), choose());
}

function ofDistricts(page, box, retry) {
  const found = [], home = page.home;
  if (home && !page.bundles.has(home.code)) {
    const why = page.lack.get(home.code);
    if (!why) found.push(h('div', { class: 'notice quiet', id: 'loading', role: 'status' }, h('p', null, t('near.loading', { name: home.name }))));
    else if (['offline', 'unreached'].includes(why)) found.push(nothingKept(why, box, retry));
    else if (why === 'key') found.push(box('needs-key', t('near.key'), t('near.key.do')));
    else found.push(box('failed', t('near.failed', { name: home.name }), t('near.failed.do'), retry()));
  }
  const missing = page.others.filter(one => page.lack.has(one.code) && !page.bundles.has(one.code)).map(one => one.name);
  if (missing.length) found.push(box('missing', t('near.missing', { names: missing.join(', ') }), '', retry()));
  return found;
}
