// The planner's page: a district, its gaps, and a plan against them.
import { ask, follow } from '../lib/api.js';
import { announce, byId, debounced, h, replace } from '../lib/dom.js';
import { money } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { keyDialog, start } from '../lib/shell.js';
import { empty, failed, loading, problemBox } from '../lib/states.js';
import { chooser } from './chooser.js';
import { Kept } from './compare.js';
import en from './en.js';
import { goalState } from './goals.js';
import { drawBanner, drawFacts } from './headline.js';
import { listen } from './keyboard.js';
import ko from './ko.js';
import { legend } from './legend.js';
import { query, readLink, writeLink } from './link.js';
import { DistrictMap } from './map.js';
import { namedGround, namedView } from './names.js';
import { coverPanel, dataPanel, gapsPanel } from './panels.js';
import { Planning } from './plan.js';
import { cellPopup, dongPopup, facilityPopup, gapPopup, sitePopup } from './popup.js';
import { Proposals } from './proposals.js';
import proposalsEn from './proposals_en.js';
import proposalsKo from './proposals_ko.js';
import { defaults, settingsPanel } from './settings.js';
import { changes, drawOver } from './stale.js';
import { drawTabs, showTab } from './tabs.js';
import { drawActions } from './take_away.js';

const L = window.L;

const NOTED_MS = 40;  // a browser bears only so many addresses a second

class Planner {
  async begin() {
    this.who = await start({ id: 'planner', ko: { ...ko, ...proposalsKo }, en: { ...en, ...proposalsEn } });
    this.internal = this.who.may('planner');
    this.state = { ...defaults(), ...readLink() };
    drawTabs(this);
    for (const panel of this.panels()) loading(byId(panel === 'plan' ? 'plan-result' : `panel-${panel}`));
    loading(byId('settings'), 8);
    if (this.who.problem) this.said = this.who.problem;
    try {
      Object.assign(this, await ask('/v1/districts'));  // districts, and the first to open with
    } catch (error) { this.fail(error); return; }
    if (!this.districts.length) { this.nothing(); return; }
    const wanted = this.districts.find(one => one.code === this.state.d || one.name === this.state.d);
    const opening = wanted || this.districts.find(one => one.code === this.first) || this.districts[0];
    if (this.state.d && !wanted) { this.unknown = this.state.d; Object.assign(this.state, { z: '', run: '', plan: '', sites: {}, within: '' }); }
    chooser(byId('chooser'), this.districts, opening, one => this.choose(one.code, true));
    this.map = new DistrictMap(byId('map'), this.internal ? this.hooks() : { onPick: (found, at) => this.pick(found, at), onView: () => this.viewMoved() });
    this.map.map.getContainer().setAttribute('aria-label', t('p.map'));
    this.controls();
    this.planning = this.internal ? new Planning(byId('plan-form-box'), byId('plan-result'), this.planHost()) : null;
    this.kept = this.internal ? new Kept(byId('panel-kept'), { ground: () => this.ground, view: () => this.view, state: this.state, onOpen: name => this.openPlan(name) }) : null;
    this.proposals = this.internal ? new Proposals(byId('panel-proposals'), this) : null;
    listen(this);
    window.addEventListener('hashchange', () => { if (!location.hash.includes('key=')) location.reload(); });
    await this.choose(opening.code, false);
  }

  panels() { return this.internal ? ['gaps', 'cover', 'plan', 'proposals', 'kept', 'data'] : ['cover', 'data']; }

  // ------------------------------------------------------------ a district
  async choose(code, fresh) {
    if (fresh) {
      this.unknown = '';
      Object.assign(this.state, { z: '', run: '', plan: '', sites: {}, within: '' });
      if (this.planning) this.planning.forget();
    }
    this.state.d = code;
    const { z } = this.state;
    try {
      this.ground = namedGround(await ask(`/v1/districts/${code}/ground?edition=${this.internal ? 'internal' : 'public'}`));
    } catch (error) { this.fail(error); return; }
    this.baseWeights = null;
    this.map.setGround(this.ground);
    await this.ask(true);
    if (!this.view) return;
    this.map.map.invalidateSize({ animate: false });
    if (z) { this.state.z = z; this.restoreView(); } else this.map.fit();  // the legend stands below it by now
    if (this.planning) {
      this.planning.drawForm();
      this.planning.draw();
      this.kept.load();
      this.proposals.district();
      if (this.state.plan) this.openPlan(this.state.plan);
      else if (this.state.run === '1') this.planning.run(Object.keys(this.state.sites || {}).length ? this.state.sites : null);
      else if (Object.keys(this.state.sites || {}).length) this.planning.evaluate(this.state.sites, t('p.said-link'));
    }
    this.tab(this.state.tab || this.panels()[0], false);
  }

