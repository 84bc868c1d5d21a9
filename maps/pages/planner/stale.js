// Whether a plan was made under other conditions than those shown, and how the map says so.
import { byId, h, replace } from '../lib/dom.js';
import { moment, number, percent } from '../lib/format.js';
import { t } from '../lib/i18n.js';

const minute = at => at.replace(' ', 'T').slice(0, 16);
const text = value => JSON.stringify(value && typeof value === 'object' && !Array.isArray(value) ? Object.entries(value).sort() : value);

// The settings that a phrase below speaks of; the others are called by a general word.
const WORDED = ['reach_factor', 'needs', 'weights', 'gap_threshold', 'dense_method', 'dense_share', 'combine', 'include_partial'];

// What the plan rests on that is not so now, in words; [] where all is the same. `about`: of the view that is shown.
export function changes(plan, view) {
  if (!plan || !view) return [];
  const { about } = view, now = about.settings, then = plan.settings || {};
  const differs = name => then[name] !== undefined && text(then[name]) !== text(now[name]);
  const said = [
    [differs('reach_factor'), () => `${t('p.reach')} × ${number(then.reach_factor, 2)}`],
    [minute(plan.at) !== minute(about.at), () => `${t('p.hour')} ${moment(minute(plan.at))}`],
    [(plan.who || '') !== (about.who || ''), () => `${t('p.who')} ${plan.who || t('p.everyone')}`],
    [differs('needs'), () => needsWords(plan)],
    [differs('weights'), () => t('p.weights')],
    [differs('gap_threshold'), () => `${t('p.threshold')} ${percent(then.gap_threshold)}`],
    [differs('dense_method') || differs('dense_share'), () => t('p.dense')],
    [differs('combine'), () => t('p.combine')],
    [differs('include_partial'), () => t('p.partial')],
    [Object.keys(then).some(name => !WORDED.includes(name) && differs(name)), () => t('p.other-settings')],
    [plan.data_version !== view.data_version, () => t('p.differ-data_version')],
  ];
  return said.filter(([is]) => is).map(([, words]) => words());
}

const needsWords = plan => plan.settings.needs.length
  ? t('p.needs-only', { needs: plan.settings.needs.map(need => plan.need_names[need] || need).join('·') }) : t('p.needs-all');

export const staleWords = said => t('p.stale', { what: said.join(', ') });

// The switch between before and after, and below it what the marks were made under, with the way to make them anew.
export function drawOver(page) {
  const { map, planning } = page, on = Boolean(map.plan), said = on ? changes(planning.plan, page.view) : [];
  const box = byId('switch'), stale = byId('stale');
  box.hidden = !on;
  if (on) replace(box, [[false, 'p.before'], [true, 'p.after']].map(([after, name]) => h('button', { type: 'button', 'aria-pressed': String(map.shown.after === after), data: { after: String(after) }, onclick: () => page.after(after) }, t(name))));
  if (stale.dataset.said === said.join()) return;
  stale.dataset.said = said.join();
  stale.hidden = !said.length;
  replace(stale, said.length ? [h('span', null, staleWords(said)), h('button', { type: 'button', class: 'button small', id: 'make-anew', onclick: () => { page.tab('plan', true); planning.run(); } }, t('p.run-again'))] : null);
}
