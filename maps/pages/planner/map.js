// The district on a map: shades, facilities, gap areas, a plan's sites. Drawn on canvases by the kit of the map files.
import {
  CanvasLayer, Labels, cellAt, drawFacilities, facilityAt, fillCells, fillPolygon, dotted, hatch, holds, label, boxAround, cornerOf, overlaps,
  strokePolygon, trace, traceCell, unpackCells, unpackIntegers, unpackLayer, unpackPlaces, unpackPolygons, worldOf, worldToLatLng, zoneAt,
} from '../map-kit.js';

const L = window.L;
const INK = '#16191f', SITE = '#b2182b';
const EARTH_M = 40075016.686;
const MOST_MARKERS = 400;  // more sites are drawn, but cannot be taken hold of one by one

export class DistrictMap {
  // hooks: onPick(found, latlng), onMove(i, latlng), onSite(i, byKeyboard), onRemove(i), onAdd(latlng), onView()
  constructor(container, hooks = {}) {
    this.hooks = hooks;
    this.shown = { shade: 'density', gaps: true, after: true, gap: -1, site: -1 };
    this.layers = [];
    this.plan = null;
    this.map = L.map(container, {
      zoomControl: false, attributionControl: false, zoomSnap: 0.25, zoomDelta: 0.5, wheelPxPerZoomLevel: 90, minZoom: 9, maxZoom: 20,
      zoomAnimation: true, fadeAnimation: false, center: [37.5, 127], zoom: 11,
    });
    for (const [name, order] of [['shade', 401], ['points', 405], ['gaps', 410], ['plan', 420], ['names', 620], ['numbers', 640], ['sites', 660]]) {
      this.map.createPane(name).style.zIndex = order;
    }
    this.labels = Object.assign(Object.create(Labels), { gaps: [], dongs: [], leaders: [], dots: [] });
    this.canvases = {
      shade: new CanvasLayer('shade', (ctx, view) => this.drawShade(ctx, view)),
      points: new CanvasLayer('points', (ctx, view) => { this.drawZones(ctx, view); drawFacilities(ctx, view, this.layers); }),
      gaps: new CanvasLayer('gaps', (ctx, view) => this.drawGaps(ctx, view)),
      plan: new CanvasLayer('plan', (ctx, view) => this.drawPlan(ctx, view)),
    };
    L.control.scale({ metric: true, imperial: false, position: 'bottomright', maxWidth: 120 }).addTo(this.map);
    this.map.on('click', event => this.click(event.latlng));
    this.map.on('zoomend', () => this.relabel());
    this.map.on('moveend', () => hooks.onView && hooks.onView());
    this.map.on('mousemove', event => this.hover(event.latlng));
  }

  // ------------------------------------------------------------ data
  setGround(ground, keepView) {
    if (!keepView) this.marks?.set([]);  // they are of the district before
    this.ground = ground;
    this.plan = null;
    this.internal = ground.edition === 'internal';
    this.dongs = { ...ground.dongs, polygons: unpackPolygons(ground.dongs.polygons), shade: [] };
    const places = unpackPlaces(ground.dongs.labels);
    this.dongAt = this.dongs.names.map((_, i) => worldToLatLng(places.x[i], places.y[i]));
    this.boundary = unpackPolygons(ground.boundary)[0];
    const switched = new Map(this.layers.map(layer => [layer.id, layer.on]));
    this.layers = ground.layers.map(packed => {
      const layer = unpackLayer(packed);
      layer.known = packed.known !== false;
      layer.inside = 0;
      for (let i = 0; i < packed.count; i++) if (!layer.near(i)) layer.inside++;
      if (keepView && switched.has(layer.id)) layer.on = switched.get(layer.id);
      return layer;
    });
    this.cells = null;
    if (!this.map.hasLayer(this.canvases.shade)) {
      this.map.invalidateSize({ animate: false });
      this.fit();
    } else if (!keepView) this.fit();
  }

