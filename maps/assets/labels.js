// Numbers of gap areas and names of dong: placed by rank, never over one another and never in another dong than
// their own; what finds no room is left out until the map is nearer: a number leaves a dot.
function overlaps(box, others) {
  return others.some(o => box[0] < o[2] && box[2] > o[0] && box[1] < o[3] && box[3] > o[1]);
}

function boxAround(x, y, width, height, gap) {
  return [x - width / 2 - gap, y - height / 2 - gap, x + width / 2 + gap, y + height / 2 + gap];
}

function label(className, text) {
  const inner = document.createElement('span');
  inner.textContent = text;
  inner.setAttribute('aria-hidden', 'true');
  return L.divIcon({ className: 'label ' + className, html: inner, iconSize: [0, 0] });
}

// Offsets to try: where it belongs first, then rings round it.
const AROUND = [[0, 0]];
for (const [radius, steps] of [[16, 8], [26, 12], [38, 16]]) {
  for (let k = 0; k < steps; k++) {
    const angle = 2 * Math.PI * (k / steps) - Math.PI / 2;
    AROUND.push([radius * Math.cos(angle), radius * Math.sin(angle)]);
  }
}

const Labels = {
  gaps: [], dongs: [], leaders: [], dots: [],
  blocked: [],  // boxes, in layer pixels, of what else is written: nothing is put over it

  add(map, items, kind, pane, onClick) {
    this[kind] = items.map(item => {
      const marker = L.marker(item.at, {
        icon: label(kind === 'gaps' ? 'gap-number' : 'dong-name', item.text),
        interactive: Boolean(onClick), keyboard: false, pane,
      }).addTo(map);
      if (onClick) marker.on('click', () => onClick(item));
      const span = marker.getElement().firstChild;
      return { marker, span, item };
    });
  },

  // Numbers of gap areas at the corners of their outlines, or in their middles again.
  tag(on) {
    for (const { item, marker } of this.gaps) {
      const at = (on && item.corner) || item.centre;
      if (item.at !== at) { item.at = at; marker.setLatLng(at); }
    }
  },

  // The boxes are measured on screen; one pass a zoom.
  place(map, showGaps) {
    const taken = this.blocked.slice();
    this.leaders = [];
    this.dots = [];
    const most = map.getSize().x < 500 && map.getZoom() < 13.5 ? 10 : Infinity;  // in a phone's view of the whole
    for (const entry of this.gaps) {
      const at = map.latLngToLayerPoint(entry.item.at);
      const width = entry.span.offsetWidth, height = entry.span.offsetHeight;
      const free = ([dx, dy]) => !overlaps(boxAround(at.x + dx, at.y + dy, width, height, 1), taken)
        && (!(dx || dy) || within(map, entry.item.polygon, at.x + dx, at.y + dy));
      const offset = showGaps && entry.item.i < most && AROUND.find(free);
      if (showGaps && !offset) this.dots.push(entry.item);
      this._show(entry, offset, taken, at, width, height);
      if (offset && (offset[0] || offset[1])) this.leaders.push([entry.item, offset]);
    }
    for (const entry of this.dongs) {
      const at = map.latLngToLayerPoint(entry.item.at);
      const width = entry.span.offsetWidth, height = entry.span.offsetHeight;
      const free = ([dx, dy]) => {
        if (overlaps(boxAround(at.x + dx, at.y + dy, width, height, 2), taken)) return false;
        return within(map, entry.item.polygon, at.x + dx, at.y + dy);
      };
      this._show(entry, AROUND.find(free), taken, at, width, height);
    }
  },

  _show(entry, offset, taken, at, width, height) {
    entry.span.style.visibility = offset ? 'visible' : 'hidden';
    if (!offset) return;
    entry.span.style.transform = `translate(calc(-50% + ${offset[0]}px), calc(-50% + ${offset[1]}px))`;
    taken.push(boxAround(at.x + offset[0], at.y + offset[1], width, height, 1));
  },
};

// The corner of an outline that is uppermost, and of those the one farthest left.
function cornerOf(polygon) {
  if (!polygon.rings.length) return null;
  let best = polygon.rings[0][0];
  for (const [from, to] of polygon.rings) {
    for (let k = from; k < to; k++) if (polygon.y[k] < polygon.y[best] - 1e-9 || (polygon.y[k] < polygon.y[best] + 1e-9 && polygon.x[k] < polygon.x[best])) best = k;
  }
  return worldToLatLng(polygon.x[best], polygon.y[best]);
}

function within(map, polygon, x, y) {
  const world = worldOf(map.layerPointToLatLng([x, y]));
  return holds(polygon, world.x, world.y);
}

function worldOf(latlng) { return { x: worldX(latlng.lng), y: worldY(latlng.lat) }; }
