// Elements are made of nodes and text: no name in the data is ever read as markup.
const SVG_NS = 'http://www.w3.org/2000/svg';

function cityFill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'style') for (const [key, one] of Object.entries(value)) element.style.setProperty(key, one);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children.flat(Infinity)) if (child !== null && child !== undefined && child !== false) element.append(child);
  return element;
}

const el = (tag, attributes, ...children) => cityFill(document.createElement(tag), attributes, children);
const sv = (tag, attributes, ...children) => cityFill(document.createElementNS(SVG_NS, tag), attributes, children);

const missing = value => value === null || value === undefined || !Number.isFinite(value);
const plain = (value, digits = 0) => Number(value).toLocaleString('ko-KR', { minimumFractionDigits: digits, maximumFractionDigits: digits });

// A value of a measure as it is read: no data is said, an estimate is rounded to tens and says so.
function valueText(measure, value, district, t) {
  if (missing(value)) return t('no-data');
  if (measure.kind === 'share') return value > 0 && value < 0.0005 ? '<0.1 %' : `${plain(100 * value, 1)} %`;
  if (measure.kind === 'rate') return plain(value, value < 10 ? 2 : 1);
  if (measure.id.endsWith('uncovered') && district.estimated) return t('about', { n: plain(Math.round(value / 10) * 10) });
  return plain(value);
}

function classIn(breaks, value) {
  let k = 0;
  while (k < breaks.length && value >= breaks[k]) k++;
  return k;
}

// The class of a value, -1 without data: shares are classed in per cent.
const classOfValue = (measure, value) => missing(value) ? -1 : classIn(measure.breaks, measure.kind === 'share' ? 100 * value : value);

// Whether dark letters read better on a colour than white ones (WCAG 2.2, relative luminance).
function isPale(colour) {
  const v = parseInt(colour.slice(1, 7), 16);
  const part = byte => { const c = byte / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  return 0.2126 * part(v >> 16) + 0.7152 * part((v >> 8) & 255) + 0.0722 * part(v & 255) > 0.2;
}

const measureName = (measure, lang) => (lang === 'en' ? measure.name_en : measure.name) + (measure.id.startsWith('common') && measure.unranked !== 'alone' && measure.basis.includes(', ') ? `: ${measure.basis}` : '');

function unitOf(measure, t) {
  return measure.id === 'gaps' ? t('unit-areas') : t(`unit-${measure.kind}`);
}

// The data in English: names beside the Korean ones, and what the analysis says (data.english: Korean to English).
function inEnglish(data) {
  const say = text => (Object.hasOwn(data.english || {}, text) ? data.english[text] : text);
  return {
    ...data, at: say(data.at), needs: data.needs_en,
    measures: data.measures.map(one => ({ ...one, basis: one.basis_en })),
    districts: data.districts.map(one => ({ ...one, reason: say(one.reason), headings: one.headings && one.headings.map(say) })),
    programmes: data.programmes.map(one => ({ ...one, held: one.held && { ...one.held, unit: say(one.held.unit) } })),
  };
}
