// Proposals of a district: a ranked list that finds its marks on the map, the committee's decisions, the way into a plan.
import { ask, fetchFile } from '../lib/api.js';
import { announce, h, replace, save } from '../lib/dom.js';
import { moment, number } from '../lib/format.js';
import { lang, t } from '../lib/i18n.js';
import { empty, failed, loading, problemBox } from '../lib/states.js';
import { ProposalMarks, swatch } from './proposal_marks.js';
import { chips, flagWords, foundWords, key, log, sourceOf, stateOf, titleOf, whereOf, whyOf } from './proposal_words.js';
import { FIRST_LAYER } from './question.js';

const L = window.L;
const KINDS = ['xlsx', 'csv', 'geojson', 'gpkg'];
const OUTCOMES = ['chosen', 'held', 'not_chosen'];
const WIDE = 900;  // above, list and map stand side by side

const FILTERS = {
  all: () => true,
  listed: one => one.shortlisted,
  chosen: one => one.stage === 'chosen',
  other: one => one.stage === 'held' || one.stage === 'not_chosen',
  unlisted: (one, made) => !one.struck && !one.decision && !one.shortlisted && (Boolean(made.limits) || one.score === null),
  struck: one => Boolean(one.struck),
};

export class Proposals {
  // page: the planner's page (map, planning, state, tab, popup, write)
  constructor(element, page) {
    Object.assign(this, { element, page, rounds: null, made: null, open: new Set(), chosen: 0, said: null, drafts: new Map(), layer: FIRST_LAYER });
  }

  get map() { return this.page.map; }
  get filter() { return FILTERS[this.page.state.pf] ? this.page.state.pf : 'all'; }
  get path() { return `/v1/proposals/${encodeURIComponent(this.made.name)}`; }
  get where() { return `district=${encodeURIComponent(this.page.state.d)}`; }
  find(n) { return this.made ? this.made.proposals.find(one => one.number === n) : null; }
  shown() { return this.made ? this.made.proposals.filter(one => FILTERS[this.filter](one, this.made)) : []; }

  // ------------------------------------------------------------ reading
  // The tab was opened: what it shows is asked for then, and stays for this district.
  opened() { if (!this.asked && this.page.view) this.load(); }

  // Another district: what was shown goes, and comes anew where it was looked at.
  district() {
    Object.assign(this, { asked: false, made: null, chosen: 0, said: null });
    this.open.clear();
    this.drafts.clear();
    this.mark();
    if (this.page.state.tab === 'proposals' || this.page.state.round) this.load();
  }

  async load() {
    const { state } = this.page, code = state.d;
    this.asked = true;
    loading(this.element, 6);
    try {
      this.rounds = (await ask(`/v1/proposals?${this.where}`)).rounds;
      if (code !== state.d) return;
      const wanted = this.rounds.find(one => one.name === state.round) || this.rounds.at(-1);
      if (wanted) await this.take(wanted.name); else this.draw();
    } catch (error) { this.asked = false; failed(this.element, error, () => this.load()); }
  }

  async take(name) {
    const code = this.page.state.d;
    const made = await ask(`/v1/proposals/${encodeURIComponent(name)}?${this.where}`);
    if (code === this.page.state.d) this.put(made);
  }

  put(made) {
    this.made = made;
    this.page.state.round = made.name;
    this.page.write();
    this.draw();
    this.mark();
  }

  // ------------------------------------------------------------ the map
  mark() {
    if (!this.marks && !this.made) return;
    this.marks ||= new ProposalMarks(this.map, {
      onPick: (numbers, at) => this.pick(numbers, at),
      labelOf: list => list.map(one => t('p.pr-mark', { n: one.number, title: titleOf(one), state: stateOf(one, this.made) })).join(', '),
    });
    const struck = one => one.struck && this.filter !== 'out' && one.number !== this.chosen;  // repeats lie on what they repeat
    this.marks.chosen = this.chosen;
    this.marks.set(this.page.state.marks === '0' ? [] : this.shown().filter(one => !struck(one)));
    this.page.relegend();
  }

