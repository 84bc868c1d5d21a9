// Names of the catalog in the page's language: the service speaks Korean, and gives the English of its names beside.
import { lang, t } from '../lib/i18n.js';

let english = {};

// Proper names (districts, dong, facilities) and what a planner's own catalog has no English for stay as they are.
export const named = name => (lang === 'en' && Object.hasOwn(english, name) ? english[name] : name);

const renamed = names => Object.fromEntries(Object.entries(names || {}).map(([id, name]) => [id, named(name)]));
const each = (list, key = 'name') => { for (const one of list || []) one[key] = named(one[key]); };

export function namedGround(ground) {
  english = ground.english || {};
  if (lang !== 'en') return ground;
  for (const list of [ground.layers, ground.plannable, ground.within]) each(list);
  ground.need_names = renamed(ground.need_names);
  return ground;
}

export function namedView(view) {
  if (lang !== 'en') return view;
  each(view.about.needs, 'need_name');
  for (const gap of view.gaps || []) for (const row of gap.nearest || []) row[0] = named(row[0]);
  return view;
}

export function namedPlan(plan) {
  if (lang !== 'en') return plan;
  each(plan.layers);
  plan.need_names = renamed(plan.need_names);
  return plan;
}

// What kind of place a site is, in the service's words.
const KINDS = {
  '새 자리': 'p.kind-new', '손으로 놓은 자리': 'p.kind-hand', '기존 지주': 'p.kind-pole', '기존 시설': 'p.kind-existing',
  상점: 'p.kind-shop', '24시간 상점': 'p.kind-shop24', 건물: 'p.kind-building', '공공시설(이름으로 봄)': 'p.kind-public',
};

export function kindWords(kind) {
  if (lang !== 'en' || !kind) return kind;
  if (KINDS[kind]) return t(KINDS[kind]);
  const pole = /^기존 지주\((.+)\)$/.exec(kind);
  return pole ? t('p.kind-pole-of', { layer: named(pole[1]) }) : named(kind);
}
