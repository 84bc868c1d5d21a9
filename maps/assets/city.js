// The overview of a city, drawn from its data: a map and a list that follow one choice, a table, the programmes.
// Where districts are so few that their order fills no column, the figures of one stand in it. One has no order at all.
// drawCity(root, data, { lang, mapOf(code, name), planOf(code), tools: [nodes], measure, onMeasure }).
const FEW = 3;

function drawCity(root, data, options) {
  const lang = options.lang, t = cityText(lang);
  if (lang === 'en') data = inEnglish(data);
  root.replaceChildren(...cityHead(data, options, lang, t));
  root.classList.add('city');
  if (!data.districts.length) {
    root.append(el('p', { class: 'card' }, t('empty')));
    return;
  }
  const few = data.districts.length <= FEW, one = data.districts.length === 1;
  const state = { measure: data.measures.find(each => each.id === options.measure) || data.measures[0], chosen: -1 };
  if (few) state.chosen = one ? 0 : inOrder(data, state.measure)[0] ?? 0;
  const select = el('select', { id: 'city-measure' }, data.measures.map(each => el('option', { value: each.id }, measureName(each, lang))));
  const legend = el('div', { 'aria-live': 'off' }), list = el('div', { class: 'city-list' }), facts = el('div', { class: 'city-facts', 'aria-live': 'polite' });
  const map = cityMap(data, lang, t, choose);

  function choose(i) {
    state.chosen = i;
    map.choose(i);
    list.querySelectorAll('tr[data-i]').forEach(row => row.classList.toggle('chosen', Number(row.dataset.i) === i));
    facts.replaceChildren(i < 0 ? el('p', { class: 'fine' }, t('pick')) : districtFacts(data, i, options, lang, t));
  }
  function follow() {
    select.value = state.measure.id;
    legend.replaceChildren(cityLegend(state.measure, lang, t));
    list.replaceChildren(...cityList(data, state.measure, choose, lang, t));
    map.draw(state.measure);
    choose(state.chosen);
  }
  select.addEventListener('change', () => {
    state.measure = data.measures.find(each => each.id === select.value);
    follow();
    if (options.onMeasure) options.onMeasure(state.measure.id);
  });
  root.append(
    el('div', { class: `city-grid ${one ? 'of-one' : few ? 'of-few' : ''}` },
      el('section', { class: 'card', 'aria-labelledby': 'city-map-h' }, el('h2', { id: 'city-map-h', class: 'visually-hidden' }, t('map')),
        el('div', { class: 'city-choice' }, el('label', { for: 'city-measure' }, t(one ? 'measure-one' : 'measure')), select), map.picture, legend, few ? null : facts),
      el('section', { class: 'card', 'aria-labelledby': 'city-list-h' }, el('h2', { id: 'city-list-h' }, t(one ? 'figures-one' : 'ranking')), one ? null : list, few ? facts : null)),
    cityTable(data, options, lang, t), cityProgrammes(data, lang, t), cityNotes(data, t));
  follow();
  if (document.fonts && document.fonts.ready) document.fonts.ready.then(map.placeNames);
  window.addEventListener('resize', map.placeNames);
}

function cityHead(data, options, lang, t) {
  const n = data.districts.length, [a, b] = data.dates.map(day => cityDay(day, lang)), dates = data.dates[0] ? (a === b ? a : t('date-span', { a, b })) : t('no-date');
  const needs = ids => ids.map(id => data.needs[id]).join(', ');
  const states = id => data.districts.filter(one => one.states && !one.reason).map(one => one.states[id] || 'none');
  const nowhere = Object.keys(data.needs).filter(id => states(id).every(state => state === 'none'));
  const out = Object.keys(data.needs).filter(id => !data.common.includes(id) && !nowhere.includes(id) && states(id).some(state => state !== 'loaded'));
  const said = [];
  if (data.made_up) said.push(el('b', null, t('made-up')));
  if (data.edition === 'internal' && n) {
    if (n === 1) said.push(t('alone'));
    else said.push(data.common.length ? t('ranked-on', { needs: needs(data.common) }) : t('nothing-common'));
    if (out.length) said.push(t(n === 1 ? 'in-part' : 'left-out', { needs: needs(out) }));
    if (nowhere.length) said.push(t(n === 1 ? 'not-loaded' : 'nowhere', { needs: needs(nowhere) }));
  }
  return [
    el('div', { class: 'city-head' }, el('h1', null, t('title', { name: data.name }), ' ', el('small', null, t(n === 1 ? 'count-one' : 'count', { n: plain(n) }))),
      el('b', { class: `edition ${data.edition}` }, t(data.edition)),
      el('p', null, el('span', null, t('dates', { d: dates })), data.at ? el('span', null, t('at', { d: data.at })) : null),
      el('div', { class: 'city-tools' }, options.tools || [])),
    said.length ? el('div', { class: 'city-said', role: 'note' }, said.map(words => el('span', null, words))) : null,
  ].filter(Boolean);
}