  // A mark on the map: its row is found, and what it is said where it stands.
  pick(numbers, at) {
    if (!this.find(numbers[0])) return;
    const rows = numbers.map(n => this.find(n));
    this.choose(numbers[0]);
    this.page.popup(this.marks.above(at), h('div', { class: 'popup', tabindex: '-1' }, rows.map(one => [
      h('h3', null, t('p.pr-title', { n: one.number, title: titleOf(one) })),
      h('p', { class: 'where' }, whereOf(one)),
      h('p', null, [one.score === null ? '' : t('p.pr-points', { n: number(one.score, 1) }), stateOf(one, this.made)].filter(Boolean).join(' · ')),
      h('div', { class: 'buttons' }, h('button', { type: 'button', class: 'button small', onclick: () => { this.map.map.closePopup(); this.reveal(one.number, true); } }, t('p.pr-to-list'))),
    ])), false);
    if (window.innerWidth > WIDE) this.reveal(numbers[0], false);
  }

  // Its row, unfolded, in sight.
  reveal(n, focus) {
    if (!this.shown().some(one => one.number === n)) this.page.state.pf = 'all';
    this.open.add(n);
    this.choose(n);
    this.page.tab('proposals', true);
    this.draw();
    const row = this.rowOf(n);
    if (!row) return;
    row.scrollIntoView({ block: 'nearest' });
    if (focus) row.querySelector('.plain').focus();
  }

  choose(n) {
    this.chosen = n;
    if (this.marks) this.marks.choose(n);
    for (const row of this.element.querySelectorAll('li[data-proposal]')) row.classList.toggle('chosen', Number(row.dataset.proposal) === n);
  }

  // Where a proposal of the list is: its mark, in the middle of what is seen.
  show(one) {
    this.choose(one.number);
    if (this.page.state.marks === '0') { this.page.state.marks = ''; document.getElementById('show-proposals').checked = true; this.page.write(); }
    this.map.map.closePopup();
    this.mark();
    this.marks.show(one);
    if (window.innerWidth <= WIDE) document.getElementById('stage').scrollIntoView({ block: 'start' });
    announce(t('p.pr-shown', { n: one.number, where: whereOf(one) }));
  }

  rowOf(n) { return this.element.querySelector(`li[data-proposal="${n}"]`); }

  // ------------------------------------------------------------ the list
  draw() {
    const { made, element } = this;
    element.removeAttribute('aria-busy');
    if (!made) return this.nothing();
    const rows = this.shown(), { counts } = made;
    return replace(element,
      h('div', { class: 'head' },
        this.rounds.length > 1 ? h('select', { id: 'round', 'aria-label': t('p.pr-round'), onchange: event => this.other(event.target.value) }, this.rounds.map(one => h('option', { value: one.name, selected: one.name === made.name }, one.name))) : h('h2', { id: 'round-name' }, made.name),
        h('p', { class: 'lead' }, t('p.pr-sum', { district: this.page.ground.name, ...Object.fromEntries(Object.entries(counts).map(([name, n]) => [name, number(n)])) })),
        h('p', { class: 'fine' }, [t('p.pr-made', { when: moment(made.made_at) }), made.made_up ? t('made-up') : ''].filter(Boolean).join(' · '))),
      this.said,
      counts.received ? this.filters() : null,
      counts.received ? h('div', { class: 'tools' }, h('label', { class: 'check' }, h('input', { type: 'checkbox', id: 'show-proposals', checked: this.page.state.marks !== '0', onchange: event => { this.page.state.marks = event.target.checked ? '' : '0'; this.page.write(); this.mark(); } }), h('span', null, t('p.pr-on-map')))) : null,
      counts.received ? key() : null,
      rows.length ? h('ol', { class: 'proposals', id: 'proposal-list' }, rows.map(one => this.row(one)))
        : h('p', { class: 'empty' }, counts.received ? t('p.pr-none-here') : t(made.silent.some(one => one.code === this.page.state.d) ? 'p.pr-none-silent' : 'p.pr-none', { district: this.page.ground.name })),
      made.elsewhere ? h('p', { class: 'fine' }, t('p.pr-elsewhere', { n: number(made.elsewhere) })) : null,
      this.shortlistBox(), this.filesBox(), this.basisBox());
  }

  nothing() {
    empty(this.element, t('p.pr-no-rounds'), h('p', null, t('p.pr-no-rounds-help')),
      h('code', { class: 'command' }, t('p.pr-command')), h('p', { class: 'fine' }, t('p.pr-no-rounds-more')),
      h('button', { type: 'button', class: 'button', onclick: () => this.load() }, t('p.pr-reload')));
  }

  async other(name) {
    this.said = null;
    this.open.clear();
    this.choose(0);
    try { await this.take(name); } catch (error) { this.trouble(error); }
  }

