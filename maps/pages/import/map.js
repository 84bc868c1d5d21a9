// Rows on a map: accepted (some of them), flagged and rejected ones, in the districts as they would be once stored.

import { h } from '../lib/dom.js';
import { number } from '../lib/format.js';
import { t } from '../lib/i18n.js';

const { L } = window;
export const KINDS = {
  accepted: { colour: '#0072b2', radius: 4, weight: 1 },
  flagged: { colour: '#e69f00', radius: 6, weight: 2 },
  rejected: { colour: '#c8102e', radius: 6, weight: 2.5, hollow: true },
};
const NAMES_FROM = 11.25;  // zoom from which districts are named
const CLOSE = 16;  // zoom at which a single row is shown

export class RowMap {
  // `words(what)` says flags and reasons in words; `picked(properties)` is told of a row that is pressed.
  constructor(element, outlines, { words, columns, picked }) {
    this.map = L.map(element, { preferCanvas: true, attributionControl: false, zoomSnap: 0.25, maxZoom: 19, zoomControl: false });
    L.control.zoom({ zoomInTitle: t('import.zoom-in'), zoomOutTitle: t('import.zoom-out') }).addTo(this.map);
    L.control.scale({ imperial: false }).addTo(this.map);
    Object.assign(this, { words, columns, picked, groups: {}, markers: new Map() });
    const paper = getComputedStyle(document.documentElement).getPropertyValue('--paper').trim() || '#fff';
    this.ground = L.layerGroup((outlines?.districts || []).map(district =>
      L.polygon(ringsOf(district, outlines.degrees), { color: '#6b7480', weight: 1.5, fillColor: paper, fillOpacity: 1, interactive: false }))).addTo(this.map);
    this.names = L.layerGroup((outlines?.districts || []).map(district => nameOf(district, outlines.degrees)));
    this.map.on('zoomend', () => this.names[this.map.getZoom() >= NAMES_FROM ? 'addTo' : 'remove'](this.map));
    this.map.setView([36.5, 127.8], 7);
    new ResizeObserver(() => this.map.invalidateSize()).observe(element);
  }

  // Shows the features of one file; returns how many lie outside the view.
  show(features, on) {
    for (const group of Object.values(this.groups)) group.remove();
    this.markers.clear();
    for (const kind of Object.keys(KINDS)) {
      const own = features.filter(feature => feature.properties.kind === kind);
      this.groups[kind] = L.layerGroup(own.map(feature => this.marker(feature, KINDS[kind])));
      if (on.has(kind)) this.groups[kind].addTo(this.map);
    }
    const good = features.filter(feature => feature.properties.kind !== 'rejected');
    this.all = boundsOf(features);
    // One row in another city must not make a dot of all others; a file without places shows the districts.
    this.fit(good.length ? boundsOf(good) : this.all || this.groundBounds());
    return features.filter(({ geometry: { coordinates: [lon, lat] } }) => !this.map.getBounds().contains([lat, lon])).length;
  }

  groundBounds() {
    const all = this.ground.getLayers().map(one => one.getBounds());
    return all.length ? all.reduce((sum, one) => sum.extend(one), L.latLngBounds(all[0].getSouthWest(), all[0].getNorthEast())) : null;
  }

  showAll() { this.fit(this.all); }

  fit(bounds) {
    if (bounds) this.map.fitBounds(bounds.pad(0.06), { maxZoom: 17, animate: false });
  }

  toggle(kind, on) {
    this.groups[kind]?.[on ? 'addTo' : 'remove'](this.map);
  }

  // Whether a row is on the map; shows it there.
  has(kind, line) { return this.markers.has(`${kind} ${line}`); }

  goTo(kind, line) {
    const marker = this.markers.get(`${kind} ${line}`);
    if (!marker) return;
    this.map.setView(marker.getLatLng(), Math.max(this.map.getZoom(), CLOSE), { animate: false });
    marker.openPopup();
  }

  marker({ geometry, properties }, look) {
    const [lon, lat] = geometry.coordinates;
    const marker = L.circleMarker([lat, lon], {
      radius: look.radius, color: look.hollow ? look.colour : '#fff', weight: look.weight, fillColor: look.colour, fillOpacity: look.hollow ? 0.25 : 0.9,
    });
    marker.bindPopup(() => h('div', { class: 'row-popup' },
      h('p', null, h('b', null, t(`import.kind.${properties.kind}`)), ` · ${t('import.line', { n: number(properties.line) })}`),
      properties.what ? h('p', null, this.words(properties.what)) : null,
      properties.row ? h('div', { class: 'fine' }, cellsOf(properties, this.columns())) : null));
    marker.on('click', () => this.picked(properties));
    this.markers.set(`${properties.kind} ${properties.line}`, marker);
    return marker;
  }
}

// A row as 'column: value', empty cells left out; where its cells are not one a column, as it stands.
export function cellsOf({ cells, row }, columns) {
  if (!cells || !columns.length) return h('span', { class: 'raw' }, row);
  return h('dl', { class: 'row-cells' }, cells.map((cell, i) => cell ? h('div', null, h('dt', null, columns[i]), h('dd', null, cell)) : null));
}

function boundsOf(features) {
  const places = features.map(({ geometry: { coordinates: [lon, lat] } }) => [lat, lon]);
  return places.length ? L.latLngBounds(places) : null;
}

function nameOf(district, degrees) {
  const largest = ringsOf(district, degrees).sort((a, b) => b.length - a.length)[0];
  return L.marker(L.latLngBounds(largest).getCenter(), { interactive: false, keyboard: false, icon: L.divIcon({ className: 'district-name', html: h('span', null, district.name), iconSize: [120, 18] }) });
}

function ringsOf(district, degrees) {
  return district.rings.map(steps => {
    const ring = [];
    let lon = 0, lat = 0;
    for (let i = 0; i < steps.length; i += 2) {
      lon += steps[i];
      lat += steps[i + 1];
      ring.push([lat / degrees, lon / degrees]);
    }
    return ring;
  });
}
