// The conditions: reach, weights, the hour of the night, whose households, what dense means. Every change tells at once.
import { h, replace } from '../lib/dom.js';
import { t } from '../lib/i18n.js';
import { number, percent } from '../lib/format.js';

const AGES = [20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75];
const STEPS_A_NIGHT = 24;  // 18:00 to 06:00 in half hours

export const defaults = () => ({ reach: 1, threshold: 0.5, share: 0.25, dense: 'quantile', combine: 'product', partial: '', at: '', who: '', weights: {} });

// settingsPanel(element, { state, about, needs, onChange }): `state` is changed in place.
export function settingsPanel(element, { state, about, baseWeights, onChange }) {
  const needs = about.needs.filter(row => row.need !== 'combined');
  const told = () => onChange();
  const changed = Object.keys(defaults()).some(name => name === 'weights'
    ? Object.keys(state.weights).length : (state[name] ?? defaults()[name]) !== defaults()[name]);
  const reset = h('button', { type: 'button', class: 'button small', id: 'reset', disabled: !changed, onclick: () => { Object.assign(state, defaults()); draw(); told(); } }, t('p.reset'));
  const tell = () => { reset.disabled = false; told(); };

  function draw() {
    const open = element.querySelector('details')?.open;
    const more = element.querySelector('details.more')?.open;
    replace(element, h('details', { class: 'fold', open: open ?? window.innerWidth > 900 },
      h('summary', null, h('h2', null, t('p.settings'))),
      h('div', { class: 'body' },
        slider({ id: 'reach', label: t('p.reach'), help: t('p.reach-help'), min: 0.5, max: 2, step: 0.05, value: state.reach, show: v => `× ${number(v, 2)}`, set: v => { state.reach = v; tell(); } }),
        clock(), who(),
        h('fieldset', null, h('legend', null, t('p.weights')), h('p', { class: 'fine' }, t('p.weights-help')), needs.map(weight)),
        h('details', { class: 'more', open: Boolean(more) }, h('summary', null, t('p.more')),
          h('div', { class: 'field' }, h('label', { for: 'dense' }, t('p.dense')),
            select('dense', [['quantile', t('p.dense-quantile')], ['gi', t('p.dense-gi')], ['dbscan', t('p.dense-dbscan')]], state.dense, v => { state.dense = v; draw(); tell(); })),
          state.dense === 'quantile' ? slider({ id: 'share', label: t('p.share'), min: 0.05, max: 1, step: 0.05, value: state.share, show: v => percent(v), set: v => { state.share = v; tell(); } }) : null,
          slider({ id: 'threshold', label: t('p.threshold'), min: 0.1, max: 0.9, step: 0.05, value: state.threshold, show: v => `< ${percent(v)}`, set: v => { state.threshold = v; tell(); } }),
          h('div', { class: 'field' }, h('label', { for: 'combine' }, t('p.combine')),
            select('combine', [['product', t('p.combine-product')], ['sum', t('p.combine-sum')]], state.combine, v => { state.combine = v; tell(); })),
          h('label', { class: 'check' }, h('input', { type: 'checkbox', id: 'partial', checked: state.partial === '1', onchange: e => { state.partial = e.target.checked ? '1' : ''; draw(); document.getElementById('partial').focus(); tell(); } }), h('span', null, t('p.partial')))),
        reset)));
    reset.disabled = !isChanged(state);
  }

  function weight(row) {
    if (row.state === 'none') {
      return h('div', { class: 'field absent' }, h('span', { class: 'row' }, h('span', null, row.need_name), h('b', { class: 'chip none' }, t('no-data'))));
    }
    if (row.state === 'partial' && state.partial !== '1') {
      return h('div', { class: 'field absent', data: { need: row.need } }, h('label', { class: 'row', for: `w-${row.need}` }, h('span', null, row.need_name), h('b', { class: 'chip warn' }, t('p.state-partial'))),
        h('input', { type: 'range', id: `w-${row.need}`, disabled: true, value: 0, 'aria-describedby': `why-${row.need}` }), h('small', { id: `why-${row.need}` }, t('p.partial-why', { box: t('p.partial') })));
    }
    const base = baseWeights[row.need] ?? 0;
    return slider({
      id: `w-${row.need}`, label: row.need_name, min: 0, max: 1, step: 0.05, value: state.weights[row.need] ?? base, show: v => number(v, 2),
      set: v => { if (Math.abs(v - base) < 1e-9) delete state.weights[row.need]; else state.weights[row.need] = v; tell(); },
    });
  }

  function clock() {
    const now = state.at || about.at.replace(' ', 'T');
    const [date, hour] = [nightOf(now), stepOf(now)];
    const day = h('input', { type: 'date', id: 'night', value: date, min: '2000-01-01', max: '2099-12-31' });
    const output = h('output', { for: 'hour' }, timeOf(hour));
    const range = h('input', { type: 'range', id: 'hour', min: 0, max: STEPS_A_NIGHT, step: 1, value: hour, 'aria-valuetext': timeOf(hour) });
    const set = () => {
      if (!day.value) return;
      output.textContent = timeOf(Number(range.value));
      range.setAttribute('aria-valuetext', output.textContent);
      state.at = momentOf(day.value, Number(range.value));
      tell();
    };
    range.addEventListener('input', set);
    day.addEventListener('change', set);
    return h('div', { class: 'field' },
      h('label', { for: 'hour', class: 'row' }, h('span', null, t('p.hour')), output), range,
      h('div', { class: 'row ends' }, h('small', null, '18:00'), h('small', null, '06:00')),
      h('label', { for: 'night', class: 'row' }, h('span', null, t('p.night')), day),
      about.at_default && !state.at ? h('small', null, t('p.at-default')) : null);
  }

  function who() {
    const [sex, from, to] = readWho(state.who);
    const set = () => { state.who = writeWho(sexes.value, first.value, last.value); tell(); };
    const sexes = select('sex', [['', t('p.everyone')], ['여성', t('p.women')], ['남성', t('p.men')]], sex, set);
    const first = select('age-from', [['', t('p.age-from')], ...AGES.map(a => [String(a), t('p.age', { n: a })])], from, set);
    const last = select('age-to', [['', t('p.age-to')], ...AGES.slice(0, -1).map(a => [String(a + 4), t('p.age', { n: a + 4 })])], to, set);
    first.setAttribute('aria-label', t('p.age-from'));
    last.setAttribute('aria-label', t('p.age-to'));
    return h('div', { class: 'field' }, h('label', { for: 'sex' }, t('p.who')), sexes, h('div', { class: 'pair' }, first, last));
  }

  draw();
}

