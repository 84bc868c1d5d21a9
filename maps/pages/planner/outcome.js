// What a plan does: for the gap it was asked for, for the district, and for the other gaps that it changes.
import { h } from '../lib/dom.js';
import { number, percent, signed } from '../lib/format.js';
import { t } from '../lib/i18n.js';

export const percentFine = share => share === null || Number.isNaN(share) ? t('no-data') : `${number(share * 100, 2)} %`;
const head = names => h('thead', null, h('tr', null, names.map((name, i) => h('th', { scope: 'col', class: i ? 'n' : '' }, name))));
const line = (kind, name, values) => h('tr', { class: kind }, h('th', { scope: 'row' }, name), values.map(value => h('td', { class: 'n' }, value)));
const columns = () => h('colgroup', null, h('col'), h('col'), h('col'), h('col'));
const beforeAndAfter = () => [t('p.measure'), t('p.before'), t('p.after'), t('p.change')];

export function outcome(plan) {
  const rank = askedGap(plan), asked = plan.gaps.find(gap => gap.rank === rank);
  return [rank ? ofGap(plan, rank, asked) : null, ofDistrict(plan, Boolean(asked)), Object.keys(plan.gained).length ? h('p', { class: 'fine', id: 'two-measures' }, t('p.two-measures')) : null, others(plan.gaps.filter(gap => gap !== asked), Boolean(asked))];
}

// The rank of the one gap that a plan was asked for, 0 where it was asked for more.
export const askedGap = plan => Number(/^gap:(\d+)$/.exec(plan.within || '')?.[1] || 0);
const rankAfter = gap => gap.rank_after === null ? t('p.gap-gone') : t('p.rank-n', { n: gap.rank_after });

function ofGap(plan, rank, gap) {
  if (!gap) return h('p', { class: 'fine', id: 'gap-after' }, t('p.gap-unchanged', { n: rank }));
  const limit = plan.settings.gap_threshold, points = (a, b) => t('p.points', { n: signed(100 * (b - a), 1) });
  return h('table', { class: 'list change', id: 'gap-after' }, h('caption', null, t('p.gap-after', { n: rank, dong: gap.dong_name })), columns(), head(beforeAndAfter()),
    h('tbody', null,
      line('sum', t('p.uncovered'), [number(gap.uncovered_before), number(gap.uncovered_after), signed(gap.uncovered_after - gap.uncovered_before)]),
      line('', t('p.combined-cover'), [percent(gap.cover_before, limit), percent(gap.cover_after, limit), points(gap.cover_before, gap.cover_after)]),
      Object.entries(gap.needs).map(([need, [a, b]]) => line('', t('p.cover-of', { need: plan.need_names[need] || need }), [percent(a), percent(b), points(a, b)])),
      line('', t('p.gap-rank'), [t('p.rank-n', { n: gap.rank }), rankAfter(gap), ''])));
}

// `below`: under a table with the same columns, whose heads need not be read twice.
function ofDistrict(plan, below) {
  const share = value => plan.households ? value / plan.households : null;
  return h('table', { class: `list change ${below ? 'below' : ''}`, id: 'before-after' }, h('caption', null, t('p.district-after', { name: plan.district_name })), columns(), head(beforeAndAfter()),
    h('tbody', null,
      line('sum', t('p.combined-share'), [percentFine(share(plan.before)), percentFine(share(plan.after)), t('p.points', { n: signed(100 * (share(plan.after) - share(plan.before)), 2) })]),
      Object.entries(plan.gained).filter(([, gain]) => Math.abs(gain) >= 0.5).map(([need, gain]) => h('tr', null, h('th', { scope: 'row', colspan: 2 }, t('p.reached-more', { need: plan.need_names[need] || need })), h('td', { class: 'n', colspan: 2 }, t('unit.households', { n: signed(gain) }))))));
}

function others(gaps, more) {
  if (!gaps.length) return null;
  const rows = h('table', { class: 'list', id: 'gaps-after' }, h('caption', null, t('p.gaps-after-caption')),
    head([t('p.gap-areas'), t('p.uncovered-before'), t('p.uncovered-after'), t('p.gap-rank-after')]),
    h('tbody', null, gaps.map(gap => line('', t('p.gap-of', { n: gap.rank, dong: gap.dong_name }), [number(gap.uncovered_before), number(gap.uncovered_after), rankAfter(gap)]))));
  return h('details', { class: 'more' }, h('summary', null, t(more ? 'p.other-gaps' : 'p.changed-gaps', { n: number(gaps.length) })), rows);
}
