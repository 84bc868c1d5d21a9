// Bars by year. One chart has one unit: a series that changed its unit comes as two.
const CHART = { width: 360, height: 190, left: 46, right: 8, top: 20, bottom: 26 };

function niceTicks(most, counts) {
  if (!(most > 0)) return [0, 1];
  const step = 10 ** Math.floor(Math.log10(most / 3));
  const whole = step >= 10 ? [1, 2, 2.5, 5, 10] : [1, 2, 5, 10];  // counts have no halves
  const size = Math.max(whole.map(k => k * step).find(k => most / k <= 4), counts ? 1 : 0);
  const ticks = [];
  for (let k = 0; k * size < most + size; k++) ticks.push(Number((k * size).toPrecision(6)));
  return ticks;
}

// bars({ title, unit, years, series: [{ name, values, kind }] }): values in the order of the years, null where none is known.
function bars({ title, years, series, unknown }, t) {
  const { width, height, left, right, top, bottom } = CHART;
  const most = Math.max(0, ...series.flatMap(one => one.values).filter(value => !missing(value)));
  const counts = series.every(one => one.values.every(value => missing(value) || Number.isInteger(value)));
  const ticks = niceTicks(most, counts), limit = ticks[ticks.length - 1];
  const y = value => top + (height - top - bottom) * (1 - value / limit);
  const slot = (width - left - right) / years.length, wide = Math.min(44, slot * 0.88 / series.length);
  const said = years.map((year, i) => `${year}: ${series.map(one => `${one.name} ${missing(one.values[i]) ? unknown : plain(one.values[i], Number.isInteger(one.values[i]) ? 0 : 1)}`).join(', ')}`);
  const picture = sv('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', class: 'bars' },
    sv('title', null, title), sv('desc', null, t('chart-desc', { title, rows: said.join('; ') })));
  for (const tick of ticks) {
    picture.append(sv('path', { class: tick ? 'grid' : 'base', d: `M${left} ${y(tick)}H${width - right}` }),
      sv('text', { class: 'tick', x: left - 5, y: y(tick) + 3.5 }, plain(tick, Number.isInteger(tick) ? 0 : 1)));
  }
  let last = { end: -1, y: 0 };
  const every = Math.ceil(years.length / Math.floor((width - left - right) / 34));
  years.forEach((year, i) => {
    const middle = left + slot * (i + 0.5);
    if (i % every === 0) picture.append(sv('text', { class: 'year', x: middle, y: height - 9 }, String(year)));
    series.forEach((one, k) => {
      const value = one.values[i], x = middle + (k - series.length / 2) * wide + 1;
      if (missing(value)) {
        if (one.mark !== false) picture.append(sv('path', { class: 'gone', d: `M${x + 1} ${y(0) - 3}H${x + wide - 3}` }));
        return;
      }
      const tall = value > 0 ? Math.max(1, y(0) - y(value)) : 0;
      picture.append(sv('rect', { class: `bar ${one.kind}`, x, y: y(0) - tall, width: wide - 2, height: tall }, sv('title', null, `${year} ${one.name} ${plain(value, Number.isInteger(value) ? 0 : 1)}`)));
      const label = plain(value, Number.isInteger(value) ? 0 : 1);
      const long = label.replace(/\D/g, '').length * 6 + label.replace(/\d/g, '').length * 2.8 + 4, at = x + wide / 2 - 1;
      if (long > slot) return;
      // A figure that would run into the one before stands a line higher.
      const beside = at - long / 2 < last.end, own = y(0) - tall - 3;
      const high = beside && Math.abs(own - last.y) < 10 ? last.y - 10 : own;
      last = { end: at + long / 2, y: high };
      picture.append(sv('text', { class: 'mark', x: at, y: high }, label));
    });
  });
  return picture;
}

function chartKey(series, t) {
  const gone = series.some(one => one.values.some(missing));
  return el('p', { class: 'key' }, series.map(one => el('span', null, el('i', { class: `swatch ${one.kind}` }), one.name)),
    gone ? el('span', null, el('i', { class: 'swatch dots' }), t('unpublished')) : null);
}

function figuresTable(heads, rows, t) {
  return el('details', null, el('summary', null, t('figures')),
    el('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': t('figures') },
      el('table', null, el('thead', null, el('tr', null, heads.map((head, k) => el('th', { scope: 'col', class: k ? 'n' : '' }, head)))),
        el('tbody', null, rows.map(row => el('tr', null, row.map((cell, k) => k ? el('td', { class: 'n' }, cell) : el('th', { scope: 'row' }, cell))))))));
}

const figure = (value, t) => missing(value) ? t('unpublished') : plain(value, Number.isInteger(value) ? 0 : 1);
const span = years => { const all = []; for (let y = Math.min(...years); y <= Math.max(...years); y++) all.push(y); return all; };

