// All point facilities: one canvas, packed columns, a grid to find what is under the pointer.
const BUCKETS = 64;

function unpackLayer(packed) {
  const places = unpackPlaces(packed.places);
  const layer = {
    id: packed.id, name: packed.name, unit: packed.unit, colour: packed.colour, shape: packed.shape,
    small: packed.small, on: packed.on, total: packed.count, x: places.x, y: places.y, count: places.count,
    zones: unpackPolygons(packed.zones), near: column(packed.near), devices: column(packed.devices),
    packed: packed.texts, texts: null,
  };
  layer.index = indexPoints(layer);
  return layer;
}

function column(packed) {
  if (typeof packed === 'number') return () => packed;
  const values = unpackIntegers(packed);
  return i => values[i];
}

// Texts are unpacked when the first popup of a layer asks for them.
function textOf(layer, name, i) {
  if (!(name in layer.packed)) return '';
  layer.texts = layer.texts || {};
  layer.texts[name] = layer.texts[name] || unpackTexts(layer.packed[name], layer.total);
  return layer.texts[name][i];
}

// Points by bucket of a BUCKETS x BUCKETS grid over the layer: start[b]..start[b + 1] of order.
function indexPoints({ x, y, count }) {
  let west = Infinity, north = Infinity, east = -Infinity, south = -Infinity;
  for (let i = 0; i < count; i++) {
    west = Math.min(west, x[i]); east = Math.max(east, x[i]);
    north = Math.min(north, y[i]); south = Math.max(south, y[i]);
  }
  const side = Math.max(east - west, south - north, 1e-9) / BUCKETS * (1 + 1e-9);
  const bucketOf = i => Math.floor((y[i] - north) / side) * BUCKETS + Math.floor((x[i] - west) / side);
  const start = new Int32Array(BUCKETS * BUCKETS + 1), order = new Int32Array(count);
  for (let i = 0; i < count; i++) start[bucketOf(i) + 1]++;
  for (let b = 0; b < BUCKETS * BUCKETS; b++) start[b + 1] += start[b];
  const next = start.slice();
  for (let i = 0; i < count; i++) order[next[bucketOf(i)]++] = i;
  return { west, north, side, start, order };
}

// Nearest point within reach (world units): { i, distance } or null. Ties go to the first row.
function nearestPoint(layer, px, py, reach) {
  if (!layer.count) return null;
  const { west, north, side, start, order } = layer.index;
  const clamp = v => Math.max(0, Math.min(BUCKETS - 1, Math.floor(v / side)));
  if (px + reach < west || py + reach < north || px - reach > west + side * BUCKETS || py - reach > north + side * BUCKETS) return null;
  let best = null;
  for (let row = clamp(py - reach - north); row <= clamp(py + reach - north); row++) {
    for (let col = clamp(px - reach - west); col <= clamp(px + reach - west); col++) {
      const b = row * BUCKETS + col;
      for (let k = start[b]; k < start[b + 1]; k++) {
        const i = order[k];
        const distance = Math.hypot(layer.x[i] - px, layer.y[i] - py);
        if (distance <= reach && (!best || distance < best.distance || (distance === best.distance && i < best.i))) best = { i, distance };
      }
    }
  }
  return best;
}

// Rows that stand on the very same place as row i.
function stackedWith(layer, i) {
  const rows = [];
  for (let k = 0; k < layer.count; k++) if (layer.x[k] === layer.x[i] && layer.y[k] === layer.y[i]) rows.push(k);
  return rows;
}

function radiusOf(layer, zoom) {
  const growth = zoom - 13;
  if (layer.small) return Math.max(1.1, Math.min(5, 1.3 * Math.pow(2, growth / 2.3)));
  // A few hundred are more than landmarks and fewer than a cloud: in between.
  if (layer.count > 250) return Math.max(2.4, Math.min(7, 2.8 * Math.pow(2, growth / 3.5)));
  return Math.max(3.6, Math.min(8, 4.4 * Math.pow(2, growth / 5)));
}

function pathOf(ctx, shape, r) {
  ctx.beginPath();
  if (shape === 'square') ctx.rect(-r * 0.88, -r * 0.88, r * 1.76, r * 1.76);
  else if (shape === 'triangle') { ctx.moveTo(0, -r * 1.15); ctx.lineTo(r * 1.1, r * 0.8); ctx.lineTo(-r * 1.1, r * 0.8); ctx.closePath(); }
  else if (shape === 'diamond') { ctx.moveTo(0, -r * 1.25); ctx.lineTo(r * 1.25, 0); ctx.lineTo(0, r * 1.25); ctx.lineTo(-r * 1.25, 0); ctx.closePath(); }
  else ctx.arc(0, 0, r, 0, 2 * Math.PI);
}

function isLight(colour) {
  const v = parseInt(colour.slice(1, 7), 16);
  return 0.299 * (v >> 16) + 0.587 * ((v >> 8) & 255) + 0.114 * (v & 255) > 165;
}

// A colour most of the way to the ground's: opaque, so that a row of markers does not add up to a loud one.
function paleOf(colour) {
  const v = parseInt(colour.slice(1, 7), 16);
  const mix = (part, ground) => Math.round(part * 0.3 + ground * 0.7);
  return `rgb(${mix(v >> 16, 236)},${mix((v >> 8) & 255, 238)},${mix(v & 255, 241)})`;
}

