// The rows of a file that need an eye, in tables: rejected, flagged, without a place. A row pressed is shown on the map.

import { ask, fetchFile } from '../lib/api.js';
import { byId, h, replace, save } from '../lib/dom.js';
import { number } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { problemBox } from '../lib/states.js';
import { cellsOf } from './map.js';

const TABS = ['rejected', 'flagged', 'unlocated'];

export class Rows {
  // `word(kind)` and `words(kinds)` in words; `path(report)` of its rejected rows; `goTo(kind, line)`, `onMap(kind, line)`.
  constructor({ word, words, path, goTo, onMap }) {
    Object.assign(this, { word, words, path, goTo, onMap, rows: {}, tab: 'rejected' });
    this.element = h('section', { class: 'card rejected-card', 'aria-label': t('import.rows') },
      h('div', { class: 'row-tabs', role: 'group', 'aria-label': t('import.rows') }, TABS.map(name => h('button', { type: 'button', class: 'button small', data: { tab: name }, onclick: () => this.open(name) }))),
      h('div', { id: 'rows' }));
  }

  // Shows the rows of a file; `features`: those the service shows of it, also without a place.
  async show(one, features) {
    this.one = one;
    const of = kind => features.filter(feature => feature.properties.kind === kind).map(feature => feature.properties);
    this.rows = { rejected: null, flagged: of('flagged'), unlocated: of('unlocated') };
    this.some = this.rows.flagged.length < Math.max(0, ...Object.values(one.flagged || {}));
    this.counts = { rejected: one.rejected, flagged: this.rows.flagged.length, unlocated: one.unlocated };
    for (const button of this.element.querySelectorAll('[data-tab]')) {
      const n = this.counts[button.dataset.tab];
      button.textContent = t(`import.tab.${button.dataset.tab}`, { n: number(n) + (button.dataset.tab === 'flagged' && this.some ? '+' : '') });
      button.hidden = !n && button.dataset.tab !== 'rejected';
    }
    this.open(TABS.find(name => this.counts[name]) || 'rejected');
    if (one.rejected) await this.load(one);
  }

  async load(one) {
    try {
      const found = await ask(`${this.path(one)}/rows`);
      if (this.one !== one) return;
      this.rows.rejected = found.rows;
    } catch (problem) {
      if (this.one === one) replace(byId('rows'), problemBox(problem));
      return;
    }
    if (this.tab === 'rejected') this.open('rejected');
  }

  open(tab) {
    this.tab = tab;
    for (const button of this.element.querySelectorAll('[data-tab]')) button.setAttribute('aria-pressed', String(button.dataset.tab === tab));
    const rows = this.rows[tab], all = this.counts[tab];
    if (!all) { replace(byId('rows'), h('p', { class: 'empty' }, t(this.one.layer ? 'import.none-rejected' : 'import.no-rows'))); return; }
    if (!rows) { replace(byId('rows'), h('p', { class: 'empty', role: 'status' }, t('loading'))); return; }
    replace(byId('rows'),
      h('div', { class: 'buttons' }, tab === 'rejected' ? this.csv(all) : null,
        h('span', { class: 'fine' }, tab === 'unlocated' ? `${t('import.unlocated.what')} ` : '', tab === 'flagged' && this.some ? t('import.some-flagged') : rows.length < all ? t(tab === 'rejected' ? 'import.more-in-csv' : 'import.first-rows', { n: number(rows.length), more: number(all - rows.length) }) : '')),
      h('div', { class: 'scroll rows', tabindex: '0', role: 'region', 'aria-label': t(`import.tab.${tab}`, { n: number(all) }) }, h('table', { id: `${tab}-rows` },
        h('thead', null, h('tr', null, ['line', 'reason', 'row'].map(name => h('th', { scope: 'col', class: name === 'line' ? 'n' : '' }, t(`import.head.${name}`))))),
        h('tbody', null, rows.map(row => this.row(row, tab))))));
  }

  csv(all) {
    const { one } = this;
    return h('button', { type: 'button', class: 'button small', id: 'csv', onclick: () => this.saveCsv(one) }, t('import.csv', { n: number(all) }));
  }

  // The service may hold the upload no more: said above the rows, which stay.
  async saveCsv(one) {
    for (const box of byId('rows').querySelectorAll('.problem')) box.remove();  // of the try before
    try {
      save(await fetchFile(this.path(one)), `${one.file}-rejected.csv`);
    } catch (problem) {
      if (this.one === one) byId('rows').prepend(problemBox(problem));
    }
  }

  row(row, tab) {
    const placed = this.onMap(tab, row.line);
    const line = placed
      ? h('button', { type: 'button', class: 'line-button to-map', 'aria-label': t('import.to-map', { n: number(row.line) }), title: t('import.to-map', { n: number(row.line) }), onclick: () => { this.mark(tab, row.line, false); this.goTo(tab, row.line); } }, number(row.line))
      : number(row.line);
    return h('tr', { data: { line: row.line } }, h('td', { class: 'n' }, line),
      h('td', null, row.reason ? this.word(row.reason) : this.words(row.what)), h('td', { class: 'cells' }, cellsOf(row, this.one.columns || [])));
  }

  // Marks a row, and brings it into view where it was pressed on the map.
  mark(tab, line, bring = true) {
    if (!TABS.includes(tab)) return;
    if (this.tab !== tab) this.open(tab);
    for (const row of this.element.querySelectorAll('tr.chosen')) row.classList.remove('chosen');
    const row = this.element.querySelector(`tr[data-line="${line}"]`);
    if (!row) return;
    row.classList.add('chosen');
    const box = row.closest('.rows');
    if (bring) box.scrollTop = row.offsetTop - box.clientHeight / 3;
  }
}
