// The report: what each file was recognised as, what was mended, flagged and rejected, on a map and in a table.

import { ask, fetchFile } from '../lib/api.js';
import { byId, h, replace, save } from '../lib/dom.js';
import { number, percent } from '../lib/format.js';
import { has, lang, t } from '../lib/i18n.js';
import { problemBox } from '../lib/states.js';
import { asksOfNote } from './asks.js';
import { KINDS, RowMap } from './map.js';

const sum = (reports, name) => reports.reduce((all, report) => all + report[name], 0);
const total = counts => Object.values(counts || {}).reduce((all, n) => all + n, 0);

export class Report {
  // `deps`: outlines, points, allowed, store(overruled), discard(), again(asked).
  constructor(report, deps) {
    Object.assign(this, { report, deps, reports: report.reports, on: new Set(Object.keys(KINDS)) });
    const { reports } = this;
    this.chosen = Math.max(0, this.firstWorthALook());
    this.stored = reports.some(one => one.layer && !one.unchanged);
    this.summary = t('import.summary', {
      files: number(reports.length), read: number(sum(reports, 'read')), accepted: number(sum(reports, 'accepted')), rejected: number(sum(reports, 'rejected')),
    });
    this.element = h('div', { class: 'report' }, h('p', { class: 'lead', id: 'summary' }, this.summary, ' ', h('b', null, t('import.not-yet'))),
      this.table(), this.details(), this.actions());
  }

  firstWorthALook() {
    const marked = this.reports.findIndex(one => one.rejected || total(one.flagged));
    return marked >= 0 ? marked : this.reports.findIndex(one => one.layer);
  }

  words(kinds) {
    return kinds.split(';').map(kind => this.word(kind)).join(', ');
  }

  word(kind) {
    if (has(`import.why.${kind}`)) return t(`import.why.${kind}`);
    return lang === 'en' && has(`kind.${kind}`) ? t(`kind.${kind}`) : this.deps.allowed.words[kind] || kind;
  }

  counts(counts) {
    return Object.entries(counts || {}).map(([kind, n]) => h('span', { class: 'count' }, `${this.word(kind)} ${number(n)}`));
  }

  layerName(id) {
    const { allowed } = this.deps;
    return id.split(',').map(one => allowed.layers.find(layer => layer.id === one)?.name || (has(`import.table.${one}`) ? t(`import.table.${one}`) : one)).join(', ');
  }

  table() {
    const heads = ['file', 'as', 'system', 'read', 'accepted', 'rejected', 'marks'];
    return h('div', { class: 'scroll card', tabindex: '0', role: 'region', 'aria-label': t('import.table') }, h('table', { id: 'files' },
      h('thead', null, h('tr', null, heads.map(name => h('th', { scope: 'col', class: ['read', 'accepted', 'rejected'].includes(name) ? 'n' : '' }, t(`import.head.${name}`))))),
      h('tbody', null, this.reports.map((one, i) => this.row(one, i)))));
  }

