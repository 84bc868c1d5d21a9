// Popups are made when asked for, of nodes and textContent only: no text of the data is ever read as markup.
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
  const covers = node('table', 'covers', node('caption', '', '항목별 도달도'));
  for (const [name, cover, note] of gap.covers) {
    covers.append(node('tr', note === '미도달' ? 'unmet' : '', node('th', '', name), node('td', 'n', cover), node('td', '', note)));
  }
  const nearest = node('table', 'covers', node('caption', '', '가까운 시설 (직선거리)'));
  for (const [layer, name, distance] of gap.nearest) {
    nearest.append(node('tr', '', node('th', '', layer), node('td', '', clipped(name)), node('td', 'n', distance)));
  }
  const box = popupBox(gap.title, gap.where, facts(gap.facts), covers, nearest);
  if (gap.absent) box.append(node('p', 'absent', `자료 없음: ${gap.absent}`));
  return box;
}

function facilityRow(layer, i) {
  const devices = layer.devices(i);
  return facts([
    ['수량', devices === 1 ? '' : `${devices.toLocaleString('ko-KR')}${layer.unit}`],
    ['주소', textOf(layer, 'addresses', i)],
    ['운영 시간', textOf(layer, 'hours', i)],
    ['기준일', textOf(layer, 'dates', i)],
    ['위치', layer.near(i) ? '구 경계 밖 1 km 이내' : ''],
    ['표시', textOf(layer, 'flags', i)],
    ['번호', textOf(layer, 'ids', i)],
  ]);
}

const STACK_SHOWN = 20;

function facilityPopup(layer, i) {
  const rows = i < layer.count ? stackedWith(layer, i) : [i];
  const name = k => textOf(layer, 'names', k) || layer.name;
  if (rows.length === 1) return popupBox(name(i), name(i) === layer.name ? '' : layer.name, facilityRow(layer, i));
  const list = node('ol', 'stack');
  for (const k of rows.slice(0, STACK_SHOWN)) list.append(node('li', '', node('b', '', name(k)), facilityRow(layer, k)));
  if (rows.length > STACK_SHOWN) list.append(node('li', 'more', `밖에 ${(rows.length - STACK_SHOWN).toLocaleString('ko-KR')}건`));
  return popupBox(layer.name, `한 자리에 ${rows.length.toLocaleString('ko-KR')}건`, list);
}

function cellPopup(cells, i, dongName) {
  cells.gridNames = cells.gridNames || unpackTexts(cells.names, cells.count);
  const rows = [];
  if (cells.households[i] >= 0) rows.push(['1인가구', `${(cells.households[i] / 10).toLocaleString('ko-KR')}가구`]);
  for (const need of Object.keys(cells.cover)) {
    const cover = cells.cover[need][i];
    rows.push([`${cells.coverNames[need] || need} 도달도`, cover < 0 ? '자료 없음' : `${percentOf(cover / 10, cells.threshold)} %`]);
  }
  const notes = [cells.dense[i] ? '밀집 격자' : '', cells.edge.includes(i) ? '경계 미확인, 순위 제외' : ''].filter(Boolean);
  if (notes.length) rows.push(['구분', notes.join(', ')]);
  return popupBox(dongName, `100 m 격자 ${cells.gridNames[i]}`, facts(rows));
}

// A cover below the threshold is never rounded up to it.
function percentOf(cover, threshold) {
  return cover < threshold && Math.round(cover) >= threshold ? cover.toFixed(1) : String(Math.round(cover));
}

function dongPopup(dongs, i) {
  return popupBox(dongs.names[i], '', facts(dongs.facts[i]));
}