  setView(view) {
    const first = !this.view;
    this.view = view;
    this.dongs.shade = unpackIntegers(view.dongs.class);
    if (this.internal && this.ground.cells.count) {
      if (!this.cells) this.cells = unpackCells({ ...this.ground.cells, ...view.cells });
      else {
        const { cells } = this;
        cells.cover = Object.fromEntries(Object.entries(view.cells.cover).map(([need, packed]) => [need, unpackIntegers(packed)]));
        for (const [name, key] of [['shade', 'class'], ['households', 'households'], ['dense', 'dense'], ['edge', 'edge']]) cells[name] = unpackIntegers(view.cells[key]);
      }
      this.cells.threshold = view.cells.threshold;
    }
    this.gaps = view.gaps || [];
    this.gapPolygons = view.gap_polygons ? unpackPolygons(view.gap_polygons) : [];
    if (first) for (const canvas of Object.values(this.canvases)) canvas.addTo(this.map);
    this.relist();
    this.redraw();
  }

  // plan: { sites: [{ lon, lat, number, colour, reach: [full, none] }], cover: { need: packed } } or null
  setPlan(plan) {
    this.plan = plan;
    this.setAfter(plan && plan.cover);
    this.remark();
    this.relabel();
    this.redraw();
  }

  // The covers once the plan is built; null where they are of other conditions than those shown.
  setAfter(cover) {
    if (this.packed === cover) return;
    this.packed = cover;
    this.after = cover ? Object.fromEntries(Object.entries(cover).map(([need, packed]) => [need, unpackIntegers(packed)])) : null;
  }

  set(changes) { Object.assign(this.shown, changes); if (!this.view) return; this.relabel(); this.redraw(); }
  fit() { this.map.fitBounds(this.ground.bounds, { paddingTopLeft: [18, 18], paddingBottomRight: [18, 30], animate: false }); }

  // So much room around what is fitted, less where the map is small.
  room(pixels) { const size = this.map.getSize(); return [Math.min(pixels, size.x / 6), Math.min(pixels, size.y / 6)]; }

  fitPlan() {
    const places = this.plan ? this.plan.sites.map(site => [site.lat, site.lon]) : [];
    if (places.length) this.map.fitBounds(places, { maxZoom: 16.5, animate: false, padding: this.room(90) });
  }

  redraw() { for (const canvas of Object.values(this.canvases)) if (this.map.hasLayer(canvas)) canvas.redraw(); }
  coverOf(need) { return (this.shown.after && this.after && this.after[need]) || (this.cells && this.cells.cover[need]) || null; }

  showGap(i, zoom) {
    const polygon = this.gapPolygons[i];
    this.shown.gap = i;
    if (zoom && polygon) {
      const [west, north, east, south] = polygon.box;
      this.map.fitBounds(L.latLngBounds(worldToLatLng(west, south), worldToLatLng(east, north)), { maxZoom: 16.5, animate: false, padding: this.room(90) });
    }
    this.canvases.gaps.redraw();
  }

  showDong(i) {
    const [west, north, east, south] = this.dongs.polygons[i].box;
    this.map.fitBounds(L.latLngBounds(worldToLatLng(west, south), worldToLatLng(east, north)), { padding: this.room(30), animate: false });
  }

  // ------------------------------------------------------------ drawing
  drawShade(ctx, view) {
    const { shown, dongs, cells } = this;
    if (!this.view) return;
    fillPolygon(ctx, view, this.boundary, '#ffffff');
    const cover = shown.shade.startsWith('cover:') ? this.coverOf(shown.shade.slice(6)) : null;
    if (shown.shade === 'density') {
      const withheld = hatch(ctx, '#9aa1ab', 6);
      dongs.polygons.forEach((polygon, i) => {
        if (dongs.shade[i] >= 0) fillPolygon(ctx, view, polygon, this.view.density.colours[dongs.shade[i]]);
        else if (dongs.shade[i] === -1) fillPolygon(ctx, view, polygon, withheld);
      });
    }
    if (cells && shown.shade !== 'none') {
      ctx.save();
      ctx.beginPath();
      if (trace(ctx, view, this.boundary)) ctx.clip('evenodd');
      const { breaks } = this.view.cover;
      if (cover) fillCells(ctx, view, cells, i => cover[i] < 0 ? -1 : classOf(cover[i] / 10, breaks), this.view.cover.colours);
      else if (shown.shade === 'density') fillCells(ctx, view, cells, i => cells.shade[i], this.view.density.colours);
      ctx.restore();
    }
    for (const polygon of dongs.polygons) strokePolygon(ctx, view, polygon, 'rgba(255,255,255,.9)', 2.4);
    for (const polygon of dongs.polygons) strokePolygon(ctx, view, polygon, '#7d8692', view.zoom < 14 ? 0.8 : 1.2);
    strokePolygon(ctx, view, this.boundary, '#3c4450', 2);
  }