// The districts with data, worst first; ties in the city's order.
function inOrder(data, measure) {
  const sign = measure.worst_first === 'low' ? 1 : -1;
  return data.districts.map((_, i) => i).filter(i => !missing(measure.values[i]))
    .sort((a, b) => sign * (measure.values[a] - measure.values[b]) || a - b);
}

function cityList(data, measure, choose, lang, t) {
  const order = inOrder(data, measure);
  const absent = data.districts.filter((_, i) => missing(measure.values[i])), most = Math.max(1e-12, ...order.map(i => measure.values[i]));
  const ranked = !measure.unranked, count = measure.unranked === 'partial' ? measure.partial.length : absent.length;
  const reason = measure.unranked === 'missing' && measure.partial.length ? 'both' : measure.unranked;
  const why = ranked ? t(`worst-${measure.worst_first}`) : t(`why-${reason}`, { n: plain(count), p: plain(measure.partial.length), of: plain(data.districts.length) });
  const rows = order.map(i => el('tr', { 'data-i': i, onclick: () => choose(i) },
    ranked ? el('td', { class: 'rank' }, el('b', null, String(measure.ranks[i]))) : null,
    el('th', { scope: 'row' }, el('button', { type: 'button', onclick: event => { event.stopPropagation(); choose(i); } }, data.districts[i].name),
      measure.partial.includes(i) ? el('small', null, ' ', t('partial')) : null,
      measure.unranked === 'needs' ? el('small', { class: 'on' }, data.districts[i].judged.map(id => data.needs[id]).join(', ')) : null),
    el('td', { class: 'meter', 'aria-hidden': 'true' }, el('i', { class: measure.partial.includes(i) ? 'part' : '', style: { width: `${Math.max(1, 100 * measure.values[i] / most)}%` } })),
    el('td', { class: 'n' }, valueText(measure, measure.values[i], data.districts[i], t))));
  return [
    el('p', { class: `why ${ranked ? '' : 'not'}` }, el('b', null, `${measureName(measure, lang)} · ${t(measure.worst_first)}`), ' ', why,
      measure.basis && !measure.id.startsWith('common') ? el('span', { class: 'fine' }, ' ', t('resting-on', { needs: measure.basis })) : null),
    el('table', null, el('thead', { class: 'visually-hidden' }, el('tr', null, ranked ? el('th', { scope: 'col' }, t('rank')) : null,
      el('th', { scope: 'col' }, t('district')), el('td'), el('th', { scope: 'col' }, t('value')))), el('tbody', null, rows)),
    absent.length ? el('p', { class: 'absent' }, el('i', { class: 'swatch none' }), el('b', null, `${t('no-data')} (${plain(absent.length)})`), ' ', absent.map(one => one.name).join(', ')) : null,
  ].filter(Boolean);
}

function districtFacts(data, i, options, lang, t) {
  const district = data.districts[i], rows = [];
  const words = new Set([t('judged'), t('no-data'), '']);
  rows.push([t('area'), `${plain(district.area_km2, 1)} km²`]);
  if (district.reason) rows.push(['', t('not-analysed', { why: district.reason })]);
  for (const measure of data.measures) {
    if (missing(measure.values[i]) || measure.kind === 'states') continue;
    const part = measure.partial.includes(i) ? ` (${t('partial')})` : '', unit = ['share', 'rate'].includes(measure.kind) ? '' : ` ${unitOf(measure, t)}`;
    rows.push([measureName(measure, lang), `${valueText(measure, measure.values[i], district, t)}${unit}${part}`]);
  }
  if (district.judged) {
    rows.push([t('judged'), district.judged.map(id => data.needs[id]).join(', ') || t('nothing-judged')]);
    const none = Object.keys(district.states).filter(id => district.states[id] === 'none').map(id => data.needs[id]);
    if (none.length) rows.push([t('no-data'), none.join(', ')]);
  }
  const links = [options.mapOf && [options.mapOf(district.code, district.name), t('open-map')], options.planOf && [options.planOf(district.code), t('open-plan')]]
    .filter(pair => pair && pair[0] && !district.reason);
  return el('div', null, el('h3', null, district.name, district.estimated ? el('small', null, ' ', t('estimated')) : null),
    el('dl', null, rows.map(([name, value]) => el('div', null, el('dt', null, name), el('dd', { class: words.has(name) ? 'wrap' : null }, value)))),
    el('p', { class: 'links' }, links.map(([target, words]) => typeof target === 'function'
      ? el('button', { type: 'button', class: 'button small', onclick: target }, words) : el('a', { href: target, class: 'button small' }, words))));
}