  filters() {
    const { made } = this;
    return h('div', { class: 'proposal-filter', role: 'group', 'aria-label': t('p.pr-filter') }, Object.keys(FILTERS).map(name => h('button', {
      type: 'button', 'aria-pressed': String(this.filter === name), data: { filter: name },
      onclick: () => { this.page.state.pf = name === 'all' ? '' : name; this.page.write(); this.draw(); this.mark(); this.element.querySelector(`[data-filter=${name}]`).focus(); },
    }, `${t(`p.pr-filter-${name}`)} ${number(made.proposals.filter(one => FILTERS[name](one, made)).length)}`)));
  }

  row(one) {
    const unfolded = this.open.has(one.number), placed = one.lon !== null || (one.of_dong && one.dongs.some(code => this.map.dongs.codes.includes(code)));
    const why = whyOf(one, this.made);
    return h('li', { data: { proposal: one.number }, class: one.number === this.chosen ? 'chosen' : '' },
      h('div', { class: 'row' },
        h('button', { type: 'button', class: 'find', disabled: !placed, title: t(placed ? 'p.pr-find' : 'p.pr-no-place'), 'aria-label': t(placed ? 'p.pr-find-n' : 'p.pr-no-place-n', { n: one.number }), onclick: () => this.show(one) }, swatch(one)),
        h('div', null,
          h('button', { type: 'button', class: 'plain', 'aria-expanded': String(unfolded), onclick: () => this.fold(one) }, titleOf(one)),
          h('small', null, [one.rank === null ? '' : t('p.pr-rank', { n: number(one.rank) }), whereOf(one), t(`p.pr-side-${one.side}`), one.repeats ? t('p.pr-repeats', { n: number(one.repeats) }) : ''].filter(Boolean).join(' · ')),
          h('div', null, chips(one, this.made), why ? h('small', { class: 'why' }, why) : null)),
        h('div', { class: 'points' }, one.score === null ? '—' : number(one.score, 1), h('small', null, one.score === null ? t('p.pr-unscored') : t('p.pr-point')))),
      unfolded ? this.detail(one) : null);
  }

  fold(one) {
    if (this.open.has(one.number)) this.open.delete(one.number); else this.open.add(one.number);
    this.redraw(one.number);
    this.choose(one.number);
    this.rowOf(one.number).querySelector('.plain').focus({ preventScroll: true });
  }

  redraw(n) { this.rowOf(n)?.replaceWith(this.row(this.find(n))); }

  // ------------------------------------------------------------ one proposal
  detail(one) {
    const said = [[t('p.pr-address'), one.address], [t('p.pr-proposer'), one.proposer], [t('p.pr-own-number'), one.own_number], [t('p.pr-located'), one.located_by ? t(`p.pr-by-${one.located_by}`) : ''],
      [t('p.grid-id'), one.grid_id], [t('p.flags'), one.flags.map(flagWords).join(', ')], ...Object.entries(one.said)].filter(([, value]) => value);
    return h('div', { class: 'detail' },
      one.of_dong ? h('p', { class: 'fine' }, t('p.pr-dong-only')) : null,
      one.score === null ? null : this.partsTable(one),
      h('dl', { class: 'facts said' }, said.map(([name, value]) => [h('dt', null, name), h('dd', null, value)])),
      one.struck ? null : this.decideBox(one),
      one.decisions.length ? log(one) : null,
      this.addBox(one));
  }

  partsTable(one) {
    const { parts } = this.made, weight = parts.reduce((sum, part, i) => sum + (one.parts[i].points === null ? 0 : part.weight), 0);
    return h('table', null, h('caption', null, t('p.pr-parts')),
      h('thead', null, h('tr', null, [[t('p.pr-part')], [t('p.pr-found'), 'n'], [t('p.pr-adds'), 'n'], [t('p.pr-most'), 'n']].map(([text, kind]) => h('th', { scope: 'col', class: kind || '' }, text)))),
      h('tbody', null, parts.map((part, i) => h('tr', null, h('th', { scope: 'row' }, part.name), h('td', { class: 'n' }, foundWords(part, one.parts[i].found)),
        h('td', { class: 'n' }, one.parts[i].points === null ? t('p.pr-left-out') : number(one.parts[i].points, 1)), h('td', { class: 'n' }, one.parts[i].points === null ? '—' : number(100 * part.weight / weight, 1))))));
  }

