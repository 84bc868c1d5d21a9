// What is said of a proposal: where it is, why it stands where it does, what was decided.
import { h } from '../lib/dom.js';
import { moment, number, percent } from '../lib/format.js';
import { lang, t } from '../lib/i18n.js';
import { swatch } from './proposal_marks.js';

export const titleOf = one => one.name || one.address || one.dong_name || t('p.pr-untitled');
export const whereOf = one => [one.dong_name, one.address && one.name && !one.address.includes(one.dong_name) ? one.address : ''].filter(Boolean).join(' · ') || (one.struck ? '' : t('p.pr-no-place')); // why it was struck out stands beside
export const flagWords = flag => (flag.code.startsWith('missing:') ? t('p.pr-flag-missing', { part: flag.code.slice(8) }) : lang === 'en' ? t(`p.pr-flag-${flag.code}`) : flag.text);
export const sourceOf = (part, ground) => ground.need_names[part.source] || part.source;

export function stateOf(one, made) {
  if (one.struck) return t('p.pr-struck_out');
  if (one.decision) return t(`p.pr-${one.decision.outcome}`);
  return t(one.shortlisted ? 'p.pr-shortlisted' : made.limits ? 'p.pr-scored' : 'p.pr-undecided');
}

// Why it stands where it does; what the committee said stands whole.
export function whyOf(one, made) {
  if (one.struck) return one.same_as ? t('p.pr-why-duplicate', { n: one.same_as }) : t(`p.pr-why-${one.struck}`);
  if (one.decision) return one.decision.reason;
  if (one.score === null) return t('p.pr-why-no-score');
  return one.shortlisted || !made.limits ? '' : one.why_not ? t(`p.pr-why-${one.why_not}`) : '';
}

export function chips(one, made) {
  const found = [];
  if (one.shortlisted) found.push(h('b', { class: 'chip list' }, t('p.pr-shortlisted')));
  if (one.decision) found.push(h('b', { class: `chip ${one.decision.outcome === 'chosen' ? 'yes' : one.decision.outcome === 'held' ? 'warn' : ''}` }, t(`p.pr-${one.decision.outcome}`)));
  if (one.decision && made.limits && !one.shortlisted) found.push(h('b', { class: 'chip' }, t('p.pr-off-list')));
  if (one.struck) found.push(h('b', { class: 'chip none' }, t('p.pr-struck_out')));
  if (one.of_dong) found.push(h('b', { class: 'chip' }, t('p.pr-by-dong')));
  return found.flatMap(chip => [chip, ' ']);
}

export function foundWords(part, value) {
  if (value === null) return t('no-data');
  if (part.what === 'households' || part.what === 'uncovered') return t('unit.households', { n: number(value) });
  if (part.what === 'cover' || part.what === 'inside') return percent(value);
  return number(value, value % 1 ? 2 : 0);
}

// What was entered, oldest first; what was taken back is struck through, and stays.
export function log(one) {
  const standing = [], void_ = new Set();
  one.decisions.forEach((entry, i) => { if (entry.outcome !== 'taken_back') standing.push(i); else if (standing.length) void_.add(standing.pop()); });
  return h('details', { class: 'more' }, h('summary', null, t('p.pr-log', { n: number(one.decisions.length) })), h('ol', { class: 'log' }, one.decisions.map((entry, i) => h('li', { class: void_.has(i) ? 'void' : '' },
    [moment(entry.when), t(`p.pr-${entry.outcome}`), entry.reason, entry.who].filter(Boolean).join(' · ')))));
}

export function key() {
  const looks = [['shortlisted', 'p.pr-shortlisted'], ['scored', 'p.pr-scored'], ['chosen', 'p.pr-chosen'], ['held', 'p.pr-held'], ['not_chosen', 'p.pr-not_chosen']];
  return h('div', { class: 'proposal-key' }, looks.map(([stage, words]) => h('span', null, swatch({ stage, number: 1 }), t(words))), h('span', null, swatch({ stage: 'scored', number: 1, of_dong: true }), t('p.pr-key-dong')));
}
