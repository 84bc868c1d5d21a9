// The overview of a city, drawn from its data: a map and a list that follow one choice, a table, the programmes.
// Where districts are so few that their order fills no column, the figures of one stand in it. One has no order at all.
// drawCity(root, data, { lang, mapOf(code, name), planOf(code), tools: [nodes], measure, onMeasure }).
const FEW = 3;

// The districts that a measure is whole of: only they are ranked.
const wholeOf = measure => measure.values.map((_, i) => i).filter(i => !missing(measure.values[i]) && !measure.partial.includes(i));

function drawCity(root, data, options) {
  const lang = options.lang, t = cityText(lang);
  if (lang === 'en') data = inEnglish(data);
  root.replaceChildren(...cityHead(data, options, lang, t));
  root.classList.add('city');
  if (!data.districts.length) {
    root.append(el('p', { class: 'card' }, t('empty')));
    return;
  }
  if (data.districts.length === 1) {
    root.append(cityOne(data, options, lang, t), cityProgrammes(data, lang, t), cityNotes(data, t));
    return;
  }
  root.append(cityCompared(data, options, lang, t), cityTable(data, options, lang, t), cityProgrammes(data, lang, t), cityNotes(data, t));
  const map = root.querySelector('.city-map');
  if (document.fonts && document.fonts.ready) document.fonts.ready.then(map.placeNames);
  window.onresize = map.placeNames;
  map.placeNames();
}

