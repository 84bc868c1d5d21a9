// Plans that were kept: open one, forget one, lay two side by side.
import { ask, fetchFile } from '../lib/api.js';
import { h, replace, save } from '../lib/dom.js';
import { date, money, number, signed } from '../lib/format.js';
import { lang, t } from '../lib/i18n.js';
import { empty, failed, loading } from '../lib/states.js';
import { DistrictMap } from './map.js';
import { named } from './names.js';
import { rampBox, rampOf, shadeOptions } from './legend.js';
import { askedGap, percentFine } from './outcome.js';

// host: { ground(), view(), state, onOpen(name) }
export class Kept {
  constructor(element, host) { Object.assign(this, { element, host, chosen: [], plans: [] }); }

  async load() {
    const mine = this.newest = {};  // of two answers the one that was asked for last counts
    loading(this.element, 3);
    try {
      const { plans } = await ask(`/v1/plans?district=${encodeURIComponent(this.host.ground().code)}`);
      if (this.newest !== mine) return;
      this.plans = plans;
      this.chosen = this.chosen.filter(name => this.plans.some(plan => plan.name === name));
      this.draw();
    } catch (error) { if (this.newest === mine) failed(this.element, error, () => this.load()); }
  }

  draw() {
    const { plans, chosen } = this;
    this.element.removeAttribute('aria-busy');
    if (!plans.length) { empty(this.element, t('p.no-plans'), h('p', { class: 'fine' }, t('p.no-plans-help'))); return; }
    replace(this.element,
      h('p', { class: 'lead' }, t('p.kept-lead')),
      h('table', { class: 'list', id: 'kept' }, h('caption', { class: 'visually-hidden' }, t('p.kept-plans')),
        h('thead', null, h('tr', null, [h('span', { class: 'visually-hidden' }, t('p.choose')), t('p.name'), t('p.sites-head'), t('p.money'), t('p.do')].map((text, i) => h('th', { scope: 'col', class: i === 2 || i === 3 ? 'n' : '' }, text)))),
        h('tbody', null, plans.map(plan => h('tr', null,
          h('td', null, h('input', { type: 'checkbox', 'aria-label': t('p.choose-plan', { name: plan.name }), checked: chosen.includes(plan.name), disabled: plan.districts.length > 0, onchange: event => this.choose(plan.name, event.target.checked) })),
          h('th', { scope: 'row' }, plan.districts.length ? plan.name : h('button', { type: 'button', class: 'plain', onclick: () => this.host.onOpen(plan.name) }, plan.name), plan.districts.length ? this.several(plan) : null, h('small', null, date(plan.made_at), plan.current ? '' : ` · ${t('p.not-current')}`, plan.edited ? ` · ${t('p.edited')}` : '')),
          h('td', { class: 'n' }, number(plan.sites)), h('td', { class: 'n' }, money(plan.total_krw)),
          h('td', null, h('button', { type: 'button', class: 'icon', 'aria-label': t('p.forget-label', { name: plan.name }), title: t('p.forget'), onclick: () => this.forget(plan.name) }, '×')))))),
      h('div', { class: 'buttons' }, h('button', { type: 'button', class: 'button primary', id: 'compare', disabled: chosen.length !== 2, onclick: () => this.compare() }, t('p.compare'))),
      h('p', { class: 'fine' }, t('p.compare-help')));
  }

  // A plan for several districts is not opened on the page of one: its table, and the map of this district with it.
  several(plan) {
    const file = (kind, path) => h('button', { type: 'button', class: 'button small', onclick: async () => {
      try { save(await fetchFile(path), `${plan.name}.${kind}`); } catch (error) { failed(this.element, error, () => this.load()); }
    } }, t(kind === 'xlsx' ? 'p.file-xlsx' : 'p.several-map'));
    const name = encodeURIComponent(plan.name);
    return [h('small', null, t('p.several', { names: plan.districts.join(', ') })), h('span', { class: 'buttons' },
      file('xlsx', `/v1/plans/${name}?format=xlsx`), file('html', `/v1/districts/${this.host.ground().code}/map?lang=${lang}&plan=${name}`))];
  }

  choose(name, on) {
    this.chosen = on ? [...this.chosen, name].slice(-2) : this.chosen.filter(one => one !== name);
    this.draw();
  }

  forget(name) {
    const dialog = h('dialog', { class: 'dialog', 'aria-labelledby': 'forget-title', onclose: () => dialog.remove() }, h('form', { method: 'dialog' },
      h('h2', { id: 'forget-title' }, t('p.forget-ask', { name })), h('p', null, t('p.forget-what')),
      h('div', { class: 'buttons' }, h('button', { type: 'button', class: 'button', onclick: () => dialog.close() }, t('cancel')),
        h('button', { type: 'button', class: 'button primary', onclick: async () => {
          dialog.close();
          try { await ask(`/v1/plans/${encodeURIComponent(name)}`, { method: 'DELETE' }); await this.load(); } catch (error) { failed(this.element, error, () => this.load()); }
        } }, t('p.forget')))));
    document.body.append(dialog);
    dialog.showModal();
  }

