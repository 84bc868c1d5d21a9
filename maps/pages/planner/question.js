// The question of a plan: money and goal, where, at what costs, and what is sent for it.
import { h, replace } from '../lib/dom.js';
import { money, number, readMoney } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { goalBody, goalChoice, goalFields, goalOf, goalWords } from './goals.js';
import { settingsBody } from './link.js';

export const FIRST_LAYER = 'cctv';
export const knownCost = layer => layer.cost.once_krw || layer.cost.existing_pole_krw || layer.cost.year_krw;

// `run()` answers the question: it is what extends this.
export class Question {
  // host: { state, ground(), map(), changed() }
  constructor(form, host) {
    Object.assign(this, { formBox: form, host });
  }

  get layers() { return this.host.ground().plannable; }

  drawForm() {
    const { state } = this.host, { within } = this.host.ground();
    const place = h('select', { id: 'within' }, this.places(within).map(one => h('option', { value: one.id }, one.name)));
    place.value = state.within || 'gaps';
    if (!place.value) place.value = 'gaps';
    place.addEventListener('change', () => { state.within = place.value === 'gaps' ? '' : place.value; this.host.changed(); });
    replace(this.formBox, h('details', { class: 'fold', id: 'plan-question', open: true }, h('summary', null, this.questionWords()), h('form', { id: 'plan-form', novalidate: true, onsubmit: event => { event.preventDefault(); this.run(); } },
      h('p', { class: 'lead' }, t(goalOf(state) ? `p.lead-${goalOf(state)}` : 'p.plan-lead')),
      goalChoice(this),
      h('div', { class: 'money' }, goalOf(state) ? goalFields(this, FIRST_LAYER) : this.layers.filter(layer => this.costOf(layer)).map(layer => this.moneyRow(layer))),
      this.layers.some(layer => !this.costOf(layer)) ? h('p', { class: 'fine' }, t('p.no-cost', { layers: this.layers.filter(layer => !this.costOf(layer)).map(layer => layer.name).join(', ') })) : null,
      h('div', { class: 'field' }, h('label', { for: 'within' }, t('p.within')), place),
      h('details', { class: 'more', id: 'plan-more', open: document.getElementById('plan-more')?.open || Boolean(state.steady) || Boolean(state.range) || (state.years ?? 5) !== 5 }, h('summary', null, t('p.more-plan')),
      h('div', { class: 'field' }, h('label', { for: 'years' }, t('p.years')), h('input', { id: 'years', type: 'number', min: 0, max: 50, value: state.years ?? 5, onchange: event => { state.years = Math.max(0, Math.min(50, Math.round(Number(event.target.value) || 0))); event.target.value = state.years; this.host.changed(); } })),
      h('label', { class: 'check' }, h('input', { type: 'checkbox', id: 'steady', checked: state.steady === '1', onchange: event => { state.steady = event.target.checked ? '1' : ''; this.host.changed(); } }), h('span', null, t('p.steady'))),
      h('label', { class: 'check' }, h('input', { type: 'checkbox', id: 'range', checked: state.range === '1', onchange: event => { state.range = event.target.checked ? '1' : ''; this.host.changed(); } }), h('span', null, t('p.range'))),
      h('fieldset', null, h('legend', null, t('p.costs')), this.layers.filter(layer => layer.geometry !== 'zone').map(layer => this.costRow(layer)))),
      h('div', { class: 'buttons' }, h('button', { type: 'submit', class: 'button primary', id: 'run' }, t('p.run'))))),
      h('div', { id: 'plan-progress', role: 'status' }));
  }

  // The question in a line: what stays of the form once there is an answer.
  questionWords() {
    if (goalOf(this.host.state)) return goalWords(this, FIRST_LAYER) || t('p.question');
    const { state } = this.host, asked = this.layers.filter(layer => state.budgets[layer.layer] > 0);
    const place = this.places(this.host.ground().within).find(one => one.id === (state.within || 'gaps'));
    return asked.length ? [...asked.map(layer => `${layer.name} ${money(state.budgets[layer.layer])}`), place ? place.name : ''].filter(Boolean).join(' · ') : t('p.question');
  }

  places(within) {
    const gaps = (this.host.map().view.gap_rows || []).slice(0, 30).map(row => ({ id: `gap:${row.rank}`, name: t('p.within-gap', { n: row.rank, dong: row.dong_name }) }));
    const named = within.map(one => (one.id === 'gaps' ? { id: 'gaps', name: t('p.within-gaps') } : one.id === 'district' ? { id: 'district', name: t('p.within-district') } : one));
    return [named[0], ...gaps, ...named.slice(1)];
  }