  decideBox(one) {
    const draft = this.drafts.get(one.number) || { outcome: one.decision?.outcome || '', reason: '' };
    const keep = changes => this.drafts.set(one.number, Object.assign(draft, changes));
    const id = `reason-${one.number}`, said = h('div', { role: 'alert' });
    const reason = h('input', { id, maxlength: 1000, required: true, autocomplete: 'off', value: draft.reason, placeholder: t('p.pr-reason-example'), oninput: event => keep({ reason: event.target.value }) });
    const send = async event => {
      event.preventDefault();
      if (!draft.outcome) { replace(said, t('p.pr-outcome-needed')); form.querySelector('input[type=radio]').focus(); return; }
      if (!reason.value.trim()) { replace(said, t('p.pr-reason-needed')); reason.focus(); return; }
      await this.change(one, form, `${this.path}/${one.number}/decision?${this.where}`, { method: 'PUT', json: { outcome: draft.outcome, reason: reason.value.trim(), stamp: one.stamp } }, t(`p.pr-said-${draft.outcome}`, { n: one.number }));
    };
    const form = h('form', { novalidate: true, onsubmit: send }, h('fieldset', { class: 'decide' }, h('legend', null, t('p.pr-decide')),
      h('div', { class: 'outcomes' }, OUTCOMES.map(name => h('label', null, h('input', { type: 'radio', name: `outcome-${one.number}`, value: name, checked: draft.outcome === name, onchange: () => keep({ outcome: name }) }), t(`p.pr-${name}`)))),
      h('label', { for: id }, t('p.pr-reason')), reason, said,
      h('div', { class: 'buttons' }, h('button', { type: 'submit', class: 'button small primary' }, t('p.pr-enter')),
        one.decision ? h('button', { type: 'button', class: 'button small', data: { undo: one.number }, onclick: () => this.undo(one, form) }, `↶ ${t('p.pr-undo')}`) : null)));
    return form;
  }

  // stamp: how the proposal stood where the press was offered; what another decided since is not taken back.
  undo(one, form, stamp = one.stamp) {
    return this.change(one, form, `${this.path}/${one.number}/decision?${this.where}&stamp=${encodeURIComponent(stamp)}`, { method: 'DELETE' }, t('p.pr-said-undone', { n: one.number }));
  }

  // A change of one proposal: what the service answers is what is shown then.
  async change(one, form, path, options, words) {
    form.querySelectorAll('button').forEach(button => { button.disabled = true; });
    form.setAttribute('aria-busy', 'true');
    try {
      const made = await ask(path, options);
      this.drafts.delete(one.number);
      const now = made.proposals.find(found => found.number === one.number);
      this.tell(words, options.method === 'PUT' && now?.stamp !== one.stamp ? now : null);  // the same said again is no entry
      this.put(made);
      announce(words);
      (this.rowOf(one.number)?.querySelector('.plain') || this.element.querySelector('[data-filter]'))?.focus({ preventScroll: true });
    } catch (error) {
      form.querySelectorAll('button').forEach(button => { button.disabled = false; });
      form.removeAttribute('aria-busy');
      replace(form.querySelector('[role=alert]'), problemBox(error, error.code === 'decided_meanwhile' ? () => this.anew() : null));
    }
  }

  // What was just done, above the list, with the way back beside it.
  tell(words, entered) {
    const back = entered ? h('button', { type: 'button', class: 'button small', id: 'undo-decision', onclick: event => { const one = this.find(entered.number); if (one) this.undo(one, event.target.parentNode, entered.stamp); } }, `↶ ${t('p.pr-undo')}`) : null;
    this.said = h('div', { class: 'cost', id: 'proposal-said' }, h('b', null, words), ' ', back, h('div', { role: 'alert' }));
  }

  // Read again: what was said before is of what stood then, its way back too.
  anew() {
    this.said = null;
    return this.take(this.made.name).catch(error => this.trouble(error));
  }

  trouble(error) { this.said = problemBox(error); this.draw(); }

