// Proposals on the map: a pentagon with the proposal's number points at its place; of a dong alone, the dong is outlined
// and its label bears the numbers. Numbers never lie on one another: what finds no room is a small mark until nearer.
import { CanvasLayer, POINTER, boxAround, drawLead, holds, inDong, overlaps, pointed, strokePolygon, turn, worldOf } from '../map-kit.js';
import { h } from '../lib/dom.js';

const L = window.L;
const INK = '#3a2d00', SUN = '#ffd43b', HALO = '#fff';  // a hue of no shade, gap or site
const { body: BODY, tip: TIP } = POINTER;
// How each state is drawn: by fill, line and sign, never by hue alone.
const LOOKS = {
  shortlisted: [SUN, INK, INK], scored: ['#fff', INK, INK], chosen: [SUN, INK, INK],
  held: ['#fff3c4', INK, INK], not_chosen: ['#e3e6ea', '#5d6673', '#454d59'], struck_out: ['#fff', '#8a929e', '#5d6673'],
};
const SIGNS = { chosen: '✓', held: '?', not_chosen: '×' };

export const looksOf = proposal => LOOKS[proposal.stage] || LOOKS.scored;
export const numberOf = proposal => `${SIGNS[proposal.stage] || ''}${proposal.number}`;

// The same mark in a list or a legend.
export function swatch(proposal) {
  return h('i', { class: `proposal-swatch ${proposal.of_dong ? 'of-dong' : ''} ${proposal.stage}`, 'aria-hidden': 'true' }, h('span', null, numberOf(proposal)));
}

export class ProposalMarks {
  // owner: DistrictMap. onPick(numbers, latlng); labelOf(proposals) -> what a screen reader says
  constructor(owner, { onPick, labelOf }) {
    Object.assign(this, { owner, onPick, labelOf, items: [], marks: [], chosen: 0 });
    owner.map.createPane('proposal-land').style.zIndex = 412;
    owner.map.createPane('proposals').style.zIndex = 650;
    this.land = new CanvasLayer('proposal-land', (ctx, view) => this.draw(ctx, view)).addTo(owner.map);
    owner.marks = this;
  }

  // Those to be drawn, in the order in which they get room.
  set(proposals) {
    for (const one of this.marks) one.marker.remove();
    this.items = proposals;
    this.marks = [...proposals.filter(one => one.lon !== null).map(one => this.add([one], L.latLng(one.lat, one.lon), -1)), ...this.ofDongs(proposals)];
    for (const one of this.marks) one.width = one.span.offsetWidth;
    this.owner.relabel();
  }

  choose(number) {
    if (this.chosen === number) return;
    this.chosen = number;
    for (const one of this.marks) one.marker.getElement().classList.toggle('picked', one.proposals.some(p => p.number === number));
    this.owner.relabel();
  }

  dongsOf(proposal) { return proposal.of_dong ? proposal.dongs.map(code => this.owner.dongs.codes.indexOf(code)).filter(i => i >= 0) : []; }

  ofDongs(proposals) {
    const found = new Map();
    for (const one of proposals) for (const i of this.dongsOf(one)) found.set(i, [...(found.get(i) || []), one]);
    return [...found].map(([i, list]) => this.add(list, this.owner.dongAt[i], i));
  }

  add(proposals, at, dong) {
    const span = h('span', { 'aria-hidden': 'true' }, dong < 0 ? numberOf(proposals[0]) : written(proposals));
    const states = [...new Set(proposals.map(one => one.stage))];
    const icon = L.divIcon({ className: `proposal-mark ${dong < 0 ? 'point' : 'of-dong'} ${states.length === 1 ? states[0] : 'scored'}`, html: span, iconSize: [0, 0] });
    const marker = L.marker(at, { icon, pane: 'proposals', keyboard: false }).addTo(this.owner.map), element = marker.getElement();
    element.setAttribute('role', 'img');  // by keyboard, the list finds it
    element.dataset.proposals = proposals.map(one => one.number).join(',');
    element.setAttribute('aria-label', this.labelOf(proposals));
    element.classList.toggle('picked', proposals.some(one => one.number === this.chosen));
    marker.on('click', () => this.onPick(proposals.map(one => one.number), at));
    return { proposals, marker, span, at, dong, width: 0, side: '', offset: null };
  }

  // Gives each mark its room, and returns the boxes, which gap numbers and names of dong then keep clear of.
  place() {
    const { owner } = this, taken = this.sites();
    const first = one => one.proposals.some(p => p.number === this.chosen);
    const order = [...this.marks].sort((a, b) => first(b) - first(a));
    const mine = [];
    order.forEach((one, i) => {
      const p = owner.map.latLngToLayerPoint(one.at), element = one.marker.getElement();
      const room = one.dong < 0 ? pointed(p, one.width, taken) : inDong(p, one.width, taken, offset => this.isIn(one.dong, p, offset));
      const [side, box, offset] = room;
      turn(element, one.span, room);
      one.marker.setZIndexOffset(side === 'small' ? -1e6 : 1e6 - i);
      Object.assign(one, { side, offset });
      if (box) { taken.push(box); mine.push(box); }
    });
    this.land.redraw();
    return mine;
  }

