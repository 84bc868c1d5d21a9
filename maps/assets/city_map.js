// The districts as a picture: filled by class, hatched without data, dotted where data are partial; names that find room.
const NARROW_PX = 520;
const ASIDE = [[0, 0], [0, -0.6], [0, 0.6], [-0.7, 0], [0.7, 0], [-0.7, -0.6], [0.7, -0.6], [-0.7, 0.6], [0.7, 0.6], [0, -1.2], [0, 1.2], [-1.4, 0], [1.4, 0]];
const shortName = name => (/^.{2,}[구군시]$/.test(name) ? name.slice(0, -1) : name);

function cityMap(data, lang, t, onPick) {
  const title = sv('title', { id: 'city-map-title' });
  const ground = sv('g', { class: 'city-shapes' }), marks = sv('g', { class: 'city-marks', 'aria-hidden': 'true' }), names = sv('g', { class: 'city-names', 'aria-hidden': 'true' });
  const pattern = (id, ...lines) => sv('pattern', { id, width: 9, height: 9, patternUnits: 'userSpaceOnUse' }, lines);
  const picture = sv('svg', { viewBox: `-8 -8 ${data.width + 16} ${data.height + 46}`, role: 'img', 'aria-labelledby': 'city-map-title', class: 'city-map' },
    title,
    sv('defs', null,
      pattern('city-none', sv('rect', { width: 9, height: 9, class: 'none-ground' }), sv('path', { d: 'M-2 11L11 -2M-2 2L2 -2M7 11L11 7', class: 'none-line' })),
      pattern('city-part', sv('circle', { cx: 4.5, cy: 4.5, r: 1.5, class: 'part-dot' }))),
    ground, marks, names, scaleBar(data));
  const shapes = data.districts.map((district, i) => {
    const shape = sv('path', { d: district.path, 'fill-rule': 'evenodd', class: 'city-shape', onclick: () => onPick(i) }, sv('title'));
    const part = sv('path', { d: district.path, 'fill-rule': 'evenodd', class: 'city-part', fill: 'url(#city-part)' });
    const name = sv('text', { class: 'city-name' });
    ground.append(shape);
    marks.append(part);
    names.append(name);
    return { shape, part, name };
  });
  const figures = data.districts.map(() => ''), key = el('ol', { class: 'city-key', hidden: true, 'aria-label': t('numbered') });
  const outline = sv('path', { class: 'city-chosen', d: '' });
  marks.append(outline);

  function draw(measure) {
    title.textContent = measureName(measure, lang);
    data.districts.forEach((district, i) => {
      const value = measure.values[i], k = classOfValue(measure, value), { shape, part, name } = shapes[i];
      shape.setAttribute('fill', k < 0 ? 'url(#city-none)' : measure.colours[Math.min(k, measure.colours.length - 1)]);
      shape.firstChild.textContent = `${district.name}: ${valueText(measure, value, district, t)}`;
      part.style.display = measure.partial.includes(i) && k >= 0 ? '' : 'none';
      const pale = k < 0 || isPale(measure.colours[Math.min(k, measure.colours.length - 1)]);
      name.setAttribute('class', `city-name ${k < 0 ? 'on-none' : pale ? 'on-pale' : 'on-dark'}`);
      figures[i] = valueText(measure, value, district, t);
    });
    if (picture.isConnected) placeNames();
  }

  // The smallest first, for they have the least room. What finds none steps aside within its district, then is said
  // shorter: without its figure, without 구; where even that finds none it is a number, with its name below.
  function placeNames() {
    const ctm = picture.getScreenCTM(), unit = ctm && ctm.a > 0 ? 1 / ctm.a : 1.3, narrow = picture.clientWidth < NARROW_PX;
    const size = (narrow ? 12 : 13.5) * unit, taken = [], numbered = [];
    names.style.fontSize = `${size}px`;
    const order = shapes.map((_, i) => i).sort((a, b) => areaOf(shapes[a].shape) - areaOf(shapes[b].shape) || a - b);
    for (const i of order) {
      const shorter = shortName(data.districts[i].name), full = data.districts[i].name;
      const said = narrow ? [[shorter]] : [[full, figures[i]], [full], [shorter]];
      if (!said.some(lines => settled(i, lines, size, taken))) numbered.push(i);
    }
    numbered.sort((a, b) => a - b);
    numbered.forEach((i, k) => { if (!settled(i, [String(k + 1)], size, taken)) put(i, [String(k + 1)], ...data.districts[i].label, size); });
    key.replaceChildren(...numbered.map((i, k) => el('li', null, el('button', { type: 'button', onclick: () => onPick(i) }, el('b', null, String(k + 1)), ` ${data.districts[i].name} `, el('small', null, figures[i])))));
    key.hidden = !numbered.length;
  }
  function settled(i, lines, size, taken) {
    const [x, y] = data.districts[i].label, { shape, name } = shapes[i];
    for (const [dx, dy] of ASIDE) {
      const at = { x: x + dx * size, y: y + dy * size };
      if (dx || dy) { if (!shape.isPointInFill(at)) continue; }
      put(i, lines, at.x, at.y, size);
      const box = name.getBBox(), mine = [box.x - 1, box.y + box.height * 0.1, box.x + box.width + 1, box.y + box.height * 0.95];
      if (mine[0] < -8 || mine[2] > data.width + 8 || taken.some(o => mine[0] < o[2] && mine[2] > o[0] && mine[1] < o[3] && mine[3] > o[1])) continue;
      taken.push(mine);
      return true;
    }
    return false;
  }
  function put(i, lines, x, y, size) {
    const { name } = shapes[i], first = y + size * (lines.length > 1 ? -0.15 : 0.35);
    name.replaceChildren(...lines.map((words, k) => sv('tspan', { x, y: first + k * size * 1.08, class: k ? 'city-figure' : null }, words)));
  }
  const areaOf = shape => { const box = shape.getBBox(); return box.width * box.height; };

  function choose(i) { outline.setAttribute('d', i >= 0 ? data.districts[i].path : ''); }
  picture.placeNames = placeNames;
  return { picture, key, draw, choose };
}

