// Money in, plan out: the answer to the question, the hand on it. Every change by hand is counted again by the service.
import { ask, fetchFile, follow, isAbort } from '../lib/api.js';
import { announce, h, replace, save } from '../lib/dom.js';
import { metres, money, number, percent, readMoney, signed } from '../lib/format.js';
import { lang, t } from '../lib/i18n.js';
import { problemBox } from '../lib/states.js';
import { curve } from './curve.js';
import { goalOf } from './goals.js';
import { History } from './history.js';
import { onPage } from './hints.js';
import { settingsBody } from './link.js';
import { kindWords, namedPlan } from './names.js';
import { outcome } from './outcome.js';
import { unstable } from './popup.js';
import { FIRST_LAYER, Question, knownCost } from './question.js';
import { staleWords } from './stale.js';

const COLOURS = ['#0b5cad', '#b2182b', '#1a6e3c', '#7a4b00'];

export class Planning extends Question {
  // host: { state, map(), ground(), stale(), changed(), openSite(i, byKeyboard), hint(text) }
  constructor(form, element, host) {
    super(form, host);
    Object.assign(this, { element, running: null, problem: null, progress: null, adding: '', base: '' });
    this.history = new History(() => this.changed());
  }

  get plan() { return this.history.now ? this.history.now.plan : null; }
  name(layer) { return (this.layers.find(one => one.layer === layer) || {}).name || layer; }

  // ------------------------------------------------------------ the answer
  async run(sites) {
    const body = this.body();
    this.problem = null;
    const wrong = [...this.formBox.querySelectorAll('.row-money input, [id^=cost-of-]')].find(field => field.value.trim() && !(readMoney(field.value) >= 0));
    if (wrong) {
      this.problem = { message: t('p.money-wrong', { text: wrong.value.trim().slice(0, 30) }), hint: t('p.money-bad') };
      this.drawProgress();
      this.fold(false);
      wrong.focus();
      return;
    }
    if (goalOf(this.host.state) === 'one' && body.layers.length === 1) {
      this.problem = { message: t('p.one-alone'), hint: t('p.one-alone-help', { goal: t('p.goal-each') }) };
      this.drawProgress();
      document.querySelector('#among input')?.focus();
      return;
    }
    if (!body.layers.length) {
      this.problem = { message: t('p.no-money'), hint: t('p.no-money-help') };
      this.drawProgress();
      (document.getElementById('money-all') || document.getElementById(`money-${FIRST_LAYER}`))?.focus();
      return;
    }
    if (this.running) this.running.abort();
    const mine = this.running = new AbortController();
    this.progress = {};
    this.drawProgress();
    this.fold(true);  // with the press itself, so that nothing jumps when the answer comes
    try {
      const plan = await follow(`/v1/districts/${this.host.ground().code}/plans`, {
        method: 'POST', json: body, signal: mine.signal, onProgress: progress => { this.progress = progress; this.drawProgress(); },
      });
      this.question = JSON.stringify(body);
      this.host.state.run = '1';
      this.take(plan, t('p.said-run'));
      announce(t('p.planned', { n: number(plan.sites.length) }));
      if (sites) await this.evaluate(sites, t('p.said-link'));
    } catch (error) {
      if (!isAbort(error)) this.problem = error;
      if (this.running === mine) this.fold(false);
    }
    if (this.running === mine) { this.running = null; this.progress = null; }
    this.drawProgress();
  }

  // The form folds to its question in a line while there is an answer, or one is awaited.
  fold(on) {
    const question = document.getElementById('plan-question');
    if (!question) return;
    question.open = !on;
    replace(question.querySelector('summary'), on ? this.questionWords() : t('p.question'));
    if (!on) return;
    const panels = document.getElementById('panels');
    if (getComputedStyle(panels).overflowY === 'auto') panels.scrollTop = 0; else document.getElementById('stage').scrollIntoView({ block: 'start' });
  }

  // A plan as the service made or kept it: what is done by hand is counted against it.
  take(plan, said) {
    namedPlan(plan);
    this.base = plan.draft;
    this.history.states = [];
    this.history.at = -1;
    this.history.push({ plan, edit: null, said });
  }

  forget() {
    if (this.running) this.running.abort();
    this.base = '';
    this.problem = null;
    this.history.clear();
  }