  row(one, i) {
    const notes = (one.note || '').split('; ').filter(Boolean).map(note => note.replace(/^[a-z_]+: /, '').replace(/\.? 아니면 layer를 주십시오$/, '')).filter(Boolean);
    const asks = one.note ? asksOfNote(one.note) : [];
    const name = h('button', { type: 'button', class: 'file-button', 'aria-pressed': String(i === this.chosen), data: { file: i }, onclick: () => this.choose(i) }, one.file);
    return h('tr', { class: one.layer ? '' : 'skipped', data: { row: i } },
      h('th', { scope: 'row' }, one.layer ? name : one.file,
        notes.map(note => h('p', { class: 'fine' }, note)),
        asks.length ? h('button', { type: 'button', class: 'button small', onclick: () => this.deps.again([[one.file, { options: asks, columns: [] }]]) }, t('import.say-otherwise')) : null),
      h('td', { data: { head: t('import.head.as') } }, one.layer ? [h('b', null, this.layerName(one.layer)), h('p', { class: 'fine' }, one.dataset)] : t('import.skipped'),
        one.unchanged ? h('p', { class: 'fine' }, t('import.unchanged')) : null),
      h('td', { data: { head: t('import.head.system') } }, /\.(xlsx?|gpkg|parquet)\b/i.test(one.file) ? '' : one.encoding || '', one.crs ? h('p', null, one.crs, one.crs_score === null ? null : h('span', { class: 'fine' }, ` ${t('import.score', { p: percent(one.crs_score) })}`)) : null),
      h('td', { class: 'n', data: { head: t('import.head.read') } }, number(one.read)),
      h('td', { class: 'n', data: { head: t('import.head.accepted') } }, number(one.accepted),
        one.unlocated ? h('p', { class: 'fine' }, t('import.unlocated', { n: number(one.unlocated) })) : null,
        one.devices && one.devices !== one.accepted ? h('p', { class: 'fine' }, t('import.devices', { n: number(one.devices) })) : null),
      h('td', { class: `n ${one.rejected ? 'bad' : ''}`, data: { head: t('import.head.rejected') } }, number(one.rejected)),
      h('td', { class: 'marks' },
        one.rejected ? h('p', null, h('b', null, t('import.mark.rejected')), this.counts(one.reasons)) : null,
        total(one.repaired) ? h('p', null, h('b', null, t('import.mark.repaired')), this.counts(one.repaired)) : null,
        total(one.flagged) ? h('p', null, h('b', null, t('import.mark.flagged')), this.counts(one.flagged)) : null));
  }

  details() {
    const toggles = Object.entries(KINDS).map(([kind, { colour }]) => h('label', { class: 'tick' },
      h('input', { type: 'checkbox', checked: true, data: { kind }, onchange: event => this.toggle(kind, event.target.checked) }),
      h('i', { class: `dot ${kind}`, style: { '--c': colour }, 'aria-hidden': 'true' }), h('span', { id: `n-${kind}` })));
    return h('div', { class: 'details' },
      h('section', { class: 'card map-card', 'aria-labelledby': 'map-title' }, h('h2', { id: 'map-title' }), h('div', { id: 'map', role: 'group', 'aria-label': t('import.map') }),
        h('div', { class: 'legend' }, toggles,
        h('button', { type: 'button', class: 'button small', id: 'afar', hidden: true, onclick: () => { this.map.showAll(); byId('afar').hidden = true; } })), h('p', { class: 'fine', id: 'map-note' })),
      h('section', { class: 'card rejected-card', 'aria-labelledby': 'rejected-title' }, h('h2', { id: 'rejected-title' }, t('import.rejected')), h('div', { id: 'rejected' }),
        h('div', { id: 'unlocated-card', hidden: true }, h('h2', null, t('import.unlocated.title')), h('div', { id: 'unlocated' }))));
  }

  // Once the element stands in the page: a map needs its size.
  shown() {
    this.map = new RowMap(byId('map'), this.deps.outlines, kinds => this.words(kinds));
    this.choose(this.chosen);
  }

  choose(i) {
    this.chosen = i;
    const one = this.reports[i];
    for (const button of document.querySelectorAll('.file-button')) button.setAttribute('aria-pressed', String(Number(button.dataset.file) === i));
    for (const row of document.querySelectorAll('[data-row]')) row.classList.toggle('chosen', Number(row.dataset.row) === i);
    if (!one) return;
    const all = this.deps.points.features.filter(feature => feature.properties.file === i), own = all.filter(feature => feature.geometry);
    byId('map-title').textContent = one.file;
    const afar = this.map.show(own, this.on);
    for (const kind of Object.keys(KINDS)) {
      byId(`n-${kind}`).textContent = t(`import.legend.${kind}`, { n: number(own.filter(feature => feature.properties.kind === kind).length) });
    }
    // A sample says how many there are of all: on the map are as many as the report counts, or it is said that they are fewer.
    const shownOf = kind => own.filter(feature => feature.properties.kind === kind).length;
    const nowhere = one.reasons && total(one.reasons) > shownOf('rejected') ? one.rejected - shownOf('rejected') : 0;
    const some = shownOf('accepted') + shownOf('flagged') < one.accepted - one.unlocated;
    replace(byId('map-note'), !own.length ? t('import.no-places') : [some && t('import.sample'), nowhere > 0 && t('import.nowhere', { n: number(nowhere) })].filter(Boolean).join(' '));
    byId('afar').hidden = !afar;
    byId('afar').textContent = t('import.afar', { n: number(afar) });
    this.rejectedRows(one);
    this.unlocatedRows(one, all.filter(feature => !feature.geometry).map(feature => feature.properties));
  }