  drawZones(ctx, view) {
    for (const layer of this.layers) {
      if (!layer.on || !layer.zones.length) continue;
      const pattern = dotted(ctx, layer.colour + '99', 7);  // hatching is for what is not known
      layer.zones.forEach((zone, k) => {
        ctx.globalAlpha = layer.near(layer.count + k) ? 0.3 : 1;
        fillPolygon(ctx, view, zone, pattern);
        strokePolygon(ctx, view, zone, 'rgba(255,255,255,.85)', 3.4);
        strokePolygon(ctx, view, zone, layer.colour, 1.5, [6, 4]);
      });
      ctx.globalAlpha = 1;
    }
  }

  drawGaps(ctx, view) {
    if (!this.view || !this.shown.gaps || !this.internal) return;
    const { cells, labels } = this;
    if (cells && cells.edge.length) {
      ctx.beginPath();
      for (const i of cells.edge) traceCell(ctx, view, cells, i);
      ctx.fillStyle = hatch(ctx, INK, 5);
      ctx.fill();
      ctx.strokeStyle = INK;
      ctx.lineWidth = 0.8;
      ctx.stroke();
    }
    this.gapPolygons.forEach((polygon, i) => strokePolygon(ctx, view, polygon, '#fff', i === this.shown.gap ? 7 : 4));
    this.gapPolygons.forEach((polygon, i) => strokePolygon(ctx, view, polygon, INK, i === this.shown.gap ? 3.4 : 1.7));
    for (const [item, offset] of labels.leaders) {
      const world = worldOf(item.at), px = world.x * view.scale - view.left, py = world.y * view.scale - view.top;
      ctx.beginPath();
      ctx.moveTo(px, py);
      ctx.lineTo(px + offset[0], py + offset[1]);
      for (const [colour, width] of [['#fff', 3.5], [INK, 1.5]]) { ctx.strokeStyle = colour; ctx.lineWidth = width; ctx.stroke(); }
    }
    for (const item of labels.dots) dot(ctx, view, worldOf(item.at), 3, INK);
  }

  drawPlan(ctx, view) {
    if (!this.plan || !this.shown.after) return;
    ctx.lineWidth = 1;
    for (const [which, opacity] of [[1, 0.1], [0, 0.2]]) {
      for (const site of this.plan.sites) {
        const r = metresToPixels(site.reach[which], site.lat, view.scale);
        if (!(r > 1)) continue;
        const { x, y } = worldOf({ lng: site.lon, lat: site.lat });
        const px = x * view.scale - view.left, py = y * view.scale - view.top;
        if (px < -r || py < -r || px > view.width + r || py > view.height + r) continue;
        ctx.beginPath();
        ctx.arc(px, py, r, 0, 2 * Math.PI);
        ctx.globalAlpha = opacity;
        ctx.fillStyle = SITE;
        ctx.fill();
        ctx.globalAlpha = 0.9;
        ctx.setLineDash(which ? [4, 4] : []);
        ctx.strokeStyle = SITE;
        ctx.stroke();
      }
    }
    ctx.globalAlpha = 1;
    ctx.setLineDash([]);
    this.drawGone(ctx, view);
    if (!this.markers?.length) for (const site of this.plan.sites) dot(ctx, view, worldOf({ lng: site.lon, lat: site.lat }), 4, SITE);
  }