  // The view for the settings of now. One question at a time: the newest waits for the one before, the rest is dropped.
  async ask(first) {
    if (this.asking) { this.again = true; return; }
    this.asking = true;
    try {
      do {
        this.again = false;
        await this.askOnce(first);
      } while (this.again);
    } finally {
      this.asking = false;
      this.settled();
    }
  }

  // Busy until what was changed last is shown: a change may still wait to be asked for.
  settled() { if (!this.waits && !this.asking) delete document.documentElement.dataset.busy; }

  async askOnce(first) {
    const parameters = query(this.state), code = this.state.d;
    parameters.set('edition', this.internal ? 'internal' : 'public');
    try {
      const view = namedView(await ask(`/v1/districts/${code}/view?${parameters}`));
      if (code !== this.state.d) return;
      if (view.data_version !== this.ground.data_version) {
        this.ground = namedGround(await ask(`/v1/districts/${code}/ground?edition=${this.internal ? 'internal' : 'public'}`));
        this.map.setGround(this.ground, true);
      }
      if (!first) this.said = null;
      this.show(view, first || !this.view);
    } catch (error) {
      this.said = error;
      if (!this.view) this.fail(error);
      else this.banner();
    }
  }

  show(view, first) {
    this.view = view;
    if (first && this.state.shade) this.map.shown.shade = this.state.shade;
    if (first && this.internal && !this.state.shade) this.map.shown.shade = 'density';
    for (const layer of this.map.layers) if (first && this.state.off) layer.on = layer.on && !this.state.off.split(',').includes(layer.id);
    for (const layer of this.map.layers) if (first && this.state.both) layer.on = layer.on || this.state.both.split(',').includes(layer.id);
    if (this.map.plan) this.map.setAfter(this.stale().length ? null : this.planning.plan.cover);
    this.map.setView(view);
    if (this.internal && !this.baseWeights) {
      this.baseWeights = Object.fromEntries(view.about.needs.filter(row => row.need !== 'combined').map(row => [row.need, row.weight]));
      Object.assign(this.baseWeights, this.ground.need_weights);
    }
    if (first) this.settings();
    this.head();
    this.lists();
    if (this.planning) {
      this.planning.draw();
      drawOver(this);
    }
    document.documentElement.dataset.view = String((Number(document.documentElement.dataset.view) || 0) + 1);
  }

  settings() {
    if (this.internal) {
      const noted = debounced(() => { this.waits = false; this.write(); this.settled(); }, NOTED_MS);
      settingsPanel(byId('settings'), { state: this.state, about: this.view.about, baseWeights: this.baseWeights, onChange: () => { this.waits = true; document.documentElement.dataset.busy = 'true'; noted(); this.ask(false); } });
    } else {
      replace(byId('settings'), h('div', { class: 'body public' }, h('h2', null, t('p.public-title')), h('p', null, t('p.public-help')),
        h('button', { type: 'button', class: 'button primary', id: 'enter-key', onclick: () => keyDialog(this.who) }, t('key.out'))));
    }
    byId('settings').removeAttribute('aria-busy');
  }

  lists() {
    const { map } = this;
    if (this.internal) gapsPanel(byId('panel-gaps'), map, { onGap: (i, byKeyboard) => this.openGap(i, byKeyboard), onPlan: i => this.planGap(i), onStability: () => this.stability() });
    coverPanel(byId('panel-cover'), map, this.planning && map.shown.after ? this.planning.plan : null, i => { map.showDong(i); this.popup(map.dongAt[i], dongPopup(map, i)); });
    dataPanel(byId('panel-data'), map);
    this.relegend();
    for (const panel of this.panels()) byId(`panel-${panel}`).removeAttribute('aria-busy');
  }

  relegend() { legend(byId('legend'), this.map, () => this.write()); }

  head() {
    drawFacts(this);
    drawActions(this);
    this.banner();
  }

  banner() { drawBanner(this); }

  fail(error) {
    failed(byId('panels'), error, () => location.reload());
    byId('tabs').hidden = true;
    replace(byId('settings'));
  }

  nothing() {
    byId('tabs').hidden = true;
    replace(byId('settings'));
    empty(byId('panels'), t('p.nothing'), h('p', null, t('p.nothing-help')), h('a', { class: 'button primary', href: '/import' + location.search }, t('nav.import')));
  }

  tab(name, write) { showTab(this, name, write); }

