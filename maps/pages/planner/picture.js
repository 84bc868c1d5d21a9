// The map as a picture, with title, edition, date, legend and scale: 한글 documents take pictures.
import { date, moment, money, number } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { dotted, hatch } from '../map-kit.js';
import { dateWords } from './headline.js';
import { metresToPixels } from './map.js';
import { isTagged, rampOf, shadeOptions } from './legend.js';
import { looksOf, shape as pentagon } from './proposal_marks.js';

const RATIO = 2, EDGE = 20, HEAD = 66;
const INK = '#16191f', SOFT = '#4d5663';
const FONT = '"Noto Sans KR", "Noto Sans CJK KR", "Malgun Gothic", sans-serif';

// made: { said, stale } of the plan that is shown, in words; null without one.
export async function picture(map, made) {
  const size = map.map.getSize();
  const legend = legendItems(map);
  const width = size.x + 2 * EDGE, columns = Math.max(1, Math.floor(size.x / 190)), rows = Math.ceil(legend.length / columns);
  const top = made ? HEAD + 20 : HEAD;
  const foot = 64 + rows * 22 + 44, height = top + size.y + foot;
  const canvas = document.createElement('canvas');
  canvas.width = width * RATIO;
  canvas.height = height * RATIO;
  const ctx = canvas.getContext('2d');
  ctx.scale(RATIO, RATIO);
  ctx.fillStyle = '#fff';
  ctx.fillRect(0, 0, width, height);
  head(ctx, map, width);
  if (made) text(ctx, [made.said, made.stale].filter(Boolean).join('   ·   '), EDGE, 72, { font: `700 12px ${FONT}`, colour: made.stale ? '#8c1220' : INK });
  ctx.save();
  ctx.translate(EDGE, top);
  ctx.beginPath();
  ctx.rect(0, 0, size.x, size.y);
  ctx.clip();
  ctx.fillStyle = '#eceef1';
  ctx.fillRect(0, 0, size.x, size.y);
  map.paint(ctx, RATIO);
  words(ctx, map);
  map.marks?.picture(ctx);
  scale(ctx, map, size);
  ctx.restore();
  ctx.strokeStyle = '#9aa1ab';
  ctx.lineWidth = 1;
  ctx.strokeRect(EDGE, top, size.x, size.y);
  footer(ctx, map, legend, { top: top + size.y, columns, width: size.x, rows });
  return new Promise(resolve => canvas.toBlob(resolve, 'image/png'));
}

function text(ctx, words_, x, y, { font = `13px ${FONT}`, colour = INK, align = 'left' } = {}) {
  ctx.font = font;
  ctx.fillStyle = colour;
  ctx.textAlign = align;
  ctx.textBaseline = 'alphabetic';
  ctx.fillText(words_, x, y);
}

function head(ctx, map, width) {
  const { view, ground } = map, { about } = view;
  const edition = t(`edition.${map.internal ? 'internal' : 'public'}`);
  text(ctx, `${ground.name} ${t('service')}`, EDGE, 30, { font: `700 20px ${FONT}` });
  const facts = [];
  if (map.internal) facts.push(`${t('p.at')} ${moment(about.at.replace(' ', 'T'))}`);
  facts.push(`${t('p.data-date')} ${dateWords(about)}`);
  if (about.made_up) facts.push(t('made-up'));
  text(ctx, facts.join('   ·   '), EDGE, 52, { font: `12px ${FONT}`, colour: SOFT });
  ctx.font = `700 13px ${FONT}`;
  const w = ctx.measureText(edition).width + 22, x = width - EDGE - w;
  ctx.fillStyle = map.internal ? INK : '#fff';
  ctx.strokeStyle = INK;
  ctx.lineWidth = 2;
  ctx.fillRect(x, 14, w, 26);
  ctx.strokeRect(x, 14, w, 26);
  text(ctx, edition, x + w / 2, 32, { font: `700 13px ${FONT}`, colour: map.internal ? '#fff' : INK, align: 'center' });
}

// Names and numbers stand where they stand on the screen.
function words(ctx, map) {
  const frame = map.map.getContainer().getBoundingClientRect();
  for (const span of map.map.getContainer().querySelectorAll('.label span')) {
    const style = getComputedStyle(span), box = span.getBoundingClientRect();
    if (style.visibility !== 'visible' || !box.width) continue;
    const x = box.left - frame.left + box.width / 2, y = box.top - frame.top + box.height / 2;
    const number_ = !span.parentNode.classList.contains('dong-name');
    ctx.font = `${style.fontWeight} ${style.fontSize} ${FONT}`;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    if (number_) {
      ctx.beginPath();
      ctx.roundRect(x - box.width / 2, y - box.height / 2, box.width, box.height, parseFloat(style.borderRadius) || 0);
      ctx.fillStyle = style.backgroundColor;
      ctx.strokeStyle = style.backgroundColor === 'rgb(255, 255, 255)' ? style.color : '#fff';
      ctx.lineWidth = 3;
      ctx.stroke();
      ctx.fill();
      if (parseFloat(style.fontSize)) { ctx.fillStyle = style.color; ctx.fillText(span.textContent, x, y + 0.5); }
    } else {
      ctx.strokeStyle = 'rgba(255,255,255,.95)';
      ctx.lineWidth = 3.5;
      ctx.lineJoin = 'round';
      ctx.strokeText(span.textContent, x, y);
      ctx.fillStyle = '#333b46';
      ctx.fillText(span.textContent, x, y);
    }
  }
}