  drawProgress() {
    const box = document.getElementById('plan-progress');
    if (!box) return;
    const busy = Boolean(this.running);
    document.getElementById('run').disabled = busy;
    const { what, value, bound } = this.progress || {};
    replace(box,
      busy ? h('div', { class: 'progress' }, h('i', { class: 'moving', 'aria-hidden': 'true' }), h('span', null, what && lang === 'ko' ? t('p.looking-at', { what }) : t('p.looking')),
        value !== null && value !== undefined && bound ? h('small', null, t('p.found-so-far', { share: percent(value / bound) })) : null,
        h('button', { type: 'button', class: 'button small', id: 'stop', onclick: () => this.running && this.running.abort() }, t('p.stop'))) : null,
      this.problem ? problemBox(onPage(this.problem)) : null);
  }

  // ------------------------------------------------------------ by hand
  // The plan's sites as the service takes them, by layer, in the order of the answer.
  sitesNow() {
    const { edit } = this.history.now, found = {};
    if (edit) return Object.fromEntries(Object.entries(edit).map(([layer, list]) => [layer, [...list]]));
    for (const layer of this.plan.layers) found[layer.layer] = [];
    for (const site of this.plan.sites) (found[site.layer] = found[site.layer] || []).push({ id: site.id });
    return found;
  }

  indexIn(i) {
    const site = this.plan.sites[i];
    return [site.layer, this.plan.sites.filter((one, k) => k < i && one.layer === site.layer).length];
  }

  // One change after another: the next begins when the one before has been counted.
  enqueue(change) {
    this.queue = (this.queue || Promise.resolve()).then(change);
    return this.queue;
  }

  move(i, latlng) {
    return this.enqueue(() => {
      if (!this.plan || !this.plan.sites[i]) return null;
      const sites = this.sitesNow(), [layer, k] = this.indexIn(i);
      sites[layer][k] = { lon: latlng.lng, lat: latlng.lat };
      const { number: was } = this.plan.sites[i];
      return this.evaluate(sites, t('p.said-moved', { n: was }), { layer, k, number: was });
    });
  }

  remove(i) {
    const asked = this.plan.sites[i];
    return this.enqueue(() => {
      const at = this.plan ? this.plan.sites.findIndex(one => one.layer === asked.layer && one.lon === asked.lon && one.lat === asked.lat) : -1;
      if (at < 0) return null;
      const sites = this.sitesNow(), [layer, k] = this.indexIn(at);
      sites[layer].splice(k, 1);
      return this.evaluate(sites, t('p.said-removed', { n: this.plan.sites[at].number }));
    });
  }

  add(layer, latlng, said = t('p.said-added', { layer: this.name(layer) })) {
    return this.enqueue(() => {
      const sites = this.plan ? this.sitesNow() : {};
      sites[layer] = [...(sites[layer] || []), { lon: latlng.lng, lat: latlng.lat }];
      return this.evaluate(sites, said);
    });
  }

  // `moved`: { layer, k, number } of the one site that was moved.
  async evaluate(sites, said, moved) {
    const before = this.plan, { code } = this.host.ground();
    const layers = Object.entries(sites).map(([layer, list]) => ({ layer, sites: list, ...this.costBy(layer) }));
    const body = { layers, ...(this.base ? { draft: this.base } : { settings: settingsBody(this.host.state), years: this.host.state.years ?? 5 }) };
    this.element.setAttribute('aria-busy', 'true');
    try {
      const plan = namedPlan(await ask(`/v1/districts/${code}/plans/evaluate`, { method: 'POST', json: body }));
      if (code !== this.host.ground().code || before !== this.plan) return;  // another district or plan by now
      this.problem = null;
      // Numbers are in the order of building, in files too: what was given is put in that order, so that a place is a number.
      const edit = Object.fromEntries(Object.entries(sites).map(([layer, list]) => [layer, plan.sites.filter(site => site.layer === layer).map(site => list[site.given])]));
      const now = moved ? plan.sites.find(site => site.layer === moved.layer && site.given === moved.k)?.number : null;
      if (moved && now !== moved.number) said = `${said} ${t('p.said-now', { n: now })}`;
      this.history.push({ plan, edit, said, delta: before ? plan.after - before.after : plan.after - plan.before });
      announce(`${said}. ${t('p.delta', { n: signed(plan.after - (before || { after: plan.before }).after, 1) })}`);
    } catch (error) {
      this.problem = error;
      this.changed();  // what was dragged goes back to where it is counted
    } finally {
      this.element.removeAttribute('aria-busy');
    }
    this.drawProgress();
  }

