// The map itself: what is drawn, what a click finds, what prints.
const data = JSON.parse(document.getElementById('data').textContent);
Object.assign(spoken, data.words);
const dongs = { ...data.dongs, polygons: unpackPolygons(data.dongs.polygons), shade: unpackIntegers(data.dongs.class) };
const boundary = unpackPolygons(data.boundary)[0];
const layers = data.layers.map(unpackLayer);
const cells = unpackCells(data.cells);
const gaps = data.gaps || [];
const gapPolygons = data.gap_polygons ? unpackPolygons(data.gap_polygons) : [];
const shown = { gaps: true, shade: 'density', gap: -1 };
const INK = '#16191f';

MAP.setMinZoom(9).setMaxZoom(20);
for (const [name, order] of [['shade', 401], ['points', 405], ['gaps', 410], ['names', 620], ['numbers', 640]]) {
  MAP.createPane(name).style.zIndex = order;
}
if (data.tiles) {
  const escape = document.createElement('span');
  escape.textContent = data.tiles.attribution;
  L.tileLayer(data.tiles.url, { attribution: escape.innerHTML, maxZoom: 20, maxNativeZoom: 19 }).addTo(MAP);
  L.control.attribution({ prefix: false }).addTo(MAP);
}
L.control.zoom({ position: 'topright', zoomInTitle: say('확대'), zoomOutTitle: say('축소') }).addTo(MAP);
L.control.scale({ metric: true, imperial: false, position: 'bottomright', maxWidth: 120 }).addTo(MAP);

// ---------------------------------------------------------------- drawing
function drawShade(ctx, view) {
  if (!data.tiles) fillPolygon(ctx, view, boundary, '#ffffff');
  ctx.globalAlpha = data.tiles ? 0.7 : 1;
  const cover = shown.shade.startsWith('cover:') && cells ? cells.cover[shown.shade.slice(6)] : null;
  if (shown.shade === 'density') {
    const withheld = hatch(ctx, '#9aa1ab', 6);
    dongs.polygons.forEach((polygon, i) => {
      if (dongs.shade[i] >= 0) fillPolygon(ctx, view, polygon, data.density.colours[dongs.shade[i]]);
      else if (dongs.shade[i] === -1) fillPolygon(ctx, view, polygon, withheld);
    });
  }
  if (cells && shown.shade !== 'none') {
    ctx.save();
    ctx.beginPath();
    if (trace(ctx, view, boundary)) ctx.clip('evenodd');
    if (cover) fillCells(ctx, view, cells, i => cover[i] < 0 ? -1 : classOf(cover[i] / 10, data.cover.breaks), data.cover.colours);
    else fillCells(ctx, view, cells, i => cells.shade[i], data.density.colours);
    ctx.restore();
  }
  ctx.globalAlpha = 1;
  for (const polygon of dongs.polygons) strokePolygon(ctx, view, polygon, 'rgba(255,255,255,.9)', 2.4);
  for (const polygon of dongs.polygons) strokePolygon(ctx, view, polygon, '#7d8692', view.zoom < 14 ? 0.8 : 1.2);
  strokePolygon(ctx, view, boundary, '#3c4450', 2);
}

function classOf(value, breaks) {
  let k = 0;
  while (k < breaks.length && value >= breaks[k]) k++;
  return k;
}

function drawPoints(ctx, view) {
  for (const layer of layers) {
    if (!layer.on) continue;
    const pattern = layer.zones.length ? dotted(ctx, layer.colour + '99', 7) : null;
    layer.zones.forEach((zone, k) => {
      ctx.globalAlpha = layer.near(layer.count + k) ? 0.3 : 1;
      fillPolygon(ctx, view, zone, pattern);
      strokePolygon(ctx, view, zone, 'rgba(255,255,255,.85)', 3.4);
      strokePolygon(ctx, view, zone, layer.colour, 1.5, [6, 4]);
    });
    ctx.globalAlpha = 1;
  }
  drawFacilities(ctx, view, layers);
}

