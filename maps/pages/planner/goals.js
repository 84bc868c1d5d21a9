// What a plan is asked for: money a layer, one budget over several, a share to reach, or existing sites to move.
import { h, replace } from '../lib/dom.js';
import { money, readMoney } from '../lib/format.js';
import { t } from '../lib/i18n.js';

export const GOALS = ['', 'one', 'target', 'moves'];
const MOST_MOVES = 1000;

export const goalOf = state => (GOALS.includes(state.goal) ? state.goal : '');
const splits = text => (text || '').split(',').filter(Boolean);
const priced = planning => planning.layers.filter(layer => planning.costOf(layer));
// One budget weighs layers against each other by the weights: what has none cannot share it.
const weighed = planning => {
  const { weights } = planning.host.state, usual = planning.host.ground().need_weights || {};
  return priced(planning).filter(layer => layer.needs.every(need => (weights[need] ?? usual[need] ?? 0) > 0));
};
const points = planning => planning.layers.filter(layer => layer.geometry !== 'zone');
const shareOf = state => (state.aim > 0 && state.aim <= 100 ? state.aim : 50);
const movesOf = state => (state.moving >= 1 ? Math.min(MOST_MOVES, Math.round(state.moving)) : 5);

const among = (planning, usual) => {
  const chosen = splits(planning.host.state.among), known = weighed(planning).map(layer => layer.layer);
  const named = chosen.filter(id => known.includes(id));
  return named.length ? named : known.includes(usual) ? [usual] : known.slice(0, 1);
};

export function aimedAt(planning, usual) {
  const { state } = planning.host, able = goalOf(state) === 'target' ? priced(planning) : points(planning);
  return able.find(layer => layer.layer === state.aimed) || able.find(layer => layer.layer === usual) || able[0];
}

// The choice of the goal: a change draws the form anew.
export function goalChoice(planning) {
  const { state } = planning.host;
  const choice = h('select', { id: 'goal' }, GOALS.map(goal => h('option', { value: goal }, t(`p.goal-${goal || 'each'}`))));
  choice.value = goalOf(state);
  choice.addEventListener('change', () => { state.goal = choice.value; planning.host.changed(); planning.drawForm(); document.getElementById('goal')?.focus(); });
  return h('div', { class: 'field' }, h('label', { for: 'goal' }, t('p.goal')), choice);
}

// The fields of a goal other than money a layer.
export function goalFields(planning, usual) {
  const { state } = planning.host, goal = goalOf(state);
  if (goal === 'one') return oneBudget(planning, usual);
  const layer = aimedAt(planning, usual), able = goal === 'target' ? priced(planning) : points(planning);
  const choice = h('select', { id: 'aimed' }, able.map(one => h('option', { value: one.layer }, one.name)));
  if (layer) choice.value = layer.layer;
  choice.addEventListener('change', () => { state.aimed = choice.value; planning.host.changed(); });
  const which = h('div', { class: 'field' }, h('label', { for: 'aimed' }, t('p.aimed')), choice);
  if (goal === 'moves') {
    return [which, whole('moving', t('p.moving'), movesOf(state), MOST_MOVES, value => { state.moving = value; planning.host.changed(); }), h('p', { class: 'fine' }, t('p.moving-help'))];
  }
  return [which, whole('aim', t('p.aim'), shareOf(state), 100, value => { state.aim = value; planning.host.changed(); }),
    h('label', { class: 'check' }, h('input', { type: 'checkbox', id: 'fewest', checked: state.fewest === '1', onchange: event => { state.fewest = event.target.checked ? '1' : ''; planning.host.changed(); } }), h('span', null, t('p.fewest'))),
    h('p', { class: 'fine' }, t('p.aim-help'))];
}

function whole(id, label, value, most, set) {
  const field = h('input', { id, type: 'number', min: 1, max: most, step: 1, value });
  field.addEventListener('change', () => { const n = Math.max(1, Math.min(most, Math.round(Number(field.value) || 1))); field.value = n; set(n); });
  return h('div', { class: 'field' }, h('label', { for: id }, label), field);
}

