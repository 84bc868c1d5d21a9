// The reading side of maps/pack.py.
function unpackIntegers(text) {
  const bytes = atob(text);
  const values = [];
  let value = 0, factor = 1;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes.charCodeAt(i);
    value += (byte & 0x7f) * factor;  // not <<: sums stay exact beyond 31 bits
    if (byte & 0x80) { factor *= 128; continue; }
    values.push(value % 2 ? -(value + 1) / 2 : value / 2);
    value = 0; factor = 1;
  }
  return values;
}

// WGS84 degrees to Web Mercator pixels of zoom 0 (256 pixels round the world), as L.CRS.EPSG3857 has them.
function worldX(lon) { return (lon + 180) / 360 * 256; }
function worldY(lat) {
  const sine = Math.sin(lat * Math.PI / 180);
  return 128 - Math.log((1 + sine) / (1 - sine)) * 64 / Math.PI;
}
function worldToLatLng(x, y) {
  return L.latLng(Math.atan(Math.sinh(Math.PI * (1 - y / 128))) * 180 / Math.PI, x / 256 * 360 - 180);
}

function unpackPlaces(text) {
  const differences = unpackIntegers(text);
  const count = differences.length / 2;
  const x = new Float64Array(count), y = new Float64Array(count);
  let lon = 0, lat = 0;
  for (let i = 0; i < count; i++) {
    lon += differences[2 * i];
    lat += differences[2 * i + 1];
    x[i] = worldX(lon / 1e6);
    y[i] = worldY(lat / 1e6);
  }
  return { x, y, count };
}

// Each polygon: { rings: [[from, to], ...] } into the shared x, y, and its box.
function unpackPolygons(packed) {
  const places = unpackPlaces(packed.places);
  const sizes = unpackIntegers(packed.sizes);
  let ring = 0, from = 0;
  return unpackIntegers(packed.rings).map(count => {
    const polygon = { x: places.x, y: places.y, rings: [], box: [Infinity, Infinity, -Infinity, -Infinity] };
    for (; count > 0; count--) {
      const to = from + sizes[ring++];
      polygon.rings.push([from, to]);
      for (; from < to; from++) {
        polygon.box[0] = Math.min(polygon.box[0], places.x[from]);
        polygon.box[1] = Math.min(polygon.box[1], places.y[from]);
        polygon.box[2] = Math.max(polygon.box[2], places.x[from]);
        polygon.box[3] = Math.max(polygon.box[3], places.y[from]);
      }
    }
    return polygon;
  });
}

function unpackTexts(packed, count) {
  if ('deflated' in packed) return unpackTexts(JSON.parse(new TextDecoder().decode(inflate(bytesOf(packed.deflated)))), count);
  if ('all' in packed) return new Array(count).fill(packed.all);
  if ('list' in packed) return unpackIntegers(packed.pick).map(i => packed.list[i]);
  let before = '';
  return unpackIntegers(packed.shared).map((shared, i) => {
    // Shared letters are counted in code points; a pair of surrogates is one.
    const kept = /[\ud800-\udfff]/.test(before) ? Array.from(before).slice(0, shared).join('') : before.slice(0, shared);
    before = kept + packed.rest[i];
    return before;
  });
}

// Even-odd rule: holes are outside.
function holds(polygon, px, py) {
  const { x, y, rings, box } = polygon;
  if (px < box[0] || py < box[1] || px > box[2] || py > box[3]) return false;
  let inside = false;
  for (const [from, to] of rings) {
    for (let i = from, j = to - 1; i < to; j = i++) {
      if ((y[i] > py) !== (y[j] > py) && px < (x[j] - x[i]) * (py - y[i]) / (y[j] - y[i]) + x[i]) inside = !inside;
    }
  }
  return inside;
}
