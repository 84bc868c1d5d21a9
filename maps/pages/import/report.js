// The report: what is open, what each file was recognised as, what was mended, flagged and rejected, on a map and in tables.

import { byId, h, replace } from '../lib/dom.js';
import { date, number, percent } from '../lib/format.js';
import { has, lang, t } from '../lib/i18n.js';
import { asksOfNote } from './asks.js';
import { KINDS, RowMap } from './map.js';
import { questions } from './questions.js';
import { Rows } from './rows.js';

const sum = (reports, name) => reports.reduce((all, report) => all + report[name], 0);
const total = counts => Object.values(counts || {}).reduce((all, n) => all + n, 0);

// What would become of a file: new, same (as stored), copy (of another one here), older (another one here is newer), skipped.
export function stateOf(one) {
  if (!one.layer) return 'skipped';
  if (/^skipped: /.test(one.note)) return 'none'; // of what it is, but not a row of it can be taken
  if (!one.unchanged) return 'new';
  return /\bcopy: /.test(one.note) ? 'copy' : /\bsuperseded: /.test(one.note) ? 'older' : 'same';
}

export class Report {
  // `deps`: outlines, points, open, allowed, said, isChanged(), store(overruled), discard(), back(), look(), otherwise(file, asks).
  constructor(report, deps) {
    Object.assign(this, { report, deps, reports: report.reports, on: new Set(Object.keys(KINDS)) });
    const { reports } = this;
    this.chosen = Math.max(0, this.firstWorthALook());
    this.stored = reports.some(one => stateOf(one) === 'new');
    this.summary = this.headline();
    this.rows = new Rows({ word: kind => this.word(kind), words: kinds => this.words(kinds), path: one => `/v1/imports/${report.id}/rejected/${one.rejected_rows}`, goTo: (kind, line) => this.map.goTo(kind, line), onMap: (kind, line) => this.map.has(kind, line) });
    const read = reports.some(one => one.layer);
    this.element = h('div', { class: 'report', id: 'report' },
      h('p', { class: 'lead', id: 'summary' }, this.summary, this.stored || deps.open.length ? [' ', h('b', null, t('import.not-yet'))] : null),
      questions(deps.open, deps.said, deps.allowed, () => this.settle()),
      reports.length ? this.table() : null, read ? this.details() : null, h('div', { id: 'progress' }), this.actions());
  }

  // What would happen: what is new, what is stored already, what was not read, what is open.
  headline() {
    const of = state => this.reports.filter(one => stateOf(one) === state), fresh = of('new'), same = of('same');
    if (same.length && same.length === this.reports.length && !this.report.open.length) return t('import.all-same', { n: number(same.length) });
    const parts = [
      fresh.length ? t('import.sum.new', { n: number(fresh.length), accepted: number(sum(fresh, 'accepted')), rejected: number(sum(fresh, 'rejected')) }) : t('import.sum.nothing'),
      ...['none', 'same', 'copy', 'older', 'skipped'].filter(state => of(state).length).map(state => t(`import.sum.${state}`, { n: number(of(state).length) })),
      this.report.open.length ? t('import.sum.open', { n: number(this.report.open.length) }) : '',
    ];
    const elsewhere = of('none').some(one => one.reasons.outside);
    return [`${parts.filter(Boolean).join(' · ')}.`, elsewhere ? t('import.sum.elsewhere') : ''].filter(Boolean).join(' ');
  }