function drawGaps(ctx, view) {
  if (!shown.gaps) return;
  if (cells && cells.edge.length) {
    ctx.beginPath();
    for (const i of cells.edge) traceCell(ctx, view, cells, i);
    ctx.fillStyle = hatch(ctx, INK, 5);
    ctx.fill();
    ctx.strokeStyle = INK;
    ctx.lineWidth = 0.8;
    ctx.stroke();
  }
  gapPolygons.forEach((polygon, i) => strokePolygon(ctx, view, polygon, '#fff', i === shown.gap ? 7 : 4));
  gapPolygons.forEach((polygon, i) => strokePolygon(ctx, view, polygon, INK, i === shown.gap ? 3.4 : 1.7));
  for (const [item, offset] of Labels.leaders) {
    const world = worldOf(item.at);
    const px = world.x * view.scale - view.left, py = world.y * view.scale - view.top;
    ctx.beginPath();
    ctx.moveTo(px, py);
    ctx.lineTo(px + offset[0], py + offset[1]);
    for (const [colour, width] of [['#fff', 3.5], [INK, 1.5]]) {
      ctx.strokeStyle = colour;
      ctx.lineWidth = width;
      ctx.stroke();
    }
  }
  for (const item of Labels.dots) {
    const world = worldOf(item.at);
    ctx.beginPath();
    ctx.arc(world.x * view.scale - view.left, world.y * view.scale - view.top, 3, 0, 2 * Math.PI);
    ctx.fillStyle = INK;
    ctx.strokeStyle = '#fff';
    ctx.lineWidth = 1.5;
    ctx.stroke();
    ctx.fill();
  }
}

const canvases = {
  shade: new CanvasLayer('shade', drawShade),
  points: new CanvasLayer('points', drawPoints),
  gaps: new CanvasLayer('gaps', drawGaps),
};

// ---------------------------------------------------------------- popups
let opener = null;  // where the focus goes back to when a popup opened by keyboard is closed

function open(latlng, content, byKeyboard) {
  const size = MAP.getSize();
  const legend = document.getElementById('legend');
  const left = size.x > 700 && !legend.classList.contains('folded') ? legend.offsetWidth + 24 : 12;
  L.popup({
    maxWidth: Math.min(360, size.x - 60), minWidth: 220, maxHeight: Math.max(180, size.y - 120),
    autoPanPaddingTopLeft: [left, 24], autoPanPaddingBottomRight: [size.x > 700 ? 60 : 12, 24],
  })
    .setLatLng(latlng).setContent(content).openOn(MAP);
  const close = content.closest('.leaflet-popup').querySelector('.leaflet-popup-close-button');
  if (close) { close.setAttribute('aria-label', say('닫기')); close.title = say('닫기'); }
  opener = byKeyboard ? document.activeElement : null;
  if (byKeyboard) content.focus({ preventScroll: true });
}

function selectGap(i) {
  shown.gap = i;
  document.querySelectorAll('#gaps tr[data-gap]').forEach(row => row.classList.toggle('chosen', Number(row.dataset.gap) === i));
  canvases.gaps.redraw();
}

function openGap(i, byKeyboard, zoom) {
  const gap = gaps[i], latlng = L.latLng(gap.place[1], gap.place[0]);
  if (zoom) {
    const [west, north, east, south] = gapPolygons[i].rings.length ? gapPolygons[i].box : [0, 0, 0, 0];
    const box = L.latLngBounds(worldToLatLng(west, south), worldToLatLng(east, north)).extend(latlng);
    MAP.fitBounds(box, { maxZoom: 16.5, animate: false, padding: [120, 120] });
  }
  if (!shown.gaps) setGaps(true);
  selectGap(i);
  open(latlng, gapPopup(gap), byKeyboard);
}

