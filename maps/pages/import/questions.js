// What is open of the files, all at once: each in a box of its own, answered there or set aside.

import { h } from '../lib/dom.js';
import { number } from '../lib/format.js';
import { has, lang, t } from '../lib/i18n.js';
import { asksOf, fields } from './asks.js';

// questions(report.open and what the planner wants to say otherwise) -> their section, null where there is none.
// `said`: answers (lib said.js); `changed()` when one of them is another.
export function questions(open, said, allowed, changed) {
  if (!open.length) return null;
  const groundless = open.filter(one => one.code === 'boundaries_needed');  // one cause, one box
  const others = open.filter(one => one.code !== 'boundaries_needed');
  return h('section', { id: 'questions', class: 'card', 'aria-labelledby': 'questions-title' },
    h('h2', { id: 'questions-title' }, t('import.open.title', { n: number(open.length) })),
    h('p', { class: 'fine' }, t('import.open.what')),
    groundless.length ? h('div', { class: 'ask' }, h('p', null, h('b', null, t('import.open.boundaries_needed'))), h('p', null, t('import.open.boundaries_needed.what')),
      h('ul', null, groundless.map(one => h('li', null, one.file)))) : null,
    h('div', { class: 'boxes' }, others.map((one, i) => box(one, i, said, allowed, changed))));
}

function box(one, i, said, allowed, changed) {
  const { file } = one, asks = one.asks || asksOf(one), answer = said.of(file);
  if (asks.options.includes('layer') && !answer.layer && one.suggested?.layer && !said.asked(file)) said.guess(file, one.suggested.layer);
  const guess = h('p', { class: 'guess' }, t('import.guess'));
  const own = said.view(file);
  const element = h('fieldset', { class: 'ask', data: { key: file } }, h('legend', null, file));
  const form = fields(asks, own, allowed, `ask-${i}`, name => {
    said.answer(file, own, name);
    settle();
    changed();
  });
  const aside = h('label', { class: 'tick' },
    h('input', { type: 'checkbox', data: { aside: file }, checked: said.isAside(file), onchange: event => { said.setAside(file, event.target.checked); settle(); changed(); } }),
    one.asks ? t('import.say-nothing') : t('import.aside'));
  const settle = () => {
    guess.hidden = !said.isGuess(file);
    element.classList.toggle('set-aside', said.isAside(file));
    form.inert = said.isAside(file);
  };
  element.append(...[what(one, asks), sample(one), asks.options.length ? form : null, asks.options.includes('layer') ? guess : null, aside].filter(Boolean));
  settle();
  return element;
}

// What is wrong, in the reader's words; the service's own line beside it, without the name and columns that stand here.
function what(one, asks) {
  const known = `import.open.${one.code}`;
  if (one.asks) return h('p', null, t('import.open.otherwise'));
  const own = one.title.replace(`${one.file}: `, '').replace(/ \(열: [^)]*\)/, '');
  const line = [own, asks.options.length ? '' : has(`${known}.what`) ? t(`${known}.what`) : one.hint].filter(Boolean).join(' → ');
  const same = lang === 'ko' && (one.code === 'unknown_form' || one.code === 'layer_needed' || one.code === 'measure_needed') && !/비슷/.test(own);
  return h('div', null, h('p', null, h('b', null, has(known) ? t(known) : own)), has(known) && !same ? h('p', { class: 'fine' }, line) : null);
}

// The first rows, so that it can be told what they are.
function sample({ columns = [], sample: rows = [], file }) {
  if (!columns.length) return null;
  return h('div', { class: 'scroll sample', tabindex: '0', role: 'region', 'aria-label': t('import.sample-of', { name: file }) }, h('table', null,
    h('thead', null, h('tr', null, columns.map(name => h('th', { scope: 'col' }, name)))),
    h('tbody', null, rows.map(row => h('tr', null, row.map(cell => h('td', null, cell)))))));
}
