// A canvas over the map that is drawn by one function. It follows L.Canvas (Leaflet 1.9): it covers the view
// and a margin, moves with the panes while panning, and is scaled by the browser during a zoom.
const CanvasLayer = L.Renderer.extend({
  initialize(pane, draw) {
    L.Renderer.prototype.initialize.call(this, { pane, padding: 0.25 });
    this._paint = draw;
    this.density = 0;  // canvas pixels a CSS pixel; 0: the screen's own
  },
  _initContainer() {
    this._container = L.DomUtil.create('canvas', 'ansim-canvas');
    this._container.setAttribute('aria-hidden', 'true');
  },
  _destroyContainer() {
    L.DomUtil.remove(this._container);
    delete this._container;
  },
  _updatePaths() {},
  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const size = this._bounds.getSize();
    const ratio = this.density || Math.min(window.devicePixelRatio || 1, 3);
    L.DomUtil.setPosition(this._container, this._bounds.min);
    this._container.width = Math.round(size.x * ratio);
    this._container.height = Math.round(size.y * ratio);
    this._container.style.width = size.x + 'px';
    this._container.style.height = size.y + 'px';
    this.redraw();
  },
  // Several changes of one moment are drawn once.
  redrawSoon() {
    if (this._soon) return;
    this._soon = requestAnimationFrame(() => { this._soon = 0; this.redraw(); });
  },
  redraw() {
    if (!this._container || !this._bounds) return this;
    const ctx = this._container.getContext('2d');
    const size = this._bounds.getSize();
    const ratio = this._container.width / size.x;
    // Not clearRect: Chromium prints what was drawn, and prints a cleared rectangle white over the canvas below.
    this._container.width = this._container.width;
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    const origin = this._map.getPixelOrigin().add(this._bounds.min);
    const zoom = this._map.getZoom();
    this._paint(ctx, { scale: Math.pow(2, zoom), left: origin.x, top: origin.y, width: size.x, height: size.y, zoom, ratio });
    return this;
  },
});

// Trace a polygon (unpack.js) into the context's path; false where it is out of view.
function trace(ctx, view, polygon) {
  const { x, y, rings, box } = polygon;
  const { scale, left, top } = view;
  if (box[0] * scale - left > view.width || box[2] * scale - left < 0) return false;
  if (box[1] * scale - top > view.height || box[3] * scale - top < 0) return false;
  for (const [from, to] of rings) {
    for (let i = from; i < to; i++) {
      const px = x[i] * scale - left, py = y[i] * scale - top;
      if (i === from) ctx.moveTo(px, py); else ctx.lineTo(px, py);
    }
    ctx.closePath();
  }
  return rings.length > 0;
}

function fillPolygon(ctx, view, polygon, style) {
  ctx.beginPath();
  if (trace(ctx, view, polygon)) { ctx.fillStyle = style; ctx.fill('evenodd'); }
}

function strokePolygon(ctx, view, polygon, style, width, dash) {
  ctx.beginPath();
  if (!trace(ctx, view, polygon)) return;
  ctx.setLineDash(dash || []);
  ctx.lineJoin = 'round';
  ctx.strokeStyle = style;
  ctx.lineWidth = width;
  ctx.stroke();
  ctx.setLineDash([]);
}

function hatch(ctx, colour, spacing) {
  return tiled(ctx, spacing, t => {
    t.strokeStyle = colour;
    t.lineWidth = 1;
    for (const shift of [-spacing, 0, spacing]) { t.moveTo(shift - 1, spacing + 1); t.lineTo(shift + spacing + 1, -1); }
    t.stroke();
  });
}

// Dots, for areas that are known: hatching says that something is not.
function dotted(ctx, colour, spacing) {
  return tiled(ctx, spacing, t => {
    t.fillStyle = colour;
    t.arc(spacing / 2, spacing / 2, 1.1, 0, 2 * Math.PI);
    t.fill();
  });
}

function tiled(ctx, spacing, draw) {
  const tile = document.createElement('canvas');
  const density = 2;
  tile.width = tile.height = spacing * density;
  const t = tile.getContext('2d');
  t.scale(density, density);
  t.beginPath();
  draw(t);
  const pattern = ctx.createPattern(tile, 'repeat');
  pattern.setTransform(new DOMMatrix([1 / density, 0, 0, 1 / density, 0, 0]));
  return pattern;
}

// ---------------------------------------------------------------- cells
// Cells share the corners of a lattice, so that they meet without a seam.
function unpackCells(packed) {
  if (!packed || !packed.count) return null;
  const corners = unpackPlaces(packed.corners);
  let corner = 0;
  const first = unpackIntegers(packed.corner).map(step => corner += step);
  const cover = {};
  for (const need of Object.keys(packed.cover)) cover[need] = unpackIntegers(packed.cover[need]);
  return {
    count: packed.count, columns: packed.columns, x: corners.x, y: corners.y, first, cover,
    coverNames: packed.cover_names,
    dong: unpackIntegers(packed.dong), shade: unpackIntegers(packed.class),
    households: unpackIntegers(packed.households), dense: unpackIntegers(packed.dense),
    edge: unpackIntegers(packed.edge), names: packed.grid_id,
  };
}

function traceCell(ctx, view, cells, i) {
  const { x, y } = cells, { scale, left, top } = view;
  const a = cells.first[i], b = a + 1, c = b + cells.columns, d = a + cells.columns;
  const px = x[a] * scale - left, py = y[a] * scale - top;
  const qx = x[c] * scale - left, qy = y[c] * scale - top;
  if (qx < 0 || px > view.width || py < 0 || qy > view.height) return;
  ctx.moveTo(px, py);
  ctx.lineTo(x[b] * scale - left, y[b] * scale - top);
  ctx.lineTo(qx, qy);
  ctx.lineTo(x[d] * scale - left, y[d] * scale - top);
  ctx.closePath();
}

// Fill cells a class at a time: one path a colour.
function fillCells(ctx, view, cells, classOf, colours) {
  for (let shade = 0; shade < colours.length; shade++) {
    ctx.beginPath();
    for (let i = 0; i < cells.count; i++) if (classOf(i) === shade) traceCell(ctx, view, cells, i);
    ctx.fillStyle = colours[shade];
    ctx.fill();
    ctx.strokeStyle = colours[shade];  // closes the hair between neighbours that antialiasing leaves
    ctx.lineWidth = 0.6;
    ctx.stroke();
  }
}

function cellAt(cells, px, py) {
  if (!cells) return -1;
  for (let i = 0; i < cells.count; i++) {
    const a = cells.first[i], c = a + cells.columns + 1;
    if (px >= cells.x[a] && px < cells.x[c] && py <= cells.y[a] && py > cells.y[c]) return i;
  }
  return -1;
}