// Leaflet listens for Escape only while the map itself has the focus; it may be in the list or in the popup.
document.addEventListener('keydown', event => { if (event.key === 'Escape') MAP.closePopup(); });
MAP.on('popupopen', () => document.documentElement.classList.add('reading'));
MAP.on('popupclose', () => {
  document.documentElement.classList.remove('reading');
  if (shown.gap >= 0) selectGap(-1);
  if (opener && document.contains(opener)) opener.focus();
  opener = null;
});

function find(latlng, touch) {
  const { x, y } = worldOf(latlng);
  const facility = facilityAt(layers, x, y, MAP.getZoom(), touch);
  if (facility) {
    const { layer, i } = facility;
    return { at: worldToLatLng(layer.x[i], layer.y[i]), make: () => facilityPopup(layer, i) };
  }
  const gap = shown.gaps ? gapPolygons.findIndex(polygon => holds(polygon, x, y)) : -1;
  if (gap >= 0) return { gap };
  const zone = zoneAt(layers, x, y);
  if (zone) return { at: latlng, make: () => facilityPopup(zone.layer, zone.i) };
  const dong = dongs.polygons.findIndex(polygon => holds(polygon, x, y));
  const cell = dong >= 0 ? cellAt(cells, x, y) : -1;
  if (cell >= 0) return { at: latlng, ground: true, make: () => cellPopup(cells, cell, dongs.names[cells.dong[cell]]) };
  if (dong >= 0) return { at: latlng, ground: true, make: () => dongPopup(dongs, dong) };
  return null;
}

MAP.on('click', event => {
  const found = find(event.latlng, L.Browser.mobile);
  if (!found) return;
  if ('gap' in found) openGap(found.gap, false, false);
  else open(found.at, found.make(), false);
});

let hovering = false;
MAP.on('mousemove', event => {
  if (hovering) return;
  hovering = true;
  requestAnimationFrame(() => {
    hovering = false;
    const found = find(event.latlng, false);
    MAP.getContainer().style.cursor = found && !found.ground ? 'pointer' : '';
  });
});

// ---------------------------------------------------------------- switches
function setGaps(on) {
  shown.gaps = on;
  document.getElementById('show-gaps').checked = on;
  if (!on && shown.gap >= 0) MAP.closePopup();
  Labels.place(MAP, on);
  canvases.gaps.redraw();
}

function setUpLegend() {
  document.querySelectorAll('[data-layer]').forEach(box => {
    const layer = layers.find(one => one.id === box.dataset.layer);
    box.checked = layer.on;  // a browser may remember another state from last time
    box.addEventListener('change', () => {
      layer.on = box.checked;
      box.parentNode.classList.toggle('off', !box.checked);
      canvases.points.redrawSoon();
    });
  });
  const box = document.getElementById('show-gaps');
  if (box) {
    box.checked = true;
    box.addEventListener('change', () => setGaps(box.checked));
  }
  const shade = document.getElementById('shade');
  shade.selectedIndex = 0;
  shade.addEventListener('change', () => {
    shown.shade = shade.value;
    document.querySelectorAll('.ramp').forEach(ramp => { ramp.hidden = ramp.dataset.shade !== shade.value.split(':')[0]; });
    canvases.shade.redraw();
  });
  const legend = document.getElementById('legend');
  L.DomEvent.disableClickPropagation(legend);
  L.DomEvent.disableScrollPropagation(legend);
  setUpFold(document.getElementById('legend-toggle'), legend, () => {}, window.innerWidth > 760);
}

function fitDistrict() {
  const wide = MAP.getSize().x > 700;
  const legend = document.getElementById('legend');
  const left = wide && !legend.classList.contains('folded') ? legend.offsetWidth + 20 : 16;
  MAP.fitBounds(data.bounds, { paddingTopLeft: [left, 16], paddingBottomRight: [wide ? 44 : 16, 30], animate: false });
}