// The map and the list, which follow one choice of what to compare by.
function cityCompared(data, options, lang, t) {
  const few = data.districts.length <= FEW;
  const state = { measure: data.measures.find(each => each.id === options.measure) || data.measures[0], chosen: -1 };
  if (few) state.chosen = inOrder(data, state.measure)[0] ?? 0;
  const select = el('select', { id: 'city-measure' }, ['cover', 'households', 'rate'].map(group => {
    const own = data.measures.filter(each => each.group === group);
    return own.length ? el('optgroup', { label: t(`group-${group}`) }, own.map(each => el('option', { value: each.id }, optionName(each, data, lang, t)))) : null;
  }));
  const legend = el('div', { 'aria-live': 'off' }), heading = el('h2', { id: 'city-list-h' }), list = el('div', { class: 'city-list' });
  const now = el('p', { class: 'city-now', 'aria-live': 'polite' }), facts = el('div', { class: 'city-facts' });
  const map = cityMap(data, lang, t, choose);

  function choose(i) {
    state.chosen = i;
    map.choose(i);
    list.querySelectorAll('tr[data-i]').forEach(row => row.classList.toggle('chosen', Number(row.dataset.i) === i));
    now.replaceChildren(...nowWords(data, state.measure, i, t));
    facts.replaceChildren(...(i < 0 ? [] : [districtFacts(data, i, options, lang, t)]));
  }
  function follow() {
    select.value = state.measure.id;
    heading.textContent = t(state.measure.unranked ? 'values-of' : 'ranking-of', { name: measureName(state.measure, lang) });
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
  follow();
  return el('div', { class: `city-grid ${few ? 'of-few' : ''}` },
    el('section', { class: 'card', 'aria-labelledby': 'city-map-h' }, el('h2', { id: 'city-map-h', class: 'visually-hidden' }, t('map')),
      el('div', { class: 'city-choice' }, el('label', { for: 'city-measure' }, t('measure')), select), map.picture, map.key, now, legend, few ? null : facts),
    el('section', { class: 'card', 'aria-labelledby': 'city-list-h' }, heading, list, few ? facts : null));
}

// How many districts can be ranked by it, where not all can.
function optionName(measure, data, lang, t) {
  const whole = wholeOf(measure), name = measureName(measure, lang);
  return measure.unranked || whole.length === data.districts.length ? name : t('of-some', { name, n: plain(whole.length) });
}

function nowWords(data, measure, i, t) {
  if (i < 0) return [t('pick')];
  const district = data.districts[i], value = measure.values[i], rank = measure.ranks[i];
  const unit = missing(value) || measure.kind === 'share' ? '' : ` ${unitOf(measure, t)}`;
  return [el('b', null, district.name), ` ${valueText(measure, value, district, t)}${unit}`,
    rank ? ` · ${t('rank-of', { rank: plain(rank), of: plain(wholeOf(measure).length) })}` : missing(value) ? '' : measure.partial.includes(i) ? ` · ${t('partial')}` : ''];
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
    else if (data.common.length === 1) said.push(t('only-one', { needs: needs(data.common) }));
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

// The districts with data, worst first, those with only part of it last; ties in the city's order.
function inOrder(data, measure) {
  const sign = measure.worst_first === 'low' ? 1 : -1, part = i => Number(!measure.unranked && measure.partial.includes(i));
  return data.districts.map((_, i) => i).filter(i => !missing(measure.values[i]))
    .sort((a, b) => part(a) - part(b) || sign * (measure.values[a] - measure.values[b]) || a - b);
}

// What a list is to be taken for: which end comes first, who is ranked, and why the others are not.
function cityWhy(data, measure, absent, t) {
  const whole = wholeOf(measure).length, all = data.districts.length, said = [];
  if (measure.unranked) said.push(t(`why-${measure.unranked}`, { n: plain(whole), of: plain(all) }));
  else {
    said.push(t(`worst-${measure.worst_first}`));
    if (measure.id.startsWith('common') && data.common.length === 1) said.push(t('only-common', { need: measure.basis }));
    if (whole < all) said.push(t('ranked-some', { n: plain(whole), rest: plain(all - whole), none: plain(absent.length), part: plain(measure.partial.length) }));
  }
  return said.join(' ');
}

function cityList(data, measure, choose, lang, t) {
  const order = inOrder(data, measure), ranked = !measure.unranked;
  const absent = data.districts.map((_, i) => i).filter(i => missing(measure.values[i])), most = Math.max(1e-12, ...order.map(i => measure.values[i]));
  const pick = i => el('button', { type: 'button', onclick: event => { event.stopPropagation(); choose(i); } }, data.districts[i].name);
  const rows = order.map(i => el('tr', { 'data-i': i, onclick: () => choose(i) },
    ranked ? el('td', { class: 'rank' }, measure.ranks[i] ? el('b', null, String(measure.ranks[i])) : '–') : null,
    el('th', { scope: 'row' }, pick(i),
      measure.partial.includes(i) ? el('small', null, ' ', t('partial')) : null,
      measure.unranked === 'needs' ? el('small', { class: 'on' }, data.districts[i].judged.map(id => data.needs[id]).join(', ')) : null),
    el('td', { class: 'meter', 'aria-hidden': 'true' }, el('i', { class: measure.partial.includes(i) ? 'part' : '', style: { width: `${Math.max(1, 100 * measure.values[i] / most)}%` } })),
    el('td', { class: 'n' }, valueText(measure, measure.values[i], data.districts[i], t))));
  return [
    el('p', { class: `why ${ranked ? '' : 'not'}` }, el('b', null, `${t(measure.worst_first)} · ${unitOf(measure, t)}`.replace(/ · $/, '')), ' ', cityWhy(data, measure, absent, t),
      measure.basis && !measure.id.startsWith('common') ? el('span', { class: 'fine' }, ' ', t('resting-on', { needs: measure.basis })) : null),
    el('table', null, el('thead', { class: 'visually-hidden' }, el('tr', null, ranked ? el('th', { scope: 'col' }, t('rank')) : null,
      el('th', { scope: 'col' }, t('district')), el('td'), el('th', { scope: 'col' }, t('value')))), el('tbody', null, rows)),
    absent.length ? el('p', { class: 'absent' }, el('i', { class: 'swatch none' }), el('b', null, t('absent', { n: plain(absent.length) })), ' ', absent.map((i, k) => [el('span', { class: 'one-name' }, pick(i), k < absent.length - 1 ? ',' : ''), ' '])) : null,
  ].filter(Boolean);
}

function districtFacts(data, i, options, lang, t) {
  const district = data.districts[i], rows = [];
  const words = new Set([t('judged'), t('no-data'), '']);
  rows.push([t('area'), `${plain(district.area_km2, 1)} km²`]);
  if (district.reason) rows.push(['', t('not-analysed', { why: district.reason })]);
  for (const measure of data.measures) {
    if (missing(measure.values[i]) || measure.kind === 'states') continue;
    const part = measure.partial.includes(i) ? ` (${t('partial')})` : measure.ranks[i] ? ` (${t('rank-of', { rank: plain(measure.ranks[i]), of: plain(wholeOf(measure).length) })})` : '', unit = ['share', 'rate'].includes(measure.kind) ? '' : ` ${unitOf(measure, t)}`;
    rows.push([measureName(measure, lang), `${valueText(measure, measure.values[i], district, t)}${unit}${part}`]);
  }
  if (district.judged) {
    rows.push([t('judged'), district.judged.map(id => data.needs[id]).join(', ') || t('nothing-judged')]);
    const none = Object.keys(district.states).filter(id => district.states[id] === 'none').map(id => data.needs[id]);
    if (none.length) rows.push([t('no-data'), none.join(', ')]);
  }
  return el('div', null, el('h3', null, district.name, district.estimated ? el('small', null, ' ', t('estimated')) : null),
    districtLinks(district, options, t),
    el('dl', null, rows.map(([name, value]) => el('div', null, el('dt', null, name), el('dd', { class: words.has(name) ? 'wrap' : null }, value)))));
}

function districtLinks(district, options, t) {
  const links = [options.mapOf && [options.mapOf(district.code, district.name), t('open-map')], options.planOf && [options.planOf(district.code), t('open-plan')]]
    .filter(pair => pair && pair[0] && !district.reason);
  return el('p', { class: 'links' }, links.map(([target, words]) => typeof target === 'function'
    ? el('button', { type: 'button', class: 'button small', onclick: target }, words) : el('a', { href: target, class: 'button small' }, words)));
}

function cityProgrammes(data, lang, t) {
  return el('section', { class: 'card', 'aria-labelledby': 'city-prog-h' }, el('h2', { id: 'city-prog-h' }, t('programmes')),
    data.published ? null : el('p', { class: 'why' }, t('no-programmes')),
    data.programmes.length ? [el('p', { class: 'fine' }, t('programmes-note')), el('div', { class: 'programmes' }, data.programmes.map(one => programmeCard(one, lang, t)))] : null);
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