  // ------------------------------------------------------------ the map
  hooks() {
    const moved = debounced((i, latlng) => this.planning.move(i, latlng), 250);
    return {
      onPick: (found, at) => this.pick(found, at),
      onSite: (i, byKeyboard) => this.openSite(i, byKeyboard),
      onMove: (i, latlng, byKey) => { if (byKey) moved(i, latlng); else this.planning.move(i, latlng); },
      onRemove: i => this.planning.remove(i),
      onAdd: latlng => this.addAt(latlng),
      onView: () => this.viewMoved(),
    };
  }

  controls() {
    const { map } = this.map;
    const bar = h('div', { class: 'zoom', role: 'group', 'aria-label': t('p.zoom') },
      h('button', { type: 'button', 'aria-label': t('p.zoom-in'), title: t('p.zoom-in'), onclick: () => map.zoomIn() }, '+'),
      h('button', { type: 'button', 'aria-label': t('p.zoom-out'), title: t('p.zoom-out'), onclick: () => map.zoomOut() }, '−'),
      h('button', { type: 'button', id: 'whole', onclick: () => this.map.fit() }, t('p.whole')));
    byId('frame').append(bar);
    const resized = new ResizeObserver(debounced(() => map.invalidateSize({ animate: false }), 60));
    resized.observe(byId('map'));
    map.on('popupclose', () => { if (this.map.shown.gap >= 0) { this.map.shown.gap = -1; this.map.canvases.gaps.redraw(); this.markRow(); } if (this.opener && document.contains(this.opener)) this.opener.focus(); this.opener = null; });
  }

  viewMoved() {
    if (!this.view) return;
    const centre = this.map.map.getCenter();
    this.state.z = `${centre.lng.toFixed(5)},${centre.lat.toFixed(5)},${this.map.map.getZoom()}`;
    this.write();
  }

  restoreView() {
    const [lng, lat, zoom] = this.state.z.split(',').map(Number);
    if ([lng, lat, zoom].every(Number.isFinite) && Math.abs(lat) < 85) this.map.map.setView([lat, lng], zoom, { animate: false });
  }

  popup(at, content, byKeyboard) {
    const { map } = this.map, size = map.getSize();
    L.popup({ maxWidth: Math.min(360, size.x - 50), minWidth: Math.min(230, size.x - 60), maxHeight: Math.max(160, size.y - 90), autoPanPadding: [14, 20] }).setLatLng(at).setContent(content).openOn(map);
    const close = content.closest('.leaflet-popup').querySelector('.leaflet-popup-close-button');
    if (close) { close.setAttribute('aria-label', t('close')); close.title = t('close'); }
    this.opener = byKeyboard ? document.activeElement : null;
    if (byKeyboard) content.focus({ preventScroll: true });
  }

  pick(found, at) {
    if ('gap' in found && found.gap !== undefined) this.openGap(found.gap, false, false);
    else if (found.facility) this.popup(at, facilityPopup(found.facility.layer, found.facility.i));
    else if (found.cell !== undefined) this.popup(at, cellPopup(this.map, found.cell));
    else if (found.dong !== undefined) this.popup(at, dongPopup(this.map, found.dong));
  }

  openGap(i, byKeyboard, zoom = true) {
    if (!this.map.shown.gaps) { this.map.set({ gaps: true }); this.relegend(); }
    this.map.map.closePopup();
    this.map.showGap(i, zoom);
    const gap = this.map.gaps[i];
    this.popup(L.latLng(gap.place[1], gap.place[0]), gapPopup(this.map, i, h('button', { type: 'button', class: 'button small primary', onclick: () => { this.map.map.closePopup(); this.planGap(i); } }, t('p.plan-here'))), byKeyboard);
    this.markRow();
  }

  markRow() { document.querySelectorAll('tr[data-gap]').forEach(row => row.classList.toggle('chosen', Number(row.dataset.gap) === this.map.shown.gap)); }

  planGap(i) {
    this.tab('plan', true);
    this.map.showGap(i, true);
    this.planning.forGap(this.view.gap_rows[i].rank);
    this.write();
  }

  openSite(i, byKeyboard) {
    const site = this.map.plan && this.map.plan.sites[i];
    if (!site) return;
    if (!this.map.shown.after) this.after(true);
    if (this.map.map.getZoom() < 15) this.map.map.setView([site.lat, site.lon], 16, { animate: false });
    this.popup(L.latLng(site.lat, site.lon), sitePopup({ ...site, cost: money(site.total_krw) }, this.planning.plan.need_names,
      h('button', { type: 'button', class: 'button small', onclick: () => { this.map.map.closePopup(); this.planning.remove(i); } }, t('p.remove'))), byKeyboard);
  }

