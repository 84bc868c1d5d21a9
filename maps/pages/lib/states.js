// Loading, empty and error, the same everywhere. A skeleton takes the place of what comes, so that nothing jumps.
import { h, replace } from './dom.js';
import { t } from './i18n.js';

export function loading(element, lines = 4) {
  element.setAttribute('aria-busy', 'true');
  return replace(element, h('div', { class: 'skeleton', role: 'status' }, h('span', { class: 'visually-hidden' }, t('loading')),
    Array.from({ length: lines }, (_, i) => h('i', { class: i % 3 === 2 ? 'short' : '' }))));
}

export function empty(element, text, ...more) {
  element.removeAttribute('aria-busy');
  return replace(element, h('div', { class: 'empty' }, h('p', null, text), more));
}

// A Problem (lib/api.js): what happened, what to do, and a way to try again.
export function failed(element, problem, again) {
  element.removeAttribute('aria-busy');
  return replace(element, problemBox(problem, again));
}

export function problemBox(problem, again) {
  return h('div', { class: 'problem', role: 'alert' },
    h('p', null, h('b', null, problem.message)),
    problem.hint ? h('p', null, problem.hint) : null,
    problem.id ? h('p', { class: 'fine' }, t('problem.id', { id: problem.id })) : null,
    again ? h('button', { type: 'button', class: 'button', onclick: again }, t('again')) : null);
}

export function ready(element) { element.removeAttribute('aria-busy'); }