function scale(ctx, map, size) {
  const latitude = map.map.getCenter().lat, zoom = 2 ** map.map.getZoom();
  const metres = [50, 100, 200, 500, 1000, 2000, 5000, 10000].filter(m => metresToPixels(m, latitude, zoom) <= 130).pop() || 50;
  const w = metresToPixels(metres, latitude, zoom), x = size.x - w - 14, y = size.y - 14;
  ctx.fillStyle = 'rgba(255,255,255,.85)';
  ctx.fillRect(x - 8, y - 22, w + 16, 30);
  ctx.strokeStyle = INK;
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  ctx.moveTo(x, y - 5); ctx.lineTo(x, y); ctx.lineTo(x + w, y); ctx.lineTo(x + w, y - 5);
  ctx.stroke();
  text(ctx, metres < 1000 ? `${metres} m` : `${metres / 1000} km`, x + w / 2, y - 8, { font: `11px ${FONT}`, align: 'center' });
}

function legendItems(map) {
  const items = map.layers.filter(layer => layer.on && layer.known && layer.total).map(layer => ({ name: `${layer.name} ${number(layer.inside)}`, layer }));
  if (map.internal && map.shown.gaps) items.unshift({ name: t('p.gaps-ranked'), gap: true, tag: isTagged(map) });
  if (map.internal && map.shown.gaps && map.cells && map.cells.edge.length) items.push({ name: `${t('p.edge')} ${number(map.cells.edge.length)}`, edge: true });
  if (map.plan && map.shown.after) items.unshift({ name: `${t('p.site-legend')} ${number(map.plan.sites.length)}`, site: true });
  if (map.marks?.items.length) items.push({ name: `${t('p.pr-legend')} ${number(map.marks.items.length)}`, proposal: true });
  return items;
}

function footer(ctx, map, items, { top, columns, width, rows }) {
  const ramp = rampOf(map), name = shadeOptions(map).find(([value]) => value === map.shown.shade)?.[1] || '';
  if (ramp) {
    text(ctx, name, EDGE, top + 24, { font: `700 12px ${FONT}` });
    ramp.colours.forEach((colour, i) => { ctx.fillStyle = colour; ctx.fillRect(EDGE + 150 + i * 46, top + 12, 46, 14); });
    ctx.strokeStyle = '#9aa1ab';
    ctx.lineWidth = 0.8;
    ctx.strokeRect(EDGE + 150, top + 12, 46 * ramp.colours.length, 14);
    ramp.breaks.forEach((limit, i) => text(ctx, number(limit, limit % 1 ? 1 : 0), EDGE + 150 + (i + 1) * 46, top + 40, { font: `11px ${FONT}`, colour: SOFT, align: 'center' }));
    text(ctx, ramp.unit, EDGE + 160 + 46 * ramp.colours.length, top + 24, { font: `11px ${FONT}`, colour: SOFT });
  }
  items.forEach((item, i) => {
    const x = EDGE + (i % columns) * (width / columns), y = top + 64 + Math.floor(i / columns) * 22;
    mark(ctx, item, x + 8, y - 4);
    text(ctx, item.name, x + 24, y, { font: `12px ${FONT}` });
  });
  const y = top + 64 + rows * 22 + 14;
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Seoul' }).format(new Date());
  text(ctx, `${map.internal ? t('p.score-note') : t('p.public-note')}`, EDGE, y, { font: `11px ${FONT}`, colour: SOFT });
  text(ctx, `${t('service')} · ${date(today)}`, EDGE + width, y, { font: `11px ${FONT}`, colour: SOFT, align: 'right' });
}

function mark(ctx, item, x, y) {
  if (item.proposal) { pentagon(ctx, x - 7, y - 9, 14, 18, 'up', looksOf({ stage: 'shortlisted' })); return; }
  ctx.beginPath();
  if (item.edge) {
    ctx.rect(x - 7, y - 7, 14, 14);
    ctx.fillStyle = hatch(ctx, INK, 5);
    ctx.fill();
    ctx.strokeStyle = INK;
    ctx.lineWidth = 0.8;
    ctx.stroke();
    return;
  }
  if (item.gap || item.site) {
    ctx.roundRect(x - 8, y - 8, 16, 16, item.site ? 8 : 3);
    ctx.fillStyle = item.site ? '#b2182b' : item.tag ? '#fff' : INK;
    ctx.fill();
    if (item.tag) { ctx.strokeStyle = INK; ctx.lineWidth = 1.5; ctx.stroke(); }
    text(ctx, '1', x, y + 4, { font: `700 11px ${FONT}`, colour: item.tag ? INK : '#fff', align: 'center' });
    return;
  }
  const { shape, colour, zones } = item.layer, r = 5.5;
  if (zones.length) { ctx.rect(x - 7, y - 7, 14, 14); ctx.fillStyle = dotted(ctx, colour, 5); ctx.fill(); ctx.strokeStyle = colour; ctx.setLineDash([3, 2]); ctx.lineWidth = 2; ctx.stroke(); ctx.setLineDash([]); return; }
  if (shape === 'square') ctx.rect(x - r, y - r, 2 * r, 2 * r);
  else if (shape === 'triangle') { ctx.moveTo(x, y - r * 1.15); ctx.lineTo(x + r * 1.1, y + r * 0.8); ctx.lineTo(x - r * 1.1, y + r * 0.8); ctx.closePath(); }
  else if (shape === 'diamond') { ctx.moveTo(x, y - r * 1.25); ctx.lineTo(x + r * 1.25, y); ctx.lineTo(x, y + r * 1.25); ctx.lineTo(x - r * 1.25, y); ctx.closePath(); }
  else ctx.arc(x, y, r, 0, 2 * Math.PI);
  ctx.fillStyle = colour;
  ctx.fill();
}