function scaleBar(data) {
  const wanted = data.scale_m * data.width / 5;
  const step = 10 ** Math.floor(Math.log10(wanted)), metres = [5, 2, 1].map(k => k * step).find(m => m <= wanted);
  const length = metres / data.scale_m, y = data.height + 32;
  return sv('g', { class: 'city-scale', 'aria-hidden': 'true' },
    sv('path', { d: `M0 ${y - 8}V${y}H${length}V${y - 8}` }),
    sv('text', { x: length / 2, y: y - 6 }, metres >= 1000 ? `${metres / 1000} km` : `${metres} m`));
}

function cityLegend(measure, lang, t) {
  const count = measure.colours.length, digits = measure.kind === 'rate' ? 2 : 0;
  const limit = value => measure.kind === 'share' || measure.kind === 'rate' ? String(Number(value.toPrecision(3))) : plain(value, Number.isInteger(value) ? 0 : digits);
  const known = measure.values.filter(value => !missing(value));
  // One value everywhere has no classes: its colour and figure say it. Fixed classes stand also for one district.
  const scale = measure.breaks.length ? [
    el('div', { class: 'ramp' },
      el('div', { class: 'boxes' }, measure.colours.map(colour => el('i', { style: { background: colour } }))),
      el('div', { class: 'limits' }, measure.breaks.map((value, k) => el('span', { style: { left: `${100 * (k + 1) / count}%` } }, limit(value)))),
      el('p', null, [unitOf(measure, t), measure.kind === 'states' || measure.breaks.join() === '20,40,60,80' ? '' : t('equal-classes'), measure.worst_first === 'low' && measure.kind !== 'states' ? t('pale-worse') : ''].filter(Boolean).join(' · ')))] : [];
  return el('div', { class: 'city-legend' }, scale,
    el('ul', null,
      known.length && !scale.length ? el('li', null, el('i', { class: 'swatch', style: { background: measure.colours[Math.min(classOfValue(measure, known[0]), measure.colours.length - 1)] } }), t('one-value', { v: valueText(measure, known[0], {}, t), unit: measure.kind === 'share' ? '' : unitOf(measure, t) })) : null,
      known.length < measure.values.length ? el('li', null, el('i', { class: 'swatch none' }), t('none-mark')) : null,
      measure.partial.length ? el('li', null, el('i', { class: 'swatch part' }), t('partial-mark')) : null));
}