export function isChanged(state) {
  const base = defaults();
  return Object.keys(base).some(name => name === 'weights' ? Object.keys(state.weights || {}).length > 0 : (state[name] ?? base[name]) !== base[name]);
}

function slider({ id, label, help, min, max, step, value, show, set }) {
  const output = h('output', { for: id }, show(value));
  const input = h('input', { type: 'range', id, min, max, step, value, 'aria-valuetext': show(value) });
  input.addEventListener('input', () => {
    const chosen = Math.round(Number(input.value) / step) * step;
    const value_ = Number(chosen.toFixed(4));
    output.textContent = show(value_);
    input.setAttribute('aria-valuetext', output.textContent);
    set(value_);
  });
  return h('div', { class: 'field' }, h('label', { for: id, class: 'row' }, h('span', null, label), output), input, help ? h('small', null, help) : null);
}

function select(id, options, value, set) {
  const element = h('select', { id }, options.map(([v, name]) => h('option', { value: v, selected: v === value }, name)));
  element.value = value;
  element.addEventListener('change', () => set(element.value));
  return element;
}

// A night begins at noon: 01:30 belongs to the evening before.
function nightOf(iso) {
  const moment = new Date(`${iso.slice(0, 10)}T00:00:00Z`);
  if (Number(iso.slice(11, 13)) < 12) moment.setUTCDate(moment.getUTCDate() - 1);
  return moment.toISOString().slice(0, 10);
}

function stepOf(iso) {
  const minutes = Number(iso.slice(11, 13)) * 60 + Number(iso.slice(14, 16));
  return Math.max(0, Math.min(STEPS_A_NIGHT, Math.round(((minutes - 18 * 60 + 1440) % 1440) / 30)));
}

function timeOf(step) {
  const minutes = (18 * 60 + step * 30) % 1440;
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

function momentOf(night, step) {
  const day = new Date(`${night}T00:00:00Z`);
  if (18 * 60 + step * 30 >= 1440) day.setUTCDate(day.getUTCDate() + 1);
  return `${day.toISOString().slice(0, 10)}T${timeOf(step)}`;
}

function readWho(text) {
  const parts = (text || '').split(',');
  const ages = parts.map(part => /^(\d+)(?:-(\d+))?(\+)?$/.exec(part)).find(Boolean) || [];
  return [parts.find(part => ['여성', '남성'].includes(part)) || '', ages[1] && ages[1] !== '0' ? ages[1] : '', ages[2] || ''];
}

function writeWho(sex, from, to) {
  const ages = from && to ? `${from}-${to}` : from ? `${from}+` : to ? `0-${to}` : '';
  return [sex, ages].filter(Boolean).join(',');
}