  // ------------------------------------------------------------ the plan
  planHost() {
    return {
      state: this.state, map: () => this.map, ground: () => this.ground, stale: () => this.stale(),
      changed: () => this.write(), planChanged: plan => this.planChanged(plan), openSite: (i, byKeyboard) => this.openSite(i, byKeyboard),
      startAdding: layer => this.startAdding(layer), kept: name => { this.state.plan = name; this.write(); this.kept.load(); this.planning.draw(); },
    };
  }

  // What the plan was made under that is otherwise now.
  stale() { return this.planning ? changes(this.planning.plan, this.view) : []; }

  planChanged(plan) {
    if (!this.map || !this.view) return;
    const drawn = plan ? this.planning.drawn() : null;
    if (drawn && this.stale().length) drawn.cover = null;
    const first = plan && !this.map.plan;
    this.map.map.closePopup();
    if (first) {
      this.map.shown.after = true;
      for (const layer of this.map.layers) if (plan.layers.some(one => one.layer === layer.id)) layer.on = true;  // what there is already
    }
    this.map.setPlan(drawn);
    if (first && this.map.shown.shade === 'density') {
      const need = plan.layers[0] && this.planning.needOf(plan.layers[0]);
      if (need && this.map.cells.cover[need]) { this.map.set({ shade: `cover:${need}` }); this.state.shade = this.map.shown.shade; }
    }
    this.state.plan = plan ? plan.name || '' : '';
    drawOver(this);
    drawActions(this);
    this.lists();
    this.write();
  }

  after(on) {
    this.map.shown.after = on;
    this.map.map.closePopup();
    this.map.remark();
    this.map.relabel();
    this.map.redraw();
    drawOver(this);
    this.lists();
  }

  startAdding(layer) {
    this.planning.adding = layer;
    this.map.adding = Boolean(layer);
    byId('hint').hidden = !layer;
    replace(byId('hint'), layer ? t('p.add-hint', { layer: this.planning.name(layer) }) : '');
    byId('stage').classList.toggle('adding', Boolean(layer));
    this.planning.draw();
    if (layer) { byId('map').focus({ preventScroll: true }); this.map.map.closePopup(); }
  }

  addAt(latlng) {
    const layer = this.planning.adding;
    this.startAdding('');
    this.planning.add(layer, latlng);
  }

  async openPlan(name) {
    try {
      const plan = await ask(`/v1/plans/${encodeURIComponent(name)}?cover=true`);
      this.asOpened(plan);
      this.planning.take(plan, t('p.said-opened', { name }));
      this.planning.fold(true);
      this.tab('plan', true);
      this.map.fitPlan();
      announce(t('p.said-opened', { name }));
    } catch (error) { this.planning.problem = error; this.planning.drawProgress(); this.tab('plan', true); }
  }

  // The form says what the opened plan was asked for, not what was asked before.
  asOpened(plan) {
    const within = plan.within || '';
    Object.assign(this.state, { budgets: {}, years: plan.years, within: within === 'gaps' ? '' : within, ...goalState(plan) });
    if (!this.state.goal) for (const layer of plan.layers) if (layer.budget_krw || layer.total_krw) this.state.budgets[layer.layer] = layer.budget_krw || layer.total_krw;
    this.map.shown.gap = -1;
    this.planning.drawForm();
  }

  async stability() {
    const button = byId('stability'), parameters = query(this.state);
    parameters.set('stability', '100');
    button.disabled = true;
    try {
      const found = await follow(`/v1/districts/${this.state.d}/gaps?${parameters}`, { onProgress: ({ done, total }) => { button.textContent = t('p.stability-at', { done, total }); } });
      const share = new Map(found.features.map(one => [one.properties.rank, one.properties.stability]));
      for (const row of this.view.gap_rows) row.stability = share.get(row.rank) ?? null;
      this.lists();
      announce(t('p.stability-done'));
    } catch (error) { button.disabled = false; button.after(problemBox(error)); }
  }

  write() {
    if (!this.map || !this.map.layers.length) { writeLink(this.state); return; }
    const { ground } = this;
    this.state.shade = this.map.shown.shade === 'density' ? '' : this.map.shown.shade;
    const first = new Map(ground.layers.map(layer => [layer.id, layer.on]));
    this.state.off = this.map.layers.filter(layer => !layer.on && first.get(layer.id)).map(layer => layer.id).join(',');
    this.state.both = this.map.layers.filter(layer => layer.on && !first.get(layer.id)).map(layer => layer.id).join(',');
    writeLink(this.state);
  }
}

const planner = new Planner();
await planner.begin();