  moneyRow(layer) {
    const { state } = this.host;
    const field = h('input', {
      id: `money-${layer.layer}`, autocomplete: 'off', placeholder: t('p.money-example'), 'aria-describedby': `cost-${layer.layer}`,
      value: state.budgets[layer.layer] ? money(state.budgets[layer.layer]).replace(/ ?원$/, '') : '',
    });
    const said = h('small', { id: `cost-${layer.layer}` });
    if (!this.hasData(layer)) {
      delete state.budgets[layer.layer];
      Object.assign(field, { disabled: true, value: '', placeholder: t('no-data') });
      replace(said, t('p.no-need-data'));
      return h('div', { class: 'row-money' }, h('label', { for: `money-${layer.layer}` }, h('i', { class: 'tone', style: { background: layer.colour } }), layer.name), field, said);
    }
    const words = () => {
      const krw = field.value.trim() ? readMoney(field.value) : 0, unit = this.unitCost(layer);
      field.setAttribute('aria-invalid', String(Number.isNaN(krw)));
      if (Number.isNaN(krw)) { replace(said, t('p.money-bad')); said.className = 'bad'; delete state.budgets[layer.layer]; return; }
      const none = krw > 0 && krw < unit;
      said.className = none ? 'over-budget' : '';
      replace(said, none ? t('p.cost-buys-none', { unit: money(unit) }) : krw > 0 && unit ? t('p.cost-buys', { unit: money(unit), n: number(Math.floor(krw / unit)) }) : t('p.cost-unit', { unit: money(unit) }), layer.candidates.length ? '' : ` · ${t('p.on-grid')}`);
      if (krw > 0) state.budgets[layer.layer] = krw; else delete state.budgets[layer.layer];
      this.host.changed();
    };
    field.addEventListener('input', words);
    field.addEventListener('change', () => { const krw = readMoney(field.value); if (krw > 0) field.value = money(krw).replace(/ ?원$/, ''); });
    words();
    return h('div', { class: 'row-money' }, h('label', { for: `money-${layer.layer}` }, h('i', { class: 'tone', style: { background: layer.colour } }), layer.name), field, said);
  }

  // Whether what a layer supplies can be judged here: of a need without data nothing can be planned.
  hasData(layer) {
    const { needs } = this.host.map().view.about;
    return needs.some(row => layer.needs.includes(row.need) && row.state !== 'none');
  }

  // What a planner says a site costs stands before the catalog's. Null: nobody knows.
  costOf(layer) {
    const own = this.host.state.costs[layer.layer];
    return own !== undefined ? { once_krw: own, year_krw: layer.cost.year_krw ? layer.cost.year_krw.default : 0 } : knownCost(layer) ? layer.cost : null;
  }

  costRow(layer) {
    const { costs } = this.host.state, usual = knownCost(layer) ? money((layer.cost.once_krw || layer.cost.existing_pole_krw || { default: 0 }).default) : t('p.cost-unknown');
    const field = h('input', { id: `cost-of-${layer.layer}`, autocomplete: 'off', placeholder: usual, value: costs[layer.layer] !== undefined ? money(costs[layer.layer]).replace(/ ?원$/, '') : '' });
    const said = h('small', { id: `cost-said-${layer.layer}`, role: 'status' });
    field.setAttribute('aria-describedby', said.id);
    field.addEventListener('change', () => {
      const krw = readMoney(field.value), bad = Boolean(field.value.trim()) && !(krw >= 0);
      field.setAttribute('aria-invalid', String(bad));
      said.className = bad ? 'bad' : '';
      replace(said, bad ? t('p.money-bad') : '');
      if (bad) return;  // what was typed stays to be mended; the cost is the one before
      if (krw >= 0) costs[layer.layer] = krw; else delete costs[layer.layer];
      this.host.changed();
      this.drawForm();
      document.getElementById(`cost-of-${layer.layer}`)?.focus();
    });
    return h('div', { class: 'field' }, h('label', { for: `cost-of-${layer.layer}` }, layer.name), field, said);
  }

  unitCost(layer) {
    if (this.host.state.costs[layer.layer] !== undefined) { const own = this.costOf(layer); return own.once_krw + own.year_krw * (this.host.state.years ?? 5); }
    const { once_krw: once, existing_pole_krw: pole, year_krw: year } = layer.cost;
    return ((once || pole || {}).default || 0) + (year ? year.default : 0) * (this.host.state.years ?? 5);
  }

  // Money for one layer within one gap area, as a press in the list asks for.
  forGap(rank, layer = FIRST_LAYER) {
    const { state } = this.host;
    state.within = `gap:${rank}`;
    const usable = this.layers.filter(one => this.costOf(one) && this.hasData(one));
    if (usable.length && !usable.some(one => one.layer === layer)) layer = usable[0].layer;
    if (!Object.values(state.budgets).some(krw => krw > 0)) state.budgets[layer] = 1e8;
    this.drawForm();
    const field = document.getElementById(`money-${layer}`);
    if (field && !field.disabled) { field.focus(); field.select(); }
  }

  // One gap area is small: its grid is finer than that of a district. A layer with no usual places goes on a grid too.
  candidatesOf(id, within) {
    const { candidates } = this.layers.find(layer => layer.layer === id);
    if (within.startsWith('gap:') && candidates.every(source => source.startsWith('grid:'))) return { candidates: ['grid:25'] };
    return candidates.length ? {} : { candidates: ['grid:50'] };
  }

  body() {
    const { state } = this.host;
    const within = state.within || 'gaps';
    const goal = goalBody(this, FIRST_LAYER);
    const layers = goal.layers.map(asked => ({
      ...asked, within,
      ...(state.costs[asked.layer] !== undefined ? { cost: this.costOf(this.layers.find(layer => layer.layer === asked.layer)) } : {}),
      ...this.candidatesOf(asked.layer, within),
    }));
    return { ...goal, layers, years: state.years ?? 5, settings: settingsBody(state), ...(state.range === '1' ? { cost_range: true } : {}), ...(state.steady === '1' ? { stability: 100 } : {}) };
  }
}
