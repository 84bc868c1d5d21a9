// Rows on a map: accepted (some of them), flagged and rejected ones, in the outlines of the districts that are stored.

import { h } from '../lib/dom.js';
import { number } from '../lib/format.js';
import { t } from '../lib/i18n.js';

const { L } = window;
export const KINDS = {
  accepted: { colour: '#0072b2', radius: 4, weight: 1 },
  flagged: { colour: '#e69f00', radius: 6, weight: 2 },
  rejected: { colour: '#c8102e', radius: 6, weight: 2.5, hollow: true },
};

export class RowMap {
  // `words(what)` says flags and reasons in words.
  constructor(element, outlines, words) {
    this.map = L.map(element, { preferCanvas: true, attributionControl: false, zoomSnap: 0.25, maxZoom: 19 });
    L.control.scale({ imperial: false }).addTo(this.map);
    this.words = words;
    this.groups = {};
    this.ground = L.layerGroup(ringsOf(outlines).map(ring => L.polygon(ring, { color: '#6b7480', weight: 1.5, dashArray: '6 4', fill: false, interactive: false }))).addTo(this.map);
    this.map.setView([36.5, 127.8], 7);
    new ResizeObserver(() => this.map.invalidateSize()).observe(element);
  }

  // Shows the features of one file; returns how many lie outside the view.
  show(features, on) {
    for (const group of Object.values(this.groups)) group.remove();
    for (const kind of Object.keys(KINDS)) {
      const own = features.filter(feature => feature.properties.kind === kind);
      this.groups[kind] = L.layerGroup(own.map(feature => this.marker(feature, KINDS[kind])));
      if (on.has(kind)) this.groups[kind].addTo(this.map);
    }
    const good = features.filter(feature => feature.properties.kind !== 'rejected');
    this.all = boundsOf(features);
    this.fit(good.length ? boundsOf(good) : this.all);  // one row in another city must not make a dot of all others
    return features.filter(({ geometry: { coordinates: [lon, lat] } }) => !this.map.getBounds().contains([lat, lon])).length;
  }

  showAll() { this.fit(this.all); }

  fit(bounds) {
    if (bounds) this.map.fitBounds(bounds.pad(0.06), { maxZoom: 17, animate: false });
  }

  toggle(kind, on) {
    this.groups[kind]?.[on ? 'addTo' : 'remove'](this.map);
  }

  marker({ geometry, properties }, look) {
    const [lon, lat] = geometry.coordinates;
    const marker = L.circleMarker([lat, lon], {
      radius: look.radius, color: look.hollow ? look.colour : '#fff', weight: look.weight, fillColor: look.colour, fillOpacity: look.hollow ? 0.25 : 0.9,
    });
    marker.bindPopup(() => h('div', { class: 'row-popup' },
      h('p', null, h('b', null, t(`import.kind.${properties.kind}`)), ` · ${t('import.line', { n: number(properties.line) })}`),
      properties.what ? h('p', null, this.words(properties.what)) : null,
      properties.row ? h('p', { class: 'fine' }, properties.row) : null));
    return marker;
  }
}

function boundsOf(features) {
  const places = features.map(({ geometry: { coordinates: [lon, lat] } }) => [lat, lon]);
  return places.length ? L.latLngBounds(places) : null;
}

function ringsOf(outlines) {
  return (outlines?.districts || []).flatMap(district => district.rings.map(steps => {
    const ring = [];
    let lon = 0, lat = 0;
    for (let i = 0; i < steps.length; i += 2) {
      lon += steps[i];
      lat += steps[i + 1];
      ring.push([lat / outlines.degrees, lon / outlines.degrees]);
    }
    return ring;
  }));
}
