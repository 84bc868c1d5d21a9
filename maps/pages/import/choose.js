// The first step: files dropped or chosen, and the list of them.

import { h } from '../lib/dom.js';
import { number } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { fields } from './asks.js';
import { chosenFiles } from './drop.js';

const MEGABYTE = 1e6;
const FORM_BYTES = 100000;  // of an upload, around the files

export const size = bytes => bytes < MEGABYTE ? `${number(Math.max(1, bytes / 1000))} KB` : `${number(bytes / MEGABYTE, bytes < 100 * MEGABYTE ? 1 : 0)} MB`;

// Why the files cannot go at once, '' where they can.
export function tooMuch(files, allowed) {
  const bytes = files.reduce((sum, { file }) => sum + file.size, 0);
  if (files.length > allowed.files) return t('import.too-many', { n: number(files.length), most: number(allowed.files) });
  if (bytes > allowed.bytes - FORM_BYTES) return t('import.too-large', { n: size(bytes), most: size(allowed.bytes) });
  return '';
}

// Where files are dropped; `add(files)` takes them.
export function dropZone(allowed, add) {
  const pick = (label, id, more) => {
    const input = h('input', { type: 'file', id, class: 'visually-hidden', multiple: true, tabindex: '-1', 'aria-label': label, onchange: event => add(chosenFiles(event.target.files)), ...more });
    return [input, h('button', { type: 'button', class: 'button', onclick: () => input.click() }, label)];
  };
  return h('section', { id: 'drop', class: 'card', 'aria-label': t('import.drop') },
    h('p', { class: 'drop-words' }, t('import.drop')),
    h('div', { class: 'buttons' }, pick(t('import.pick'), 'pick-files'), pick(t('import.pick-folder'), 'pick-folder', { webkitdirectory: true })),
    h('p', { class: 'fine' }, t('import.limits', { files: number(allowed.files), size: size(allowed.bytes) })),
    h('p', { class: 'fine' }, t('import.kinds')));
}

// The chosen files; `state`: files, allowed, said (said.js), all; `act`: remove(name), look(), clear().
export function chosen(state, act) {
  const over = tooMuch(state.files, state.allowed);
  const said = name => [...state.said.own].filter(([key, own]) => isOf(key, name) && Object.keys(own).length).length;
  return h('section', { class: 'card', id: 'chosen' },
    h('h2', null, t('import.chosen', { n: number(state.files.length) })),
    h('ul', { class: 'files' }, state.files.map(({ file, name }) => h('li', { data: { name } },
      h('span', { class: 'file-name' }, name, said(name) ? h('span', { class: 'fine said' }, t('import.answered')) : null),
      h('span', { class: 'fine' }, size(file.size)),
      h('button', { type: 'button', class: 'button small', 'aria-label': t('import.remove-of', { name }), onclick: () => act.remove(name) }, t('import.remove'))))),
    h('details', { class: 'more', open: Object.keys(state.all).length > 0 }, h('summary', null, t('import.more')),
      fields({ options: ['mode', 'complete_for'] }, state.all, state.allowed, 'all')),
    over ? h('p', { class: 'problem', role: 'alert' }, over) : null,
    h('div', { class: 'buttons' },
      h('button', { type: 'button', class: 'button primary', id: 'look', disabled: Boolean(over), onclick: act.look }, t('import.look')),
      h('button', { type: 'button', class: 'button', onclick: act.clear }, t('import.clear')),
      h('span', { class: 'fine' }, t('import.not-yet'))));
}

// Whether a report's name for a file, a sheet or a member belongs to a chosen file.
export const isOf = (key, name) => key === name || key.startsWith(`${name}/`) || key.startsWith(`${name}[`);