function setUpPanel() {
  setUpTabs();
  setUpFold(document.getElementById('panel-toggle'), document.getElementById('panel'), () => MAP.invalidateSize({ animate: false }),
    window.innerWidth > 760);
  document.querySelectorAll('table.sortable').forEach(setUpSorting);
  setUpRows(Array.from(document.querySelectorAll('tr[data-gap]')), (row, byKeyboard) => {
    foldOnPhone();
    openGap(Number(row.dataset.gap), byKeyboard, true);
  });
  setUpRows(Array.from(document.querySelectorAll('tr[data-dong]')), (row, byKeyboard) => {
    foldOnPhone();
    const i = Number(row.dataset.dong), [west, north, east, south] = dongs.polygons[i].box;
    MAP.fitBounds(L.latLngBounds(worldToLatLng(west, south), worldToLatLng(east, north)), { padding: [30, 30], animate: false });
    open(dongLabels[i], dongPopup(dongs, i), byKeyboard);
  });
}

function foldOnPhone() {
  const button = document.getElementById('panel-toggle');
  if (window.innerWidth <= 760 && button.getAttribute('aria-expanded') === 'true') button.click();
}

// ---------------------------------------------------------------- printing
let before = null;

function startPrint() {
  if (before) return;
  before = { bounds: MAP.getBounds(), centre: MAP.getCenter(), zoom: MAP.getZoom() };
  MAP.closePopup();
  document.documentElement.classList.add('printing');
  MAP.invalidateSize({ animate: false, pan: false });
  // Where all of the district is in view, the paper is filled with it, not with the margins of the screen.
  if (before.bounds.contains(data.bounds)) MAP.fitBounds(data.bounds, { padding: [14, 14], animate: false });
  else MAP.fitBounds(before.bounds.pad(-0.02), { animate: false });
  for (const canvas of Object.values(canvases)) { canvas.density = 3; canvas._update(); }
}

function endPrint() {
  if (!before) return;
  document.documentElement.classList.remove('printing');
  MAP.invalidateSize({ animate: false, pan: false });
  for (const canvas of Object.values(canvases)) canvas.density = 0;
  MAP.setView(before.centre, before.zoom, { animate: false });
  for (const canvas of Object.values(canvases)) canvas._update();
  before = null;
}

window.addEventListener('beforeprint', startPrint);
window.addEventListener('afterprint', endPrint);

// ---------------------------------------------------------------- start
const labelPlaces = unpackPlaces(data.dongs.labels);
const dongLabels = dongs.names.map((_, i) => worldToLatLng(labelPlaces.x[i], labelPlaces.y[i]));
setUpLegend();
setUpPanel();
MAP.invalidateSize({ animate: false });
fitDistrict();
for (const canvas of Object.values(canvases)) canvas.addTo(MAP);
Labels.add(MAP, dongs.names.map((text, i) => ({ text, at: dongLabels[i], polygon: dongs.polygons[i] })), 'dongs', 'names', null);
Labels.add(MAP, gaps.map((gap, i) => ({ text: String(gap.rank), centre: L.latLng(gap.place[1], gap.place[0]), corner: cornerOf(gapPolygons[i]), i, polygon: dongs.polygons[gap.dong] })).map(item => ({ ...item, at: item.centre })), 'gaps', 'numbers',
  item => openGap(item.i, false, false));
const relabel = () => { Labels.place(MAP, shown.gaps); canvases.gaps.redraw(); };
MAP.on('zoomend', relabel);
relabel();
const Home = L.Control.extend({
  options: { position: 'topright' },
  onAdd() {
    const bar = L.DomUtil.create('div', 'leaflet-bar');
    const button = L.DomUtil.create('button', 'home', bar);
    button.type = 'button';
    button.textContent = say('전체');
    button.title = say('구 전체 보기');
    L.DomEvent.disableClickPropagation(bar);
    button.addEventListener('click', fitDistrict);
    return bar;
  },
});
new Home().addTo(MAP);
document.documentElement.dataset.ready = 'true';