  // ------------------------------------------------------------ into the plan
  addBox(one) {
    if (one.lon === null || one.struck) return null;
    const { planning } = this.page;
    const layers = planning.layers.filter(layer => layer.geometry !== 'zone');
    const select = h('select', { 'aria-label': t('p.add-layer'), onchange: () => { this.layer = select.value; draw(); } }, layers.map(layer => h('option', { value: layer.layer, selected: layer.layer === this.layer }, layer.name)));
    const button = h('button', { type: 'button', class: 'button small', data: { add: one.number } }), note = h('small');
    const draw = () => {
      const there = planning.plan?.sites.find(site => site.layer === select.value && L.latLng(site.lat, site.lon).distanceTo([one.lat, one.lon]) < 1);
      button.disabled = Boolean(there);
      button.textContent = t('p.pr-add');
      note.textContent = there ? t('p.pr-added', { n: there.number }) : '';
    };
    button.addEventListener('click', async () => {
      const words = t('p.pr-said-added', { n: one.number, layer: planning.name(select.value) });
      this.page.tab('plan', true);
      document.getElementById('tab-plan').focus();
      this.map.map.closePopup();
      await planning.add(select.value, L.latLng(one.lat, one.lon), words);
      document.getElementById(planning.problem ? 'plan-progress' : 'plan-result')?.scrollIntoView({ block: 'start' });
      this.redraw(one.number);
    });
    draw();
    return h('div', { class: 'add-site' }, select, button, note);
  }

  // ------------------------------------------------------------ the whole call
  shortlistBox() {
    const { limits } = this.made, said = h('div', { role: 'alert' });
    const field = (name, value, least) => h('label', null, h('small', null, t(`p.pr-${name}`)), h('input', { type: 'number', min: least, max: 100000, data: { limit: name }, value: value ?? '' }));
    const send = async (event, options, words) => {
      event.preventDefault();
      try {
        const made = await ask(`${this.path}/shortlist?${this.where}`, options);
        this.tell(words, null);
        this.put(made);
        announce(words);
      } catch (error) { replace(said, problemBox(error)); }
    };
    const form = h('form', { novalidate: true, onsubmit: event => {
      const json = {};
      for (const one of form.querySelectorAll('[data-limit]')) if (one.value.trim()) json[one.dataset.limit] = Number(one.value);
      return send(event, { method: 'POST', json }, t('p.pr-said-listed'));
    } }, h('p', { class: 'fine' }, t('p.pr-shortlist-help')),
    h('div', { class: 'numbers3' }, field('size', limits?.size, 1), field('most_per_district', limits?.most_per_district, 1), field('least_per_district', limits?.least_per_district ?? 0, 0)),
    h('div', { class: 'buttons' }, h('button', { type: 'submit', class: 'button small' }, t('p.pr-relist')),
      limits ? h('button', { type: 'button', class: 'button small', onclick: event => send(event, { method: 'DELETE' }, t('p.pr-said-unlisted')) }, t('p.pr-unlist')) : null), said);
    return h('details', { class: 'more', id: 'shortlist' }, h('summary', null, t('p.pr-shortlist')), form);
  }

  filesBox() {
    const said = h('div', { role: 'alert' });
    const buttons = (words, query, name) => h('div', { class: 'buttons' }, h('span', null, words), KINDS.map(kind => h('button', {
      type: 'button', class: 'button small', data: { table: kind },
      onclick: async event => {
        event.target.disabled = true;
        try { save(await fetchFile(`${this.path}?format=${kind}${query}`), `${name}.${kind}`); replace(said); } catch (error) { replace(said, problemBox(error)); }
        event.target.disabled = false;
      },
    }, kind)));
    return h('details', { class: 'more', id: 'proposal-files' }, h('summary', null, t('p.pr-files')), h('p', { class: 'fine' }, t('p.pr-files-help')),
      buttons(this.page.ground.name, `&${this.where}`, `${this.made.name}-${this.page.ground.name}`), h('br'), buttons(t('p.pr-whole'), '', this.made.name), said);
  }

  basisBox() {
    const { made } = this;
    return h('details', { class: 'more' }, h('summary', null, t('p.pr-basis')),
      h('ul', null, made.parts.map(part => h('li', null, h('b', null, part.name), ` — ${t('p.pr-weight', { n: number(part.weight, part.weight % 1 ? 1 : 0) })} · ${t(`p.pr-what-${part.what}`)} · ${t(`p.pr-better-${part.better}`)}`, sourceOf(part, this.page.ground) ? ` · ${sourceOf(part, this.page.ground)}` : ''))),
      h('p', { class: 'fine' }, t('p.pr-not-ours')),
      h('p', { class: 'fine' }, made.files.join(', ')),
      made.notes.length ? h('ul', null, made.notes.map(note => h('li', { lang: 'ko' }, note))) : null);
  }
}