  firstWorthALook() {
    const marked = this.reports.findIndex(one => stateOf(one) === 'new' && (one.rejected || total(one.flagged)));
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
    const state = stateOf(one);
    const notes = (one.note || '').split('; ').filter(Boolean).map(note => note.replace(/^[a-z_]+: /, '').replace(/\.? 아니면 layer를 주십시오$/, '')).filter(Boolean);
    const name = h('button', { type: 'button', class: 'file-button', 'aria-pressed': String(i === this.chosen), data: { file: i }, onclick: () => this.choose(i, true) }, one.file);
    return h('tr', { class: one.layer ? '' : 'skipped', data: { row: i } },
      h('th', { scope: 'row' }, one.layer ? name : one.file, notes.map(note => h('p', { class: 'fine' }, note)), this.ownDate(one), this.sayings(one)),
      h('td', { data: { head: t('import.head.as') } }, one.layer ? [h('b', null, this.layerName(one.layer)), h('p', { class: 'fine' }, one.dataset)] : t('import.skipped'),
        state === 'new' || state === 'skipped' ? null : h('p', { class: 'fine state' }, t(`import.state.${state}`)),
        one.data_date ? h('p', { class: 'fine' }, t('import.data-date', { date: date(one.data_date) })) : null),
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

  // The rows say no date; the one in the file's name is offered, and taken only where the planner says so. Once stored
  // with it, the file is known by it: then it takes a word that there is none.
  ownDate(one) {
    const said = this.deps.said.of(one.file).data_date, known = /\bstated_date: /.test(one.note) ? one.data_date : '';
    const day = one.named_date || said || known, on = Boolean(said ?? known);
    if (!day) return null;
    const say = ticked => this.deps.said.date(one.file, ticked === on ? said : ticked ? day : '');
    return h('label', { class: 'tick own-date' },
      h('input', { type: 'checkbox', checked: on, data: { date: one.file }, onchange: event => { say(event.target.checked); this.settle(); } }),
      h('span', null, t('import.own-date', { date: date(day) })));
  }

  // What else can be said of a file: that it is something else, or that it stays out.
  sayings(one) {
    const { said } = this.deps, asks = one.note ? asksOfNote(one.note) : [];
    const left = said.isAside(one.file);
    if (!one.layer && !left) return null;
    return h('div', { class: 'buttons' },
      asks.length ? h('button', { type: 'button', class: 'button small', onclick: () => this.deps.otherwise(one.file, { options: asks, columns: one.columns || [] }) }, t('import.say-otherwise')) : null,
      h('label', { class: 'tick aside' },
        h('input', { type: 'checkbox', checked: left, data: { aside: one.file }, 'aria-label': `${one.file}: ${t('import.aside')}`, onchange: event => { said.setAside(one.file, event.target.checked); this.settle(); } }), t('import.aside')));
  }

  details() {
    const toggles = Object.entries(KINDS).map(([kind, { colour }]) => h('label', { class: 'tick' },
      h('input', { type: 'checkbox', checked: true, data: { kind }, onchange: event => this.toggle(kind, event.target.checked) }),
      h('i', { class: `dot ${kind}`, style: { '--c': colour }, 'aria-hidden': 'true' }), h('span', { id: `n-${kind}` })));
    return h('div', { class: 'details' },
      h('section', { class: 'card map-card', 'aria-labelledby': 'map-title' }, h('h2', { id: 'map-title' }), h('div', { id: 'map', role: 'group', 'aria-label': t('import.map') }),
        h('div', { class: 'legend' }, toggles,
          h('span', { class: 'key' }, h('i', { class: 'swatch inside', 'aria-hidden': 'true' }), t('import.legend.inside')),
          h('span', { class: 'key' }, h('i', { class: 'swatch outside', 'aria-hidden': 'true' }), t('import.legend.outside')),
          h('button', { type: 'button', class: 'button small', id: 'afar', hidden: true, onclick: () => { this.map.showAll(); byId('afar').hidden = true; } })), h('p', { class: 'fine', id: 'map-note' })),
      this.rows.element);
  }

  // Once the element stands in the page: a map needs its size.
  shown() {
    if (byId('map')) {
      this.map = new RowMap(byId('map'), this.deps.outlines, { words: kinds => this.words(kinds), columns: () => this.reports[this.chosen].columns || [], picked: row => this.rows.mark(row.kind, row.line) });
      this.choose(this.chosen);
    }
    this.settle();
    document.querySelector('.ask select, .ask input')?.focus({ preventScroll: true });
  }

  choose(i, bring = false) {
    this.chosen = i;
    const one = this.reports[i];
    for (const button of document.querySelectorAll('.file-button')) button.setAttribute('aria-pressed', String(Number(button.dataset.file) === i));
    for (const row of document.querySelectorAll('[data-row]')) row.classList.toggle('chosen', Number(row.dataset.row) === i);
    if (!one) return;
    const all = this.deps.points.features.filter(feature => feature.properties.file === i), own = all.filter(feature => feature.geometry);
    byId('map-title').textContent = one.file;
    const afar = this.map.show(own, this.on);
    const shownOf = kind => own.filter(feature => feature.properties.kind === kind).length;
    for (const kind of Object.keys(KINDS)) byId(`n-${kind}`).textContent = t(`import.legend.${kind}`, { n: number(shownOf(kind)) });
    // A sample says how many there are of all: on the map are as many as the report counts, or it is said that they are fewer.
    const nowhere = one.reasons && total(one.reasons) > shownOf('rejected') ? one.rejected - shownOf('rejected') : 0;
    const some = shownOf('accepted') + shownOf('flagged') < one.accepted - one.unlocated;
    replace(byId('map-note'), !own.length ? t('import.no-places') : [some && t('import.sample'), nowhere > 0 && t('import.nowhere', { n: number(nowhere) })].filter(Boolean).join(' '));
    byId('afar').hidden = !afar;
    byId('afar').textContent = t('import.afar', { n: number(afar) });
    this.rows.show(one, all);
    if (bring) document.querySelector('.details').scrollIntoView({ block: 'nearest' });
  }

  toggle(kind, on) {
    this.on[on ? 'add' : 'delete'](kind);
    this.map.toggle(kind, on);
  }

  actions() {
    const { overrule } = this.report;
    const ticks = overrule.map(one => h('label', { class: 'tick overrule' },
      h('input', { type: 'checkbox', data: { overrule: one.parameter }, onchange: () => this.settle() }),
      h('span', null, h('b', null, t(`import.overrule.${one.code}`)), h('span', { class: 'said' }, one.title), t(`import.overrule.${one.code}.what`))));
    const button = (id, text, onclick, more = '') => h('button', { type: 'button', class: `button ${more}`, id, onclick }, text);
    return h('div', { class: 'card actions', id: 'actions' }, ticks, h('p', { id: 'why-not', role: 'status' }),
      h('div', { class: 'buttons' },
        button('relook', t('import.relook'), this.deps.look), button('store', t('import.store'), () => this.deps.store(overrule.map(one => one.parameter)), 'primary'),
        button('again', t('import.back'), this.deps.back), button('discard', t('import.discard'), this.deps.discard)));
  }

  // Whether it can be stored, and if not, why; what was said anew is looked at first.
  settle() {
    const { said, isChanged } = this.deps, open = this.report.open.filter(one => !said.isAside(one.file));
    const changed = isChanged() || this.report.open.some(one => said.isGuess(one.file) && !said.isAside(one.file));
    const unticked = [...document.querySelectorAll('[data-overrule]')].some(box => !box.checked);
    const why = changed ? 'import.not.changed' : open.length ? 'import.not.open' : !this.stored ? 'import.not.nothing' : unticked ? 'import.not.overrule' : '';
    byId('store').disabled = Boolean(why);
    byId('relook').hidden = !changed;
    byId('relook').classList.toggle('primary', changed);
    byId('store').classList.toggle('primary', !changed);
    byId('why-not').hidden = !why;
    byId('why-not').textContent = why ? t(why, { n: number(open.length) }) : '';
  }
}
