// Above the map: what district, hour and people the figures are of, and what must be known before they are read.
import { byId, h, replace } from '../lib/dom.js';
import { date, dates, moment, number } from '../lib/format.js';
import { lang, t } from '../lib/i18n.js';
import { pageHint } from './hints.js';
import { isChanged } from './settings.js';

export function drawFacts(page) {
  const { view } = page, { about } = view;
  const facts = [[t('p.households'), number(about.households)]];
  if (about.who) facts.unshift([t('p.who'), about.who]);
  if (page.internal) facts.push([t('p.at'), moment(about.at.replace(' ', 'T'))]);
  facts.push([t('p.data-date'), dateWords(about)]);
  replace(byId('facts'), facts.map(([name, value]) => h('span', null, h('small', null, name), ' ', value)));
}

// The date of the data, and of how many layers and tables among them it is not known.
export function dateWords(about) {
  const n = about.undated.length, known = Boolean(about.data_range[0]);
  return known && n ? `${dates(about.data_range)} ${t('p.undated', { n: number(n) })}` : known ? dates(about.data_range) : t('date-unknown');
}

// The service's headings are Korean; in English the one of dates is said anew.
function headingWords(heading, about) {
  return lang === 'en' && heading.startsWith('기준일 상이') ? t('p.mixed-dates', { from: date(about.data_range[0]), to: date(about.data_range[1]) }) : heading;
}

export function drawBanner(page) {
  const { about } = page.view, said = [];
  if (about.made_up) said.push(h('b', null, t('made-up')));
  for (const heading of about.headings || []) if (!heading.startsWith('가상 자료')) said.push(h('b', null, headingWords(heading, about)));
  said.push(h('span', null, page.internal ? t('p.basis', { basis: t(`p.demand-${about.demand_source}`) }) : t('p.public-note')));
  if (page.internal && isChanged(page.state)) said.push(h('span', null, t('p.changed')));
  const inState = state => (page.internal ? about.needs.filter(row => row.state === state).map(row => row.need_name).join(', ') : '');
  if (inState('none')) said.push(h('span', null, t('p.absent-needs', { needs: inState('none') })));
  if (inState('partial') && page.state.partial !== '1') said.push(h('span', null, t('p.partial-needs', { needs: inState('partial') })));
  if (page.unknown) said.push(h('span', { role: 'alert', class: 'bad', id: 'unknown-district' }, t('p.unknown-district', { code: page.unknown.slice(0, 30), name: page.ground.name })));
  if (page.said) said.push(h('span', { role: 'alert', class: 'bad' }, [page.said.message, pageHint(page.said.hint)].filter(Boolean).join(' → ')));
  byId('banner').classList.toggle('plain-note', !about.made_up && !(about.headings || []).length && !page.said && !page.unknown);
  replace(byId('banner'), said);
}
