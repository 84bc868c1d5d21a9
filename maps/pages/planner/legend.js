// The legend, which is also where shades and layers are switched.
import { h, replace, svg } from '../lib/dom.js';
import { number } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { swatch as proposalSwatch } from './proposal_marks.js';

const SHAPES = { square: ['rect', { x: 3.5, y: 3.5, width: 9, height: 9 }], triangle: ['path', { d: 'M8 2.5 14 13H2z' }], diamond: ['path', { d: 'M8 1.8 14.2 8 8 14.2 1.8 8z' }], circle: ['circle', { cx: 8, cy: 8, r: 5 }] };

export function swatch(layer) {
  if (layer.zones.length) return svg('svg', { class: 'swatch', viewBox: '0 0 16 16', 'aria-hidden': 'true' }, svg('rect', { x: 2, y: 2, width: 12, height: 12, fill: 'none', stroke: layer.colour, 'stroke-width': 2, 'stroke-dasharray': '3 2' }),
    [[6, 6], [10, 6], [6, 10], [10, 10]].map(([cx, cy]) => svg('circle', { cx, cy, r: 1, fill: layer.colour })));
  const [tag, attributes] = SHAPES[layer.shape] || SHAPES.circle;
  return svg('svg', { class: 'swatch', viewBox: '0 0 16 16', 'aria-hidden': 'true' }, svg(tag, { ...attributes, fill: layer.colour, stroke: 'rgba(60,60,60,.5)', 'stroke-width': 0.6 }));
}

export function shadeOptions(map) {
  const { view, ground } = map;
  const options = [['density', t('p.shade-density')]];
  if (map.internal) {
    options.push(['cover:combined', t('p.cover-of', { need: t('p.combined') })]);
    for (const row of view.about.needs) {
      if (row.need !== 'combined' && view.cells.cover[row.need]) options.push([`cover:${row.need}`, t('p.cover-of', { need: ground.need_names[row.need] || row.need_name })]);
    }
  }
  return [...options, ['none', t('p.shade-none')]];
}

export function rampOf(map) {
  if (map.shown.shade === 'none') return null;
  const cover = map.shown.shade.startsWith('cover:');
  return { ...(cover ? map.view.cover : map.view.density), unit: cover ? t('p.ramp-cover') : t(map.internal ? 'p.ramp-density' : 'p.ramp-density-dong') };
}

// While a plan's numbers are shown, those of gap areas are small tags (DistrictMap.relabel).
export const isTagged = map => Boolean(map.plan && map.shown.after);

export function legend(element, map, onChange) {
  const open = element.querySelector('details')?.open ?? window.innerWidth > 900;
  const scroll = element.querySelector('.body')?.scrollTop || 0;
  const options = shadeOptions(map);
  if (!options.some(([value]) => value === map.shown.shade)) map.shown.shade = 'density';
  const shade = h('select', { id: 'shade' }, options.map(([value, name]) => h('option', { value }, name)));
  shade.value = map.shown.shade;
  shade.addEventListener('change', () => { map.set({ shade: shade.value }); redraw(); onChange(); });
  const ramp = h('div');
  const redraw = () => replace(ramp, rampBox(rampOf(map)));
  redraw();
  const rows = map.layers.filter(layer => layer.known && layer.total).map(layer => h('label', { class: 'row' },
    h('input', { type: 'checkbox', data: { layer: layer.id }, checked: layer.on, onchange: event => { layer.on = event.target.checked; map.redraw(); onChange(); } }),
    swatch(layer), h('span', null, layer.name), h('em', null, number(layer.inside))));
  const absent = map.layers.filter(layer => !layer.known).map(layer => layer.name);
  const mark = (swatch_, name, count) => h('div', { class: 'row still' }, swatch_, h('span', null, name), h('em', null, number(count)));
  replace(element, h('details', { class: 'fold', open },
    h('summary', null, t('p.legend'), ' ', h('small', null, t('p.legend-counts'))),
    h('div', { class: 'body' },
      h('div', { class: 'shades' }, h('label', { for: 'shade', class: 'visually-hidden' }, t('p.shade')), shade, ramp),
      h('div', { class: 'marks' },
        map.internal ? h('label', { class: 'row' },
          h('input', { type: 'checkbox', id: 'show-gaps', checked: map.shown.gaps, onchange: event => { map.set({ gaps: event.target.checked }); onChange(); } }),
          h('i', { class: `gap-swatch ${isTagged(map) ? 'tag' : ''}`, 'aria-hidden': 'true' }, '1'), h('span', null, t('p.gaps-ranked')), h('em', null, number(map.gaps.length))) : null,
        map.cells && map.cells.edge.length ? mark(h('i', { class: 'edge-swatch', 'aria-hidden': 'true' }), t('p.edge'), map.cells.edge.length) : null,
        map.plan ? mark(h('i', { class: 'site-swatch', 'aria-hidden': 'true' }, '1'), t('p.site-legend'), map.plan.sites.length) : null,
        map.plan?.gone?.length ? mark(h('i', { class: 'gone-swatch', 'aria-hidden': 'true' }, '×'), t('p.gone-legend'), map.plan.gone.length) : null,
        map.marks?.items.length ? mark(proposalSwatch({ stage: 'shortlisted', number: 1 }), t('p.pr-legend'), map.marks.items.length) : null,
        rows),
      absent.length ? h('p', { class: 'fine' }, `${t('no-data')}: ${absent.join(', ')}`) : null)));
  const body = element.querySelector('.body');
  body.scrollTop = scroll;
}

export function rampBox(ramp) {
  if (!ramp) return h('div', { class: 'ramp' });
  const n = ramp.colours.length;
  return h('div', { class: 'ramp', role: 'img', 'aria-label': `${ramp.unit}: ${ramp.breaks.join(', ')}` },
    h('div', { class: 'boxes' }, ramp.colours.map(colour => h('i', { style: { background: colour } }))),
    h('div', { class: 'limits' }, ramp.breaks.map((limit, i) => h('span', { style: { left: `${100 * (i + 1) / n}%` } }, number(limit, limit % 1 ? 1 : 0)))),
    h('small', null, ramp.unit));
}
