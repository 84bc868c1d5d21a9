// Popups are made when asked for, of nodes and textContent only: no text of the data is ever read as markup.
// What this file says is Korean; a map in English brings what its words are there.
const spoken = {};
const say = (korean, value) => (Object.hasOwn(spoken, korean) ? spoken[korean] : korean).replace(/\{n?\}/, () => value);
const grouped = value => value.toLocaleString(document.documentElement.lang === 'en' ? 'en-GB' : 'ko-KR');

function node(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const child of children) element.append(child);  // append() takes a string as text
  return element;
}

const LONGEST = 60;  // letters of a name in a table, which has no other bound

function clipped(text) {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

function facts(rows) {
  const list = node('dl', 'facts');
  for (const [name, value] of rows) if (value !== '') list.append(node('dt', '', name), node('dd', '', value));
  return list;
}

function popupBox(title, where, ...parts) {
  const box = node('div', 'popup', node('h3', '', title));
  if (where) box.append(node('p', 'where', where));
  box.append(...parts);
  box.tabIndex = -1;
  return box;
}

function gapPopup(gap) {
  const covers = node('table', 'covers', node('caption', '', say('항목별 도달도')));
  for (const [name, cover, note] of gap.covers) {
    covers.append(node('tr', note === say('미도달') ? 'unmet' : '', node('th', '', name), node('td', 'n', cover), node('td', '', note)));
  }
  const nearest = node('table', 'covers', node('caption', '', say('가까운 시설 (직선거리)')));
  for (const [layer, name, distance] of gap.nearest) {
    nearest.append(node('tr', '', node('th', '', layer), node('td', '', clipped(name)), node('td', 'n', distance)));
  }
  const box = popupBox(gap.title, gap.where, facts(gap.facts), covers, nearest);
  if (gap.absent) box.append(node('p', 'absent', say('자료 없음: {}', gap.absent)));
  return box;
}

// '2025-06-30' -> '2025. 6. 30.', '2022-12' -> '2022. 12.', '2022' -> '2022년'; as it is in English. As geo/dates.py has it.
function dayOf(iso) {
  if (document.documentElement.lang === 'en' || !/^\d{4}(-\d\d){0,2}$/.test(iso)) return iso;
  return iso.length === 4 ? `${iso}\uB144` : iso.split('-').map(part => `${Number(part)}.`).join(' ');
}

function facilityRow(layer, i) {
  const devices = layer.devices(i);
  return facts([
    [say('수량'), devices === 1 ? '' : `${grouped(devices)}${spoken['수량'] ? ' ' : ''}${layer.unit}`],
    [say('주소'), textOf(layer, 'addresses', i)],
    [say('운영 시간'), textOf(layer, 'hours', i)],
    [say('기준일'), dayOf(textOf(layer, 'dates', i))],
    [say('위치'), layer.near(i) ? say('구 경계 밖 1 km 이내') : ''],
    [say('표시'), textOf(layer, 'flags', i).split(', ').map(flag => say(flag)).join(', ')],
    [say('번호'), textOf(layer, 'ids', i)],
  ]);
}

const STACK_SHOWN = 20;

function facilityPopup(layer, i) {
  const rows = i < layer.count ? stackedWith(layer, i) : [i];
  const name = k => textOf(layer, 'names', k) || layer.name;
  if (rows.length === 1) return popupBox(name(i), name(i) === layer.name ? '' : layer.name, facilityRow(layer, i));
  const list = node('ol', 'stack');
  for (const k of rows.slice(0, STACK_SHOWN)) list.append(node('li', '', node('b', '', name(k)), facilityRow(layer, k)));
  if (rows.length > STACK_SHOWN) list.append(node('li', 'more', say('밖에 {n}건', grouped(rows.length - STACK_SHOWN))));
  return popupBox(layer.name, say('한 자리에 {n}건', grouped(rows.length)), list);
}

function cellPopup(cells, i, dongName) {
  cells.gridNames = cells.gridNames || unpackTexts(cells.names, cells.count);
  const rows = [];
  if (cells.households[i] >= 0) rows.push([say('1인가구'), say('{n}가구', grouped(cells.households[i] / 10))]);
  for (const need of Object.keys(cells.cover)) {
    const cover = cells.cover[need][i];
    rows.push([say('{} 도달도', cells.coverNames[need] || need), cover < 0 ? say('자료 없음') : `${percentOf(cover / 10, cells.threshold)} %`]);
  }
  const notes = [cells.dense[i] ? say('밀집 격자') : '', cells.edge.includes(i) ? say('경계 미확인, 순위 제외') : ''].filter(Boolean);
  if (notes.length) rows.push([say('구분'), notes.join(', ')]);
  return popupBox(dongName, say('100 m 격자 {}', cells.gridNames[i]), facts(rows));
}

// A cover below the threshold is never rounded up to it.
function percentOf(cover, threshold) {
  return cover < threshold && Math.round(cover) >= threshold ? cover.toFixed(1) : String(Math.round(cover));
}

function dongPopup(dongs, i) {
  return popupBox(dongs.names[i], '', facts(dongs.facts[i]));
}