  // Accepted rows that are nowhere, with why.
  unlocatedRows(one, rows) {
    const card = byId('unlocated-card');
    card.hidden = !rows.length;
    if (!rows.length) return;
    replace(byId('unlocated'), h('p', { class: 'fine' }, t('import.unlocated.what'), rows.length < one.unlocated ? ` ${t('import.first-rows', { n: number(rows.length) })}` : ''),
      h('div', { class: 'scroll rows', tabindex: '0', role: 'region', 'aria-label': t('import.unlocated.title') }, h('table', { id: 'unlocated-rows' },
        h('thead', null, h('tr', null, ['line', 'reason', 'row'].map(name => h('th', { scope: 'col', class: name === 'line' ? 'n' : '' }, t(`import.head.${name}`))))),
        h('tbody', null, rows.map(row => h('tr', null, h('td', { class: 'n' }, number(row.line)), h('td', null, this.words(row.what)), h('td', { class: 'cells' }, row.row)))))));
  }

  toggle(kind, on) {
    this.on[on ? 'add' : 'delete'](kind);
    this.map.toggle(kind, on);
  }

  async rejectedRows(one) {
    const box = byId('rejected');
    if (!one.rejected) {
      replace(box, h('p', { class: 'empty' }, t('import.none-rejected')));
      return;
    }
    const path = `/v1/imports/${this.report.id}/rejected/${one.rejected_rows}`;
    try {
      const { total: all, rows } = await ask(`${path}/rows`);
      if (this.reports[this.chosen] !== one) return;
      const csv = async () => save(await fetchFile(path), `${one.file}-rejected.csv`);
      replace(box,
        h('div', { class: 'buttons' }, h('button', { type: 'button', class: 'button small', id: 'csv', onclick: csv }, t('import.csv', { n: number(all) })),
          rows.length < all ? h('span', { class: 'fine' }, t('import.first-rows', { n: number(rows.length) })) : null),
        h('div', { class: 'scroll rows', tabindex: '0', role: 'region', 'aria-label': t('import.rejected') }, h('table', { id: 'rejected-rows' },
          h('thead', null, h('tr', null, ['line', 'reason', 'row'].map(name => h('th', { scope: 'col', class: name === 'line' ? 'n' : '' }, t(`import.head.${name}`))))),
          h('tbody', null, rows.map(row => h('tr', null, h('td', { class: 'n' }, number(row.line)), h('td', null, this.word(row.reason)), h('td', { class: 'cells' }, row.row)))))));
    } catch (problem) {
      replace(box, problemBox(problem));
    }
  }

  actions() {
    const { overrule } = this.report;
    const ticks = overrule.map(one => h('label', { class: 'tick overrule' },
      h('input', { type: 'checkbox', data: { overrule: one.parameter }, onchange: () => this.settleStore() }),
      h('span', null, h('b', null, t(`import.overrule.${one.code}`)), h('span', { class: 'said' }, one.title), t(`import.overrule.${one.code}.what`))));
    this.button = h('button', { type: 'button', class: 'button primary', id: 'store', disabled: overrule.length > 0 || !this.stored, onclick: () => this.deps.store(overrule.map(one => one.parameter)) }, t('import.store'));
    return h('div', { class: 'card actions', id: 'actions' }, ticks,
      this.stored ? null : h('p', null, t('import.nothing-new')),
      h('div', { class: 'buttons' }, this.button,
        h('button', { type: 'button', class: 'button', id: 'again', onclick: () => this.deps.again([]) }, t('import.back')),
        h('button', { type: 'button', class: 'button', id: 'discard', onclick: this.deps.discard }, t('import.discard'))));
  }

  settleStore() {
    this.button.disabled = !this.stored || [...document.querySelectorAll('[data-overrule]')].some(box => !box.checked);
  }
}