  isIn(dong, p, [dx, dy]) {
    const { x, y } = worldOf(this.owner.map.layerPointToLatLng([p.x + dx, p.y + dy]));
    const polygon = this.owner.dongs.polygons[dong];
    return Boolean(polygon) && holds(polygon, x, y);
  }

  // Numbers of a plan's sites, as they stand.
  sites() {
    const found = [];
    for (const marker of this.owner.markers || []) {
      const p = this.owner.map.latLngToLayerPoint(marker.getLatLng()), box = boxAround(p.x, p.y, 22, 22, 0);
      if (!overlaps(box, found)) found.push(box);
    }
    return found;
  }

  // ------------------------------------------------------------ dong that are proposed as a whole
  draw(ctx, view) {
    const outlined = new Map();
    for (const one of this.items) for (const i of this.dongsOf(one)) outlined.set(i, outlined.get(i) || one.number === this.chosen);
    for (const [i, picked] of outlined) {
      const polygon = this.owner.dongs.polygons[i];
      strokePolygon(ctx, view, polygon, INK, picked ? 8 : 5);
      strokePolygon(ctx, view, polygon, SUN, picked ? 5 : 2.6, [10, 5]);
    }
    for (const one of this.marks) if (one.side === 'led') drawLead(ctx, view, one.at, one.offset, INK);
  }

  // Shows where a proposal is: its point, or the whole of its dong.
  show(proposal) {
    const { owner } = this, { map } = owner;
    const [dong] = this.dongsOf(proposal);
    if (proposal.lon === null) {
      if (dong === undefined) return null;
      owner.showDong(dong);
      return owner.dongAt[dong];
    }
    const zoom = Math.max(map.getZoom(), 16), at = L.latLng(proposal.lat, proposal.lon), left = owner.hooks.room ? owner.hooks.room() : 0;
    map.setView(map.unproject(map.project(at, zoom).subtract([left / 2, 0]), zoom), zoom, { animate: false });
    return at;
  }

  // Just above a mark: what is said of it leaves it in sight.
  above(at) { const { map } = this.owner; return map.layerPointToLatLng(map.latLngToLayerPoint(at).subtract([0, BODY + TIP])); }

  // As they stand, into a picture of the map.
  picture(ctx) {
    const frame = this.owner.map.getContainer().getBoundingClientRect();
    for (const { marker, span, side, proposals, dong } of this.marks) {
      if (side === 'out') continue;
      const box = span.getBoundingClientRect(), x = box.left - frame.left, y = box.top - frame.top;
      const looks = proposals.every(one => one.stage === proposals[0].stage) ? looksOf(proposals[0]) : LOOKS.scored;
      ctx.setLineDash(marker.getElement().classList.contains('struck_out') || dong >= 0 ? [4, 3] : []);
      shape(ctx, x, y, box.width, box.height, side, looks);
      ctx.setLineDash([]);
      if (side === 'small') continue;
      ctx.fillStyle = looks[2];
      ctx.font = '700 12px "Noto Sans KR", "Noto Sans CJK KR", "Malgun Gothic", sans-serif';
      ctx.textAlign = 'center';
      ctx.textBaseline = 'middle';
      const inset = { up: [0, -TIP / 2], down: [0, TIP / 2], left: [-TIP / 2, 0], right: [TIP / 2, 0] }[side] || [0, 0];
      ctx.fillText(span.textContent, x + box.width / 2 + inset[0], y + box.height / 2 + inset[1]);
    }
  }
}

// A pentagon that points at its place, in a picture; of a dong a plain label.
export function shape(ctx, x, y, w, height, side, looks) {
  const at = {
    up: [[0, 0], [w, 0], [w, height - TIP], [w / 2, height], [0, height - TIP]],
    down: [[0, TIP], [w / 2, 0], [w, TIP], [w, height], [0, height]],
    left: [[0, 0], [w - TIP, 0], [w, height / 2], [w - TIP, height], [0, height]],
    right: [[TIP, 0], [w, 0], [w, height], [TIP, height], [0, height / 2]],
    small: [[0, 0], [w, 0], [w / 2, height]],
  }[side] || [[0, 0], [w, 0], [w, height], [0, height]];
  ctx.beginPath();
  at.forEach(([dx, dy], i) => { if (i) ctx.lineTo(x + dx, y + dy); else ctx.moveTo(x + dx, y + dy); });
  ctx.closePath();
  ctx.strokeStyle = HALO;
  ctx.lineWidth = 5;
  ctx.stroke();
  [ctx.fillStyle, ctx.strokeStyle] = looks;
  ctx.fill();
  ctx.lineWidth = 2;
  ctx.stroke();
}

const written = proposals => proposals.slice(0, 3).map(numberOf).join(' · ') + (proposals.length > 3 ? ` +${proposals.length - 3}` : '');