function oneBudget(planning, usual) {
  const { state } = planning.host, chosen = among(planning, usual);
  const said = h('small', { id: 'money-all-said' });
  const field = h('input', { id: 'money-all', autocomplete: 'off', placeholder: t('p.money-example'), 'aria-describedby': 'money-all-said', value: state.total > 0 ? money(state.total).replace(/ ?원$/, '') : '' });
  const read = () => {
    const krw = field.value.trim() ? readMoney(field.value) : 0, bad = Number.isNaN(krw);
    field.setAttribute('aria-invalid', String(bad));
    said.className = bad ? 'bad' : '';
    replace(said, bad ? t('p.money-bad') : t('p.one-help'));
    state.total = bad ? 0 : krw;
    planning.host.changed();
  };
  field.addEventListener('input', read);
  read();
  const tick = (layer, on) => {
    const now = new Set(among(planning, usual));
    if (on) now.add(layer); else now.delete(layer);
    state.among = [...now].join(',');
    planning.host.changed();
    if (!now.size) planning.drawForm();  // one at least
  };
  return [
    h('div', { class: 'row-money' }, h('label', { for: 'money-all' }, t('p.one-budget')), field, said),
    h('fieldset', { id: 'among' }, h('legend', null, t('p.among')), weighed(planning).map(layer => h('label', { class: 'check' },
      h('input', { type: 'checkbox', data: { among: layer.layer }, checked: chosen.includes(layer.layer), onchange: event => tick(layer.layer, event.target.checked) }), h('span', null, layer.name)))),
  ];
}

// The goal as the service takes it: { layers: [{ layer, ... }], budget_krw }. No layers: nothing is asked for yet.
export function goalBody(planning, usual) {
  const { state } = planning.host, goal = goalOf(state);
  if (goal === 'one') return state.total > 0 ? { layers: among(planning, usual).map(layer => ({ layer })), budget_krw: state.total } : { layers: [] };
  if (goal === '') return { layers: planning.layers.filter(layer => state.budgets[layer.layer] > 0).map(layer => ({ layer: layer.layer, budget_krw: state.budgets[layer.layer] })) };
  const layer = aimedAt(planning, usual);
  if (!layer) return { layers: [] };
  if (goal === 'moves') return { layers: [{ layer: layer.layer, moves: movesOf(state) }] };
  return { layers: [{ layer: layer.layer, target: shareOf(state) / 100, ...(state.fewest === '1' ? { fewest: true } : {}) }] };
}

// What a kept plan was asked for, as the form has it. An aimed share is not kept as a number: what was reached stands for it.
export function goalState(plan) {
  const [layer] = plan.layers, none = { goal: '', total: 0, among: '', aimed: '', fewest: '', run: '' };
  if (!layer) return none;
  if (layer.model === 'together') return { ...none, goal: 'one', total: layer.budget_krw || plan.total_krw, among: plan.layers.map(one => one.layer).join(',') };
  if (layer.model === 'moves') return { ...none, goal: 'moves', aimed: layer.layer, moving: Math.max(1, (layer.closed || []).length) };
  if (layer.model === 'target') return { ...none, goal: 'target', aimed: layer.layer, aim: Math.max(1, Math.round(100 * plan.after / plan.households)) };
  return none;
}

// The goal in a line, '' where it is money a layer.
export function goalWords(planning, usual) {
  const { state } = planning.host, goal = goalOf(state), names = ids => ids.map(id => planning.name(id)).join(' + ');
  if (goal === 'one') return state.total > 0 ? `${names(among(planning, usual))} ${money(state.total)}` : '';
  if (!goal) return '';
  const layer = aimedAt(planning, usual);
  return layer ? t(goal === 'moves' ? 'p.goal-moves-line' : 'p.goal-target-line', { layer: layer.name, n: goal === 'moves' ? movesOf(state) : shareOf(state) }) : '';
}