  // Facilities that the plan moves away: crossed out, with a line to the site each goes to.
  drawGone(ctx, view) {
    const at = place => { const { x, y } = worldOf({ lng: place.lon, lat: place.lat }); return [x * view.scale - view.left, y * view.scale - view.top]; };
    for (const one of this.plan.gone || []) {
      const [x, y] = at(one), site = this.plan.sites.find(other => other.number === one.to);
      const stroke = (path, dash) => {
        for (const [colour, width] of [['#fff', 4.5], [INK, 1.8]]) {
          ctx.beginPath();
          for (const [from, to] of path) { ctx.moveTo(...from); ctx.lineTo(...to); }
          Object.assign(ctx, { strokeStyle: colour, lineWidth: width });
          ctx.setLineDash(dash);
          ctx.stroke();
        }
      };
      if (site) stroke([[[x, y], at(site)]], [6, 4]);
      stroke([[[x - 6, y - 6], [x + 6, y + 6]], [[x - 6, y + 6], [x + 6, y - 6]]], []);
    }
    ctx.setLineDash([]);
  }

  // ------------------------------------------------------------ names and numbers
  relist() {
    const { dongs } = this;
    for (const entry of this.labels.gaps) entry.marker.remove();
    if (this.named !== dongs) {  // names of dong stay with the ground
      for (const entry of this.labels.dongs) entry.marker.remove();
      this.labels.add(this.map, dongs.names.map((text, i) => ({ text, at: this.dongAt[i], polygon: dongs.polygons[i] })), 'dongs', 'names', null);
      this.named = dongs;
    }
    const items = this.gaps.map((gap, i) => ({ text: String(gap.rank), centre: L.latLng(gap.place[1], gap.place[0]), corner: cornerOf(this.gapPolygons[i]), i, polygon: dongs.polygons[gap.dong] }));
    this.labels.add(this.map, items.map(item => ({ ...item, at: item.centre })), 'gaps', 'numbers',
      item => this.hooks.onPick && this.hooks.onPick({ gap: item.i }, item.at));
    this.relabel();
  }

  relabel() {
    if (!this.view) return;
    // Two sets of numbers are not to be read for one: beside a plan's, those of gap areas are small tags on the outlines.
    const tags = Boolean(this.plan && this.shown.after);
    this.map.getContainer().classList.toggle('planned', tags);
    this.labels.tag(tags);
    this.labels.blocked = tags && this.markers ? this.markers.map(marker => { const p = this.map.latLngToLayerPoint(marker.getLatLng()); return boxAround(p.x, p.y, 22, 22, 0); }) : [];
    if (this.marks) this.labels.blocked = [...this.labels.blocked, ...this.marks.place()];
    this.labels.place(this.map, this.shown.gaps && this.internal);
    this.canvases.gaps.redraw();
    this.crowd();
  }

  remark() {
    // A number may be another after a change: the focus stays with the site that is where the focused one was.
    const focused = (this.markers || []).find(marker => marker.getElement() === document.activeElement)?.getLatLng();
    for (const marker of this.markers || []) marker.remove();
    this.markers = [];
    if (!this.plan || !this.shown.after || this.plan.sites.length > MOST_MARKERS) return;
    this.markers = this.plan.sites.map((site, i) => this.mark(site, i));
    if (focused && this.markers.length) {
      const away = this.markers.map(marker => marker.getLatLng().distanceTo(focused));
      this.markers[away.indexOf(Math.min(...away))].getElement().focus({ preventScroll: true });
    }
    this.crowd();
  }

