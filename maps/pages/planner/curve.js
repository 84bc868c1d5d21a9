// The curve of gain against money, as SVG: a point a site. What it shows stands in a table beside, for who cannot see it.
import { h, svg } from '../lib/dom.js';
import { money, number } from '../lib/format.js';
import { t } from '../lib/i18n.js';

const W = 372, H = 190, LEFT = 46, RIGHT = 12, TOP = 12, BOTTOM = 34;

// curves: [{ name, colour, dash, krw: [0, …], gain: [0, …] }]
export function curve(curves, label) {
  const used = curves.filter(one => one.krw.length > 1);
  if (!used.length) return null;
  const most = Math.max(...used.flatMap(one => one.krw)) || 1, top = Math.max(...used.flatMap(one => one.gain)) || 1;
  const yTicks = ticks(top, 4), xTicks = ticks(most, 4);
  const x = krw => LEFT + krw / xTicks.at(-1) * (W - LEFT - RIGHT), y = gain => H - BOTTOM - gain / yTicks.at(-1) * (H - TOP - BOTTOM);
  const picture = svg('svg', { viewBox: `0 0 ${W} ${H}`, class: 'curve', role: 'img', 'aria-label': label },
    yTicks.map(v => [svg('line', { x1: LEFT, x2: W - RIGHT, y1: y(v), y2: y(v), class: 'grid' }), svg('text', { x: LEFT - 6, y: y(v) + 4, 'text-anchor': 'end' }, number(v, v % 1 ? 1 : 0))]),
    xTicks.map(v => svg('text', { x: x(v), y: H - BOTTOM + 15, 'text-anchor': v === xTicks.at(-1) ? 'end' : 'middle' }, v ? money(v).replace(/ ?원$/, '') : '0')),
    svg('text', { x: W - RIGHT, y: H - 3, 'text-anchor': 'end', class: 'axis' }, t('p.axis-money')),
    used.map(one => [
      svg('path', { d: one.krw.map((krw, i) => `${i ? 'L' : 'M'}${x(krw).toFixed(1)} ${y(one.gain[i]).toFixed(1)}`).join(''), class: 'line', style: { stroke: one.colour }, 'stroke-dasharray': one.dash || null }),
      one.krw.length <= 60 ? one.krw.map((krw, i) => i ? svg('circle', { cx: x(krw), cy: y(one.gain[i]), r: 3, style: { fill: one.colour } }, svg('title', null, `${money(krw)}: +${number(one.gain[i], 1)}`)) : null) : null]));
  return h('figure', { class: 'chart' }, h('figcaption', null, label, used.length > 1 ? h('span', { class: 'keys' }, used.map(one => h('span', null, h('i', { style: { background: one.colour } }), one.name))) : null), picture);
}

function ticks(most, wanted) {
  const raw = most / wanted, unit = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map(k => k * unit).find(s => s >= raw - 1e-9);
  return Array.from({ length: Math.ceil(most / step - 1e-9) + 1 }, (_, i) => i * step);
}