  async compare() {
    const [a, b] = this.chosen;
    const body = h('div', { class: 'compare-body' });
    const dialog = h('dialog', { class: 'dialog wide', 'aria-labelledby': 'compare-title', onclose: () => dialog.remove() },
      h('div', { class: 'dialog-head' }, h('h2', { id: 'compare-title' }, t('p.compare-title')), h('button', { type: 'button', class: 'icon', 'aria-label': t('close'), onclick: () => dialog.close() }, '×')), body);
    document.body.append(dialog);
    dialog.showModal();
    loading(body, 8);
    try {
      const query = [a, b].map(name => `name=${encodeURIComponent(name)}`).join('&');
      const [compared, ...plans] = await Promise.all([ask(`/v1/plans/compare?${query}`), ...[a, b].map(name => ask(`/v1/plans/${encodeURIComponent(name)}?cover=true`))]);
      const key = h('div', { class: 'ramp-key' });
      const maps = plans.map(() => h('div', { class: 'small-map', tabindex: '0' }));
      replace(body, compared.comparable ? null : h('div', { class: 'notice' }, t('p.not-comparable', { what: compared.differ.map(one => t(`p.differ-${one}`)).join(', ') })),
        h('div', { class: 'pair maps' }, plans.map((plan, i) => h('figure', null, h('figcaption', null, h('b', null, plan.name)), maps[i]))),
        key, table(compared, plans));
      body.removeAttribute('aria-busy');
      const [map] = this.drawMaps(maps, plans);
      replace(key, h('span', null, shadeOptions(map).find(([value]) => value === map.shown.shade)?.[1]), rampBox(rampOf(map)));
    } catch (error) { failed(body, error); }
  }

  drawMaps(containers, plans) {
    const { ground, view, state } = this.host;
    const made = plans.map((plan, i) => {
      containers[i].setAttribute('aria-label', t('p.map-of', { name: plan.name }));
      const map = new DistrictMap(containers[i]);
      map.setGround(ground());
      map.set({ shade: state.shade || shadeOf(plans, view()), gaps: false });
      map.layers.forEach(layer => { layer.on = false; });
      map.setView(view());
      const reach = Object.fromEntries(plan.layers.map(layer => [layer.layer, layer.reach_m]));
      map.setPlan({ cover: plan.cover, sites: plan.sites.map(site => ({ ...site, reach: reach[site.layer] || [0, 0], title: `${site.number}` })) });
      map.fit();
      return map;
    });
    const sites = plans.flatMap(plan => plan.sites.map(site => [site.lat, site.lon]));
    if (sites.length) for (const map of made) map.map.fitBounds(sites, { padding: [60, 60], maxZoom: 16, animate: false });
    // One is moved, the other follows.
    let following = false;
    made.forEach((map, i) => map.map.on('moveend', () => {
      if (following) return;
      following = true;
      made[1 - i].map.setView(map.map.getCenter(), map.map.getZoom(), { animate: false });
      following = false;
    }));
    return made;
  }
}

// What is shown where nothing was chosen: the cover that the first plan is for.
function shadeOf(plans, view) {
  const need = Object.keys(plans[0].layers[0]?.gained || {}).find(one => view.cells.cover[one]);
  return need ? `cover:${need}` : 'density';
}

// What is left unmet in the gap that a plan was asked for; a plan that changes nothing of it has no figure for it. Under
// other conditions the gap of that rank is another place, or counted otherwise: places are named, and nothing is subtracted.
function gapRow(plans, rank, comparable, row) {
  const gaps = plans.map(plan => plan.gaps.find(gap => gap.rank === rank) || null), [a, b] = gaps;
  const same = comparable && (!a || !b || (a.grid_id === b.grid_id && a.cells === b.cells));
  const left = gaps.map(gap => gap && [t('unit.households', { n: number(gap.uncovered_after) }), same ? null : h('small', null, `${gap.dong_name} ${gap.grid_id}`)]);
  return row(t('p.gap-left', { n: rank }), left.map(value => value || '—'), same && a && b ? signed(b.uncovered_after - a.uncovered_after) : '—');
}

function table(compared, plans) {
  const [a, b] = compared.plans;
  const needs = [...new Set(compared.plans.flatMap(plan => Object.keys(plan.gained).filter(need => Math.abs(plan.gained[need]) >= 0.5)))];
  const alike = difference => compared.comparable ? difference() : '—';
  const share = (plan, value) => percentFine(plan.households ? value / plan.households : null);
  const row = (name, values, difference) => h('tr', null, h('th', { scope: 'row' }, name), values.map(value => h('td', { class: 'n' }, value)), h('td', { class: 'n' }, difference));
  return h('table', { class: 'list', id: 'compared' }, h('caption', null, t('p.compared-caption')),
    h('thead', null, h('tr', null, h('td'), [a, b].map(plan => h('th', { scope: 'col', class: 'n' }, plan.name)), h('th', { scope: 'col', class: 'n' }, t('p.difference')))),
    h('tbody', null,
      row(t('p.sites-head'), [number(a.sites), number(b.sites)], signed(b.sites - a.sites)),
      row(t('p.money'), [money(a.total_krw), money(b.total_krw)], money(b.total_krw - a.total_krw)),
      row(t('p.combined-share-after'), plans.map(plan => share(plan, plan.after)), alike(() => t('p.points', { n: signed(100 * (plans[1].after / plans[1].households - plans[0].after / plans[0].households), 2) }))),
      needs.map(need => row(t('p.reached-more', { need: named(compared.needs[need] || need) }), [a, b].map(plan => (need in plan.gained ? t('unit.households', { n: number(plan.gained[need], 0) }) : '—')),
        need in a.gained && need in b.gained ? alike(() => signed(b.gained[need] - a.gained[need], 0)) : '—')),
      [...new Set(plans.map(askedGap).filter(Boolean))].map(rank => gapRow(plans, rank, compared.comparable, row)),
      row(t('p.shared-sites'), [number(compared.shared[0][1]), number(compared.shared[1][0])], ''),
      row(t('p.proof'), compared.plans.map(plan => t(`p.status-${plan.status}`)), '')));
}