// ---------------------------------------------------------------- the table of all
function cityTable(data, options, lang, t) {
  const inside = data.edition === 'internal', heads = [[t('district'), 'text']];
  for (const measure of data.measures) heads.push([measureName(measure, lang), measure.kind === 'share' ? '' : unitOf(measure, t)]);
  if (inside) heads.push([t('judged'), 'text']);
  heads.push([t('oldest'), 'text'], [t('newest'), 'text']);
  const body = el('tbody', null, data.districts.map((district, i) => el('tr', null,
    el('th', { scope: 'row', 'data-v': district.name }, district.name),
    data.measures.map(measure => {
      const value = measure.values[i], part = measure.partial.includes(i) ? el('small', null, t('partial')) : null;
      return el('td', { class: missing(value) ? 'n nil' : 'n', 'data-v': missing(value) ? '' : value }, valueText(measure, value, district, t), part);
    }),
    inside ? el('td', { 'data-v': (district.judged || []).length, class: 'wrap' }, (district.judged || []).map(id => data.needs[id]).join(', ') || t('nothing-judged')) : null,
    district.dates.map(day => el('td', { 'data-v': day }, day ? cityDay(day, lang) : t('no-date'))))));
  const table = el('table', { class: 'all' }, el('thead', null, el('tr', null, heads.map(([name, unit], k) => {
    const button = el('button', { type: 'button', onclick: () => sortBy(table, k) }, name, unit && unit !== 'text' ? el('small', null, unit) : null);
    return el('th', { scope: 'col', class: unit === 'text' ? '' : 'n' }, button);
  }))), body);
  return el('section', { class: 'card', 'aria-labelledby': 'city-table-h' }, el('h2', { id: 'city-table-h' }, t('table'), ' ', el('small', { class: 'screen' }, t('table-hint'))),
    el('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-labelledby': 'city-table-h' }, table));
}

// No data stays last whichever way.
function sortBy(table, k) {
  const heads = Array.from(table.tHead.rows[0].cells), head = heads[k];
  const down = head.getAttribute('aria-sort') ? head.getAttribute('aria-sort') === 'ascending' : head.classList.contains('n');
  for (const other of heads) other.removeAttribute('aria-sort');
  head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
  const value = row => row.cells[k].dataset.v, isNumber = head.classList.contains('n');
  const rows = Array.from(table.tBodies[0].rows).sort((a, b) => {
    if ((value(a) === '') !== (value(b) === '')) return value(a) === '' ? 1 : -1;
    const order = isNumber ? Number(value(a)) - Number(value(b)) : value(a).localeCompare(value(b), 'ko');
    return down ? -order : order;
  });
  table.tBodies[0].append(...rows);
}

function cityProgrammes(data, lang, t) {
  return el('section', { class: 'card', 'aria-labelledby': 'city-prog-h' }, el('h2', { id: 'city-prog-h' }, t('programmes')),
    data.programmes.length ? [el('p', { class: 'fine' }, t('programmes-note')), el('div', { class: 'programmes' }, data.programmes.map(one => programmeCard(one, lang, t)))] : el('p', null, t('no-programmes')));
}

function cityNotes(data, t) {
  const inside = data.edition === 'internal', said = [t('note-zero'), t('note-rate')];
  if (inside) said.unshift(t('note-score'));
  if (data.estimated) said.push(t('note-estimate', { n: plain(data.estimated), of: plain(data.districts.length) }));
  if (!inside) said.push(data.withheld ? t('note-public', { n: data.smallest, w: plain(data.withheld) }) : t('note-public-none'));
  const headings = inside ? data.districts.filter(one => one.headings.length).map(one => el('li', null, el('b', null, one.name), ' ', one.headings.join(' · '))) : [];
  return el('section', { class: 'card', 'aria-labelledby': 'city-notes-h' }, el('h2', { id: 'city-notes-h' }, t('notes')), el('ul', null, said.map(words => el('li', null, words))),
    headings.length ? el('details', null, el('summary', null, t('states')), el('ul', null, headings)) : null);
}
