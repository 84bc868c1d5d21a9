// Choosing a district by name, by first consonants (ㄱㅇㄱ) or by code: a combobox with a list (WAI-ARIA 1.2).
import { h, replace } from '../lib/dom.js';
import { t } from '../lib/i18n.js';

const FIRST = [...'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ'];

export function consonants(text) {
  return [...text].map(letter => {
    const place = letter.codePointAt(0) - 0xac00;
    return place >= 0 && place < 11172 ? FIRST[Math.floor(place / 588)] : letter;
  }).join('');
}

// Whether a district answers what was typed; better answers have smaller numbers, -1: no.
export function match(district, typed) {
  const wanted = typed.replace(/\s/g, '').toLowerCase();
  if (!wanted) return 3;
  const whole = `${district.province || ''}${district.name}`.replace(/\s/g, '').toLowerCase();
  const name = district.name.toLowerCase();
  if (name === wanted || district.code === wanted) return 0;
  if (name.startsWith(wanted) || district.code.startsWith(wanted)) return 1;
  if (whole.includes(wanted)) return 2;
  return consonants(name).startsWith(wanted) ? 2 : consonants(whole).includes(wanted) && /^[ㄱ-ㅎ]+$/.test(wanted) ? 3 : -1;
}

export function chooser(element, districts, chosen, onChoose) {
  let current = chosen, active = 0, shown = [];
  const input = h('input', {
    id: 'district', role: 'combobox', autocomplete: 'off', spellcheck: 'false', 'aria-expanded': 'false',
    'aria-controls': 'district-list', 'aria-autocomplete': 'list', placeholder: t('p.district-find'),
  });
  const list = h('ul', { id: 'district-list', role: 'listbox', 'aria-label': t('p.district'), hidden: true });
  const title = one => (one ? one.name : '');

  function open(typed) {
    shown = districts.map(one => [match(one, typed), one]).filter(([score]) => score >= 0)
      .sort((a, b) => a[0] - b[0]).map(pair => pair[1]).slice(0, 40);
    active = Math.max(0, shown.indexOf(current));
    replace(list, shown.length ? shown.map((one, i) => h('li', {
      role: 'option', id: `district-${i}`, onmousedown: event => { event.preventDefault(); choose(i); },
    }, h('b', null, one.name), h('small', null, [one.province, one.code].filter(Boolean).join(' · '))))
      : h('li', { class: 'none', role: 'option', 'aria-disabled': 'true' }, t('p.district-none')));
    list.hidden = false;
    input.setAttribute('aria-expanded', 'true');
    mark();
  }
  function close() {
    list.hidden = true;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
    input.value = title(current);
  }
  function mark() {
    [...list.children].forEach((item, i) => item.setAttribute('aria-selected', String(i === active)));
    if (!shown.length) return;
    input.setAttribute('aria-activedescendant', `district-${active}`);
    list.children[active].scrollIntoView({ block: 'nearest' });
  }
  function choose(i) {
    if (!shown[i]) return;
    const before = current;
    current = shown[i];
    close();
    if (current !== before) onChoose(current);
  }
  input.addEventListener('focus', () => { input.select(); open(''); });
  input.addEventListener('click', () => { if (list.hidden) open(''); });
  input.addEventListener('input', () => open(input.value));
  input.addEventListener('blur', close);
  input.addEventListener('keydown', event => {
    if (event.isComposing) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (list.hidden) open('');
      else if (shown.length) { active = (active + (event.key === 'ArrowDown' ? 1 : shown.length - 1)) % shown.length; mark(); }
    } else if (event.key === 'Enter') { event.preventDefault(); if (!list.hidden) choose(active); }
    else if (event.key === 'Escape') close();
  });
  input.value = title(current);
  replace(element, h('label', { for: 'district', class: 'visually-hidden' }, t('p.district')), input, list);
  return { set(one) { current = one; input.value = title(one); } };
}