  // A site placed by hand needs a cost: the planner's own, the catalog's, or none at all, which is said.
  costBy(id) {
    const layer = this.layers.find(one => one.layer === id);
    if (!layer || (this.host.state.costs[id] === undefined && knownCost(layer))) return {};
    return { cost: this.costOf(layer) || { once_krw: 0, year_krw: 0 } };
  }

  get draft() { return this.plan ? this.plan.draft : ''; }
  undo() {
    return this.enqueue(() => {
      if (!this.history.canUndo) return;
      const { said } = this.history.now;
      this.history.undo();
      announce(t('p.undone', { said }));
    });
  }

  redo() {
    return this.enqueue(() => {
      if (!this.history.canRedo) return;
      this.history.redo();
      announce(t('p.redone', { said: this.history.now.said }));
    });
  }

  changed() {
    if (!this.host) return;
    const now = this.history.now;
    this.host.state.sites = now && now.edit ? now.edit : {};
    if (!now) this.host.state.run = '';
    this.host.planChanged(now ? now.plan : null);
    this.draw();
  }

  // What the map draws: the plan's sites with the words they are called by.
  drawn() {
    const { plan } = this;
    if (!plan) return null;
    const reach = Object.fromEntries(plan.layers.map(layer => [layer.layer, layer.reach_m]));
    return {
      cover: plan.cover,
      gone: plan.layers.flatMap(layer => layer.closed || []),
      sites: plan.sites.map(site => ({ ...site, reach: reach[site.layer] || [0, 0], layer_name: this.name(site.layer), title: t('p.site-label', { n: site.number, layer: this.name(site.layer), dong: site.dong_name || '', grid: site.grid_id }) })),
    };
  }

  // ------------------------------------------------------------ the answer
  draw() {
    const { plan, element, history } = this;
    element.removeAttribute('aria-busy');
    if (!plan) { replace(element, this.handBox()); return; }
    const stale = this.host.stale();
    replace(element,
      stale.length ? h('div', { class: 'notice' }, staleWords(stale), ' ', h('button', { type: 'button', class: 'button small', onclick: () => this.run() }, t('p.run-again'))) : null,
      h('div', { class: 'summary', id: 'plan-summary' },
        h('h3', null, plan.name ? plan.name : t('p.plan-of', { n: number(plan.sites.length) })),
        h('p', null, t(plan.year_krw ? 'p.plan-money' : 'p.plan-money-once', { total: money(plan.total_krw), years: plan.years, once: money(plan.once_krw), year: money(plan.year_krw) })),
        this.handBox(),
        history.now && history.now.edit ? this.costBox(history.now) : null,
        outcome(plan)),
      plan.layers.map(layer => this.layerBox(plan, layer)),
      (plan.reruns || []).length ? this.rangeBox(plan) : null,
      h('p', { class: 'fine' }, t('p.not-added')),
      this.keepBox(plan));
  }

  // The same question at the low, usual and high cost of a site.
  rangeBox(plan) {
    return h('table', { class: 'list', id: 'cost-range' }, h('caption', null, t('p.range-caption')),
      h('thead', null, h('tr', null, [t('p.level'), t('p.sites-head'), t('p.money'), t('p.range-gain'), t('p.range-kept')].map((name, i) => h('th', { scope: 'col', class: i ? 'n' : '' }, name)))),
      h('tbody', null, plan.reruns.map(row => h('tr', null, h('th', { scope: 'row' }, t(`p.level-${row.level}`)),
        [number(Object.values(row.sites).reduce((sum, n) => sum + n, 0)), money(row.total_krw), signed(row.score_gained, 1), number(row.kept)].map(text => h('td', { class: 'n' }, text))))));
  }

  costBox(now) {
    const first = this.history.states.find(state => !state.edit);
    return h('div', { class: 'cost', role: 'status' },
      h('b', null, now.said), h('p', null, t('p.delta-step', { n: signed(now.delta, 1) })),
      first ? h('p', null, t('p.delta-plan', { n: signed(now.plan.after - first.plan.after, 1), money: money(now.plan.total_krw - first.plan.total_krw) })) : null);
  }

