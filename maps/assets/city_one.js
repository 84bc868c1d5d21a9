// A city of one district: nothing to compare, so its figures, its needs side by side, what it has no data of.
function cityOne(data, options, lang, t) {
  const district = data.districts[0], of = id => data.measures.find(one => one.id === id);
  const big = ['households', 'common', 'common_uncovered', 'combined', 'uncovered', 'gaps', 'density'].map(of).filter(one => one && !missing(one.values[0]));
  const needs = Object.keys(data.needs).map(id => ({ id, name: data.needs[id], measure: of(`need:${id}`), state: (district.states || {})[id] || 'none' }));
  const rates = data.measures.filter(one => one.kind === 'rate');
  const inside = data.edition === 'internal';
  return el('section', { class: 'card city-facts one', 'aria-labelledby': 'city-one-h' },
    el('div', { class: 'one-head' }, el('h2', { id: 'city-one-h' }, t('figures-one')), el('h3', null, district.name, district.estimated ? el('small', null, ' ', t('estimated')) : null),
      el('small', null, `${plain(district.area_km2, 1)} km²`), districtLinks(district, options, t)),
    district.reason ? el('p', { class: 'why not' }, t('not-analysed', { why: district.reason })) : [
      el('dl', { class: 'big' }, big.map(one => el('div', null, el('dt', null, measureName(one, lang)),
        el('dd', null, valueText(one, one.values[0], district, t), one.kind === 'share' ? null : el('small', null, ` ${unitOf(one, t)}`))))),
      el('div', { class: 'one-grid' },
        inside ? el('div', null, el('h3', null, t('by-need')), el('table', { class: 'one-needs' }, el('tbody', null, needs.map(need => needRow(need, district, t))))) : null,
        rates.length ? el('div', null, el('h3', null, t('by-layer')), el('table', { class: 'one-needs' }, el('tbody', null, rates.map(one => el('tr', null,
          el('th', { scope: 'row' }, lang === 'en' ? one.head_en : one.head), el('td', { class: 'n' }, valueText(one, one.values[0], district, t))))))) : null)]);
}

function needRow({ measure, name, state }, district, t) {
  const value = measure ? measure.values[0] : null;
  return el('tr', null, el('th', { scope: 'row' }, name),
    missing(value) ? el('td', { class: 'nil', colspan: 2 }, el('i', { class: 'swatch none' }), t('no-data')) : [
      el('td', { class: 'meter', 'aria-hidden': 'true' }, el('i', { class: state === 'partial' ? 'part' : '', style: { width: `${Math.max(0.5, 100 * value)}%` } })),
      el('td', { class: 'n' }, valueText(measure, value, district, t), state === 'partial' ? el('small', null, ` ${t('partial')}`) : null)]);
}
