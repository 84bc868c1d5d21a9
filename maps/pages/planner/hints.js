// What the service advises, in words of this page: its own speak of the fields of a request.
import { lang, t } from '../lib/i18n.js';

const FIELDS = {
  budget_krw: 'p.money', candidates: 'p.field-candidates', within: 'p.within', years: 'p.years', cost: 'p.costs', 'cost.once_krw': 'p.costs', moves: 'p.moving',
  target: 'p.aim', fewest: 'p.fewest', include_partial: 'p.partial', at: 'p.hour', who: 'p.who', reach: 'p.reach', threshold: 'p.threshold', weight: 'p.weights',
  dense: 'p.dense', dense_share: 'p.share', combine: 'p.combine', layers: 'p.layer', stability: 'p.steady',
};
const NAMES = Object.keys(FIELDS).sort((a, b) => b.length - a.length).map(name => name.replace('.', '\\.')).join('|');
const FIELD = new RegExp(`(?<![\\w.])"?(${NAMES})"?(?:=true)?(?![\\w.])`, 'g');
const CODE = /[{}\[\]]|"\s*:|\w+_\w+|\b[a-z]+=|\/v1\/|\b(GET|POST)\b/;  // what no planner types

export function pageHint(hint) {
  if (!hint) return '';
  if (hint.startsWith('예산을 늘리거나 더 싼 후보')) return t('p.hint-budget');
  const said = hint.replace(FIELD, (_, name) => `‘${t(FIELDS[name])}’`);
  if (CODE.test(said) || (lang === 'en' && /[가-힣]/.test(said))) return t('p.hint-other');
  return said;
}

export const onPage = problem => (problem && problem.hint ? { ...problem, message: problem.message, hint: pageHint(problem.hint) } : problem);