  layerBox(plan, layer) {
    const sites = plan.sites.map((site, i) => [site, i]).filter(([site]) => site.layer === layer.layer);
    const against = layer.against;
    const need = this.needOf(layer);
    return h('section', { class: 'layer', data: { layer: layer.layer } },
      h('h3', null, h('i', { class: 'tone', style: { background: layer.colour } }), `${layer.name} ${t('p.sites', { n: number(sites.length) })}`, h('small', null, money(layer.total_krw))),
      h('p', { class: against && !against.valid ? 'fine' : 'proof' }, against ? this.againstWords(against) : layer.proof[lang] || layer.proof.ko),
      this.layers.some(one => one.layer === layer.layer && !this.costOf(one)) ? h('p', { class: 'fine flag' }, t('p.cost-free')) : null,
      layer.limits ? h('p', { class: 'fine' }, limitWords(layer)) : null,
      layer.budget_krw && layer.total_krw > layer.budget_krw + 0.5 ? h('p', { class: 'over-budget', role: 'status' }, t('p.over-budget', { budget: money(layer.budget_krw), over: money(layer.total_krw - layer.budget_krw) })) : null,
      sites.length ? h('table', { class: 'list sites' }, h('caption', null, t('p.sites-caption')),
        h('thead', null, h('tr', null, h('th', { scope: 'col', class: 'n' }, '#'), h('th', { scope: 'col' }, t('p.where')), h('th', { scope: 'col', class: 'n' }, t('p.adds-short')), h('th', { scope: 'col', class: 'n' }, t('p.per-million')), h('th', { scope: 'col' }, h('span', { class: 'visually-hidden' }, t('p.do'))))),
        h('tbody', null, sites.map(([site, i]) => h('tr', { data: { row: i } },
          h('td', { class: 'n' }, h('b', { class: 'number' }, site.number)),
          h('td', null, h('button', { type: 'button', class: 'plain', onclick: event => this.host.openSite(i, event.detail === 0) }, site.dong_name || site.grid_id),
            h('small', null, [site.grid_id, kindWords(site.kind), money(site.total_krw), site.stability === null || site.stability === undefined ? '' : t('p.stays', { share: percent(site.stability) })].filter(Boolean).join(' · ')), site.flags ? h('small', { class: 'flag' }, site.flags) : null,
            unstable(site.stability) ? h('b', { class: 'chip warn' }, t('p.unstable')) : null),
          h('td', { class: 'n' }, number(site.gained[need], 1)), h('td', { class: 'n' }, number((site.per_million || {})[need], 2)),
          h('td', { class: 'n' }, h('button', { type: 'button', class: 'icon', 'aria-label': t('p.remove-label', { n: site.number }), title: t('p.remove'), onclick: () => this.remove(i) }, '×')))))) : h('p', { class: 'empty' }, t('p.no-sites')),
      this.movedBox(plan, layer, need),
      layer.curve && layer.total_krw > 0 ? curve([{ name: layer.name, colour: COLOURS[0], krw: layer.curve.krw, gain: (layer.curve.gained || {})[need] || layer.curve.score }], t('p.curve', { need: plan.need_names[need] || need })) : null);
  }

  // Existing facilities that the plan takes away, and where each goes.
  movedBox(plan, layer, need) {
    const gone = layer.closed || [];
    if (!gone.length) return null;
    const name = plan.need_names[need] || need;
    return h('table', { class: 'list moved' }, h('caption', null, t('p.moved-caption')),
      h('thead', null, h('tr', null, [[t('p.moved-from')], [t('p.moved-to')], [t('p.moved-lost', { need: name }), 'n']].map(([text, kind]) => h('th', { scope: 'col', class: kind || '' }, text)))),
      h('tbody', null, gone.map(one => h('tr', { data: { gone: one.id } },
        h('th', { scope: 'row' }, h('i', { class: 'gone-swatch', 'aria-hidden': 'true' }, '×'), ' ', one.name || one.address || one.id, h('small', null, [one.dong_name, one.grid_id, one.occupancy === null || one.occupancy === undefined ? '' : t('p.moved-occupancy', { share: percent(one.occupancy) })].filter(Boolean).join(' · '))),
        h('td', null, one.to ? [h('b', { class: 'number' }, one.to), h('small', null, metres(one.distance_m))] : t('p.moved-nowhere')),
        h('td', { class: 'n' }, number(one.lost[need], 1))))));
  }