function programmeCard(programme, lang, t) {
  const name = lang === 'en' ? programme.name_en : programme.name;
  const every = [...programme.series.flatMap(one => one.rows.map(row => row[0])), ...programme.money.map(row => row[0])];
  const years = every.length ? span(every) : [];
  const parts = programme.series.map(one => seriesPart(one, years, name, lang, t));
  if (programme.money.length) parts.push(moneyPart(programme, years, name, t));
  if (programme.layer) parts.push(heldPart(programme, name, t));
  return el('article', { class: parts.length > 2 ? 'programme wide' : 'programme' }, el('h3', null, name), el('div', { class: 'panels' }, parts),
    programme.apart ? el('p', { class: 'fine' }, t('apart')) : null,
    programme.sources.length ? el('p', { class: 'fine' }, t('sources', { s: programme.sources.map(([source, own]) => t('source-years', { years: yearsWords(own), source })).join(' · ') })) : null);
}

function seriesPart(one, years, name, lang, t) {
  const unit = lang === 'en' ? one.unit_en : one.unit, heading = t('target-result', { unit, what: lang === 'en' ? one.what_en : one.what });
  if (one.rows.length === 1) return oneFigure(one.rows[0], heading, unit, t);
  const at = column => years.map(year => (one.rows.find(row => row[0] === year) || [])[column] ?? null);
  const given = one.rows.map(row => row[0]);
  const series = [{ name: t('target'), values: at(1), kind: 'outline' }, { name: t('result'), values: at(2), kind: 'solid' }]
    .map(each => ({ ...each, mark: true }));
  const own = span(given);  // from the first year counted in this unit to the last
  const drawn = series.map(each => ({ ...each, values: own.map(year => each.values[years.indexOf(year)]) }));
  return el('figure', null, el('figcaption', null, heading),
    bars({ title: `${name}: ${heading}`, years: own, series: drawn, unknown: t('unpublished') }, t), chartKey(series, t),
    figuresTable([t('year'), t('what'), t('target'), t('result')],
      one.rows.map(row => [String(row[0]), lang === 'en' ? row[4] : row[3], figure(row[1], t), figure(row[2], t)]), t));
}

// A year alone is no course of things: its figures, no bar.
function oneFigure(row, heading, unit, t) {
  const figureOf = (name, value) => el('div', { class: missing(value) ? 'nil' : null }, el('dt', null, t(name)), el('dd', null, missing(value) ? t('unpublished') : `${figure(value, t)} ${unit}`));
  return el('figure', { class: 'lone' }, el('figcaption', null, heading), el('p', { class: 'fine' }, t('one-figure', { year: row[0] })),
    el('dl', null, figureOf('target', row[1]), figureOf('result', row[2])));
}

// 2021, 2023 to 2025: '2021, 2023~2025'.
function yearsWords(years) {
  const runs = [];
  for (const year of years) {
    const last = runs[runs.length - 1];
    if (last && last[1] === year - 1) last[1] = year; else runs.push([year, year]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}~${to}`)).join(', ');
}

function moneyPart(programme, years, name, t) {
  const at = column => years.map(year => (programme.money.find(row => row[0] === year) || [])[column] ?? null);
  const series = [{ name: t('budget'), values: at(1), kind: 'outline' }, { name: t('spent'), values: at(2), kind: 'solid' }];
  return el('figure', null, el('figcaption', null, t('money')),
    bars({ title: `${name}: ${t('money')}`, years, series, unknown: t('unpublished') }, t), chartKey(series, t),
    figuresTable([t('year'), `${t('budget')} (${t('mkrw')})`, `${t('spent')} (${t('mkrw')})`],
      programme.money.map(row => [String(row[0]), figure(row[1], t), figure(row[2], t)]), t));
}

function heldPart(programme, name, t) {
  const held = programme.held;
  if (!held) return el('figure', { class: 'without' }, el('p', { class: 'fine' }, t('held-absent')));
  const heading = t('held', { unit: held.unit }), words = { total: plain(held.total), unknown: plain(held.unknown), known: plain(held.total - held.unknown), unit: held.unit };
  if (!held.years.length) return el('figure', { class: 'without' }, el('figcaption', null, heading), el('p', null, t('held-none', words)));
  const years = span(held.years.map(row => row[0])), count = year => (held.years.find(row => row[0] === year) || [0, 0])[1];
  const series = [{ name: t('installed'), values: years.map(count), kind: 'solid' }];
  return el('figure', null, el('figcaption', null, heading), bars({ title: `${name}: ${heading}`, years, series, unknown: t('no-data') }, t),
    el('p', { class: 'fine' }, t('held-known', words)),
    figuresTable([t('year'), t('installed')], held.years.map(row => [String(row[0]), plain(row[1])]), t));
}