  mark(site, i) {
    const editable = Boolean(this.hooks.onMove);
    const marker = L.marker([site.lat, site.lon], {
      icon: label('site-number', String(site.number)), pane: 'sites', draggable: editable, keyboard: Boolean(this.hooks.onSite), autoPan: true,
    }).addTo(this.map);
    const element = marker.getElement();
    element.dataset.site = i;
    element.setAttribute('aria-label', site.title);
    marker.on('click', () => this.hooks.onSite && this.hooks.onSite(i, false));
    if (!editable) return marker;
    marker.on('dragend', () => this.hooks.onMove(i, marker.getLatLng()));
    element.addEventListener('keydown', event => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (step) {
        const metres = event.shiftKey ? 50 : 10, at = marker.getLatLng();
        const moved = L.latLng(at.lat + step[1] * metres / 111195, at.lng + step[0] * metres / (111195 * Math.cos(at.lat * Math.PI / 180)));
        marker.setLatLng(moved);
        this.hooks.onMove(i, moved, true);
      } else if (event.key === 'Delete' || event.key === 'Backspace') this.hooks.onRemove(i);
      else if (event.key === 'Enter' || event.key === ' ') this.hooks.onSite(i, true);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    return marker;
  }

  // Far out numbers would lie on one another: those of the first sites stay, the others shrink to dots.
  crowd() {
    const taken = [];
    (this.markers || []).forEach((marker, i) => {
      const p = this.map.latLngToContainerPoint(marker.getLatLng());
      const box = boxAround(p.x, p.y, 20, 20, 0), crowded = overlaps(box, taken);
      marker.getElement().classList.toggle('dot', crowded);
      marker.setZIndexOffset(crowded ? -1e6 : 1e6 - i);
      if (!crowded) taken.push(box);
    });
  }

  // ------------------------------------------------------------ what is under the pointer
  find(latlng, touch) {
    const { x, y } = worldOf(latlng);
    const facility = facilityAt(this.layers, x, y, this.map.getZoom(), touch);
    if (facility) return { facility, at: worldToLatLng(facility.layer.x[facility.i], facility.layer.y[facility.i]) };
    const gap = this.shown.gaps ? this.gapPolygons.findIndex(polygon => holds(polygon, x, y)) : -1;
    if (gap >= 0) return { gap };
    const zone = zoneAt(this.layers, x, y);
    if (zone) return { facility: zone, at: latlng };
    const dong = this.dongs.polygons.findIndex(polygon => holds(polygon, x, y));
    if (dong < 0) return null;
    const cell = cellAt(this.cells, x, y);
    return cell >= 0 ? { cell, dong: this.cells.dong[cell], at: latlng } : { dong, at: latlng };
  }

  click(latlng) {
    if (!this.view) return;
    if (this.adding) { this.hooks.onAdd(latlng); return; }
    const found = this.find(latlng, L.Browser.mobile);
    if (found && this.hooks.onPick) this.hooks.onPick(found, found.at || latlng);
  }

  hover(latlng) {
    if (this.hovering || !this.view) return;
    this.hovering = true;
    requestAnimationFrame(() => {
      this.hovering = false;
      const found = this.adding ? null : this.find(latlng, false);
      this.map.getContainer().style.cursor = this.adding ? 'crosshair' : found && (found.facility || 'gap' in found) ? 'pointer' : '';
    });
  }

  // Canvases as they stand, for a picture: paint(ctx, ratio) over the size of the map.
  paint(ctx, ratio) {
    const box = this.map.getPixelBounds(), size = this.map.getSize();
    const view = { scale: 2 ** this.map.getZoom(), left: box.min.x, top: box.min.y, width: size.x, height: size.y, zoom: this.map.getZoom(), ratio };
    this.drawShade(ctx, view);
    this.drawZones(ctx, view);
    drawFacilities(ctx, view, this.layers);
    this.drawGaps(ctx, view);
    this.marks?.draw(ctx, view);
    this.drawPlan(ctx, view);
  }
}

function dot(ctx, view, world, r, colour) {
  ctx.beginPath();
  ctx.arc(world.x * view.scale - view.left, world.y * view.scale - view.top, r, 0, 2 * Math.PI);
  ctx.fillStyle = colour;
  ctx.strokeStyle = '#fff';
  ctx.lineWidth = 1.5;
  ctx.stroke();
  ctx.fill();
}

export function metresToPixels(metres, lat, scale) {
  return metres * 256 * scale / (EARTH_M * Math.cos(lat * Math.PI / 180));
}

function classOf(value, breaks) {
  let k = 0;
  while (k < breaks.length && value >= breaks[k]) k++;
  return k;
}