  // The need that a layer is bought for: the first it supplies that the plan counts.
  needOf(layer) {
    const supplied = (this.layers.find(one => one.layer === layer.layer) || {}).needs || [];
    return supplied.find(need => need in layer.gained) || Object.keys(layer.gained)[0] || layer.objective[0];
  }

  againstWords(against) {
    if (!against.valid) return against.why[lang] || against.why.ko;
    return t('p.against', { share: percent(1 - against.share), below: number(against.below, 1) });
  }

  handBox() {
    const { history } = this;
    const select = h('select', { id: 'add-layer', 'aria-label': t('p.add-layer') }, this.layers.filter(layer => layer.geometry !== 'zone').map(layer => h('option', { value: layer.layer }, layer.name)));
    select.value = this.adding || (this.plan && this.plan.layers[0]?.layer) || FIRST_LAYER;
    return h('div', { class: 'hand' },
      h('button', { type: 'button', class: 'button small', id: 'undo', disabled: !history.canUndo, title: 'Ctrl+Z', onclick: () => this.undo() }, `↶ ${t('p.undo')}`),
      h('button', { type: 'button', class: 'button small', id: 'redo', disabled: !history.canRedo, title: 'Ctrl+Y', onclick: () => this.redo() }, `↷ ${t('p.redo')}`),
      h('span', { class: 'add' }, select, h('button', { type: 'button', class: 'button small', id: 'add', 'aria-pressed': String(Boolean(this.adding)), onclick: () => this.host.startAdding(this.adding ? '' : select.value) }, this.adding ? t('p.add-stop') : t('p.add'))),
      this.plan ? h('p', { class: 'fine' }, t('p.hand-help')) : h('p', { class: 'fine' }, t('p.hand-empty')));
  }

  keepBox(plan) {
    const field = h('input', { id: 'plan-name', maxlength: 100, value: plan.name || '', placeholder: t('p.name-example') });
    const said = h('div', { class: 'fine', id: 'keep-said' });
    const keep = async event => {
      event.preventDefault();
      const name = field.value.trim();
      if (!name) { field.focus(); replace(said, t('p.name-needed')); return; }
      try {
        const kept = await ask(`/v1/plans/${encodeURIComponent(name)}`, { method: 'PUT', json: { draft: plan.draft } });
        if (this.history.now && this.history.now.plan === plan) this.history.now.plan = { ...plan, name, draft: (kept && kept.draft) || plan.draft };
        this.host.kept(name);
        replace(document.getElementById('keep-said') || said, t('p.kept', { name }));
        announce(t('p.kept', { name }));
      } catch (error) { replace(said, problemBox(error)); }
    };
    return h('form', { class: 'keep', onsubmit: keep }, h('h3', null, t('p.keep')),
      h('div', { class: 'pair' }, h('label', { for: 'plan-name', class: 'visually-hidden' }, t('p.name')), field, h('button', { type: 'submit', class: 'button' }, t('p.save'))), said,
      h('div', { class: 'buttons' }, ['xlsx', 'gpkg', 'geojson'].map(kind => h('button', { type: 'button', class: 'button small', data: { file: kind }, onclick: () => this.file(kind, said) }, t(`p.file-${kind}`)))));
  }

  async file(kind, said) {
    try {
      save(await fetchFile(`/v1/plans/file?format=${kind}&lang=${lang}`, { method: 'POST', json: { draft: this.draft } }), `${this.host.ground().name}-${t('p.plan-file')}.${kind}`);
    } catch (error) { replace(said, problemBox(error)); }
  }
}

// Money is said as everywhere on the page, with what is left of it.
function limitWords(layer) {
  const own = part => part.startsWith('예산 ') || (lang === 'en' && part.endsWith('곳까지'));
  const rest = [layer.limits].flat().join(', ').split(', ').filter(part => part && !own(part));
  const left = (layer.budget_krw || 0) - layer.total_krw, budget = layer.budget_krw && { money: money(layer.budget_krw), left: money(left) };
  return [budget ? t(left >= 1 && layer.model !== 'together' ? 'p.budget-left' : 'p.budget', budget) : '',
    lang === 'en' && layer.count ? t('p.at-most', { n: number(layer.count) }) : '', ...rest].filter(Boolean).join(', ');
}
