// Choosing a district by its name, or a place by the 국가지점번호 on a plate, where the position is not to be had.

import { h, replace } from '../lib/dom.js';
import { t } from '../lib/i18n.js';
import { offer, readCode } from './typed.js';

// Opens the dialog; `pick(district)` with the one chosen, or `stand(place)` with what a code names (typed.js).
export function chooseDistrict(districts, pick, stand) {
  const list = h('ul', { id: 'choose-list' });
  const field = h('input', { type: 'search', id: 'choose-field', placeholder: t('near.choose.example'), autocomplete: 'off', enterkeyhint: 'go', oninput: () => fill() });
  const title = h('h2', { id: 'choose-title', tabindex: '-1', autofocus: true }, t('near.choose.title'));  // no keyboard over the list
  const form = h('form', { method: 'dialog' },
    h('div', { class: 'choose-head' }, title, h('button', { type: 'button', class: 'button', onclick: () => dialog.close() }, t('close')),
      h('label', { for: 'choose-field' }, t('near.choose.field')), field),
    list,
    h('p', { class: 'fine' }, t('near.choose.pick')));
  const dialog = h('dialog', { class: 'dialog choose', 'aria-labelledby': 'choose-title', onclose: () => dialog.remove() }, form);
  const take = district => {
    dialog.close();
    pick(district);
  };
  const standAt = place => {
    dialog.close();
    stand(place);
  };
  const found = () => {
    const wanted = field.value.replace(/\s/g, '');
    return districts.filter(({ province, name }) => `${province}${name}`.replace(/\s/g, '').includes(wanted));
  };
  const fill = () => {
    const code = readCode(field.value), matching = found();
    if (code) return replace(list, h('li', { class: 'typed' }, offer(code, standAt)));
    return replace(list, matching.length
      ? matching.map(district => h('li', null, h('button', { type: 'button', onclick: () => take(district) }, `${district.province} ${district.name}`)))
      : h('li', { class: 'empty' }, t('near.choose.none')));
  };
  form.addEventListener('submit', event => {
    event.preventDefault();
    const code = readCode(field.value), matching = found();
    if (code && !code.problem) return standAt(code);
    return !code && matching.length === 1 && take(matching[0]);
  });
  fill();
  document.body.append(dialog);
  dialog.showModal();
}