// A marker drawn once and stamped many times: smaller, pale and without a rim where it is outside the district.
function stamp(layer, zoom, ratio, near) {
  const r = radiusOf(layer, zoom) * (near ? 0.6 : 1), half = Math.ceil(r * 1.3 + 2);
  const tile = document.createElement('canvas');
  tile.width = tile.height = Math.ceil(half * 2 * ratio);
  const ctx = tile.getContext('2d');
  ctx.scale(ratio, ratio);
  ctx.translate(half, half);
  pathOf(ctx, layer.shape, r);
  ctx.fillStyle = near ? paleOf(layer.colour) : layer.colour;
  ctx.fill();
  if (near) return { tile, half };
  // Light markers need a dark rim on a light map, dark ones a light rim on each other.
  ctx.strokeStyle = isLight(layer.colour) ? 'rgba(60,52,20,.85)' : 'rgba(255,255,255,.95)';
  ctx.lineWidth = r < 2.5 ? 0.5 : 1.1;
  if (r >= 1.6) ctx.stroke();
  return { tile, half };
}

const CLOUD = 1500;  // points of a layer from which they are put down pixel by pixel: many times quicker than images

function drawFacilities(ctx, view, layers) {
  const visible = layers.filter(layer => layer.on && layer.count).sort((a, b) => b.count - a.count);
  // Paper is drawn at three times the screen's pixels: too many to hold, and an image stays sharp there.
  const clouds = view.ratio <= 2 ? visible.filter(layer => layer.count > CLOUD) : [];
  if (clouds.length) drawClouds(ctx, view, clouds);
  for (const near of [1, 0]) {
    for (const layer of visible) {
      if (clouds.includes(layer)) continue;
      const { tile, half } = stamp(layer, view.zoom, view.ratio, near);
      for (let i = 0; i < layer.count; i++) {
        if (layer.near(i) !== near) continue;
        const px = layer.x[i] * view.scale - view.left, py = layer.y[i] * view.scale - view.top;
        if (px < -half || py < -half || px > view.width + half || py > view.height + half) continue;
        ctx.drawImage(tile, px - half, py - half, half * 2, half * 2);
      }
    }
  }
}

// ---------------------------------------------------------------- clouds of points
const ground = { canvas: null, image: null };

function drawClouds(ctx, view, clouds) {
  const width = Math.round(view.width * view.ratio), height = Math.round(view.height * view.ratio);
  if (!ground.canvas || ground.canvas.width !== width || ground.canvas.height !== height) {
    ground.canvas = document.createElement('canvas');
    ground.canvas.width = width;
    ground.canvas.height = height;
    ground.image = new ImageData(width, height);
  }
  const pixels = new Uint32Array(ground.image.data.buffer);
  pixels.fill(0);
  for (const near of [1, 0]) for (const layer of clouds) putCloud(pixels, width, height, view, layer, near);
  ground.canvas.getContext('2d').putImageData(ground.image, 0, 0);
  ctx.drawImage(ground.canvas, 0, 0, view.width, view.height);
}

// The marker's pixels that are not empty: where they lie from its middle, and their colour with its opacity.
function pixelsOf(tile, middle) {
  const { data } = tile.getContext('2d', { willReadFrequently: true }).getImageData(0, 0, tile.width, tile.height);
  const found = [];
  for (let k = 0; k < data.length; k += 4) {
    if (data[k + 3] > 8) found.push([(k / 4) % tile.width - middle, Math.floor(k / 4 / tile.width) - middle, data[k], data[k + 1], data[k + 2], data[k + 3]]);
  }
  return found;
}

function putCloud(pixels, width, height, view, layer, near) {
  const { tile, half } = stamp(layer, view.zoom, view.ratio, near), middle = Math.round(half * view.ratio);
  const marker = pixelsOf(tile, middle), size = marker.length;
  const dx = Int32Array.from(marker, p => p[0]), dy = Int32Array.from(marker, p => p[1]), opacity = Uint8Array.from(marker, p => p[5]);
  const colour = Uint32Array.from(marker, p => (p[5] << 24 | p[4] << 16 | p[3] << 8 | p[2]) >>> 0);
  const scale = view.scale * view.ratio, left = view.left * view.ratio, top = view.top * view.ratio;
  const { x, y, count } = layer;
  for (let i = 0; i < count; i++) {
    const px = Math.round(x[i] * scale - left), py = Math.round(y[i] * scale - top);
    if (px < -middle || py < -middle || px > width + middle || py > height + middle || layer.near(i) !== near) continue;
    for (let k = 0; k < size; k++) {
      const cx = px + dx[k], cy = py + dy[k];
      if (cx < 0 || cy < 0 || cx >= width || cy >= height) continue;
      const at = cy * width + cx;
      pixels[at] = opacity[k] === 255 || !pixels[at] ? colour[k] : over(colour[k], pixels[at]);
    }
  }
}

// One colour over another, both as an image's words (alpha, blue, green, red), neither multiplied by its opacity.
function over(upper, lower) {
  const a = upper >>> 24, rest = (lower >>> 24) * (255 - a) / 255, all = a + rest;
  const mix = shift => Math.round(((upper >>> shift & 255) * a + (lower >>> shift & 255) * rest) / all);
  return (Math.round(all) << 24 | mix(16) << 16 | mix(8) << 8 | mix(0)) >>> 0;
}

// What lies under the pointer, nearest first among the layers shown; small markers need a wider touch.
function facilityAt(layers, px, py, zoom, touch) {
  const unit = Math.pow(2, -zoom);
  let best = null;
  for (const layer of layers) {
    if (!layer.on) continue;
    const reach = Math.max(radiusOf(layer, zoom) + 2, touch ? 14 : 6) * unit;
    const hit = nearestPoint(layer, px, py, reach);
    if (hit && (!best || hit.distance < best.distance)) best = { layer, i: hit.i, distance: hit.distance };
  }
  return best;
}

function zoneAt(layers, px, py) {
  for (const layer of layers) {
    if (!layer.on) continue;
    for (let k = 0; k < layer.zones.length; k++) if (holds(layer.zones[k], px, py)) return { layer, i: layer.count + k };
  }
  return null;
}
