// The small map: no streets, but lamps and cameras stand along them, so their dots show where streets run.

const STEPS_M = [120, 250, 500, 1000, 2000, 4000, 8000];  // from the middle to the nearer edge
const RINGS_M = [50, 100, 200, 500, 1000, 2000, 5000];

// The step that shows everything up to so many metres from the middle.
export function stepFor(metres) {
  const step = STEPS_M.findIndex(reach => reach >= metres);
  return step < 0 ? STEPS_M.length - 1 : step;
}

export const LAST_STEP = STEPS_M.length - 1;

// Draws what `scene` holds: middle { x, y }, step, here { accuracy_m } or null, places [{ x, y, n, colour }], lamps and
// cameras [{ x, y } columns], borders [rings], north: the word for it. Metres, EPSG:5179. Letters and marks grow with the reader's
// letters. Returns where each place is drawn: [{ id, x, y }] in CSS pixels.
export function drawMap(canvas, scene) {
  const ratio = Math.min(window.devicePixelRatio || 1, 3), width = canvas.clientWidth, height = canvas.clientHeight;
  if (!width || !height) return [];
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const ctx = canvas.getContext('2d'), style = getComputedStyle(canvas);
  const colour = name => style.getPropertyValue(`--map-${name}`).trim();
  ctx.scale(ratio, ratio);
  const scale = Math.min(width, height) / 2 / STEPS_M[scene.step];
  const at = (x, y) => [width / 2 + (x - scene.middle.x) * scale, height / 2 - (y - scene.middle.y) * scale];
  const view = { ctx, at, scale, width, height, colour, font: style.fontFamily, letters: parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 };
  drawBorders(view, scene.borders);
  drawDots(view, scene.lamps, 'lamp', 1.3);
  drawDots(view, scene.cameras, 'camera', 1.8, true);
  drawRings(view, scene);
  if (scene.here) drawAccuracy(view, scene);
  for (const place of [...scene.places].reverse()) drawPlace(view, place);
  if (scene.here) drawHere(view, scene);
  write(view, `▲ ${scene.north}`, width - 12, 4 + 12 * view.letters, 'right');
  return scene.places.map(({ id, x, y }) => ({ id, x: at(x, y)[0], y: at(x, y)[1] }));
}

function drawBorders({ ctx, at, colour }, borders) {
  ctx.strokeStyle = colour('border');
  ctx.lineWidth = 1.5;
  ctx.setLineDash([6, 4]);
  for (const ring of borders) {
    ctx.beginPath();
    ring.forEach(([x, y], i) => ctx[i ? 'lineTo' : 'moveTo'](...at(x, y)));
    ctx.closePath();
    ctx.stroke();
  }
  ctx.setLineDash([]);
}

function drawDots({ ctx, at, scale, width, height, colour }, columns, name, size, square = false) {
  const r = size * Math.max(0.45, Math.min(1.7, scale * 4));
  ctx.fillStyle = colour(name);
  for (const { x, y } of columns) {
    for (let i = 0; i < x.length; i++) {
      const [px, py] = at(x[i], y[i]);
      if (px < 0 || py < 0 || px > width || py > height) continue;
      if (square) ctx.fillRect(px - r, py - r, 2 * r, 2 * r);
      else {
        ctx.beginPath();
        ctx.arc(px, py, r, 0, 7);
        ctx.fill();
      }
    }
  }
}

function drawRings(view, scene) {
  const { ctx, at, scale, height, colour } = view;
  const [cx, cy] = at(scene.middle.x, scene.middle.y);
  const shown = RINGS_M.filter(metres => metres * scale > 34 && metres * scale < height / 2 - 4).slice(-2);
  if (!scene.here) shown.splice(0);
  for (const metres of shown) {
    ctx.strokeStyle = colour('ring');
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.arc(cx, cy, metres * scale, 0, 7);
    ctx.stroke();
    write(view, metres < 1000 ? `${metres} m` : `${metres / 1000} km`, cx, cy + metres * scale - 4, 'center');
  }
  if (!shown.length) drawScale(view);
}

function drawScale(view) {
  const { ctx, scale, height, colour } = view;
  const metres = RINGS_M.filter(length => length * scale < 90).at(-1) || RINGS_M[0];
  ctx.fillStyle = colour('ink');
  ctx.fillRect(12, height - 12, metres * scale, 2);
  write(view, metres < 1000 ? `${metres} m` : `${metres / 1000} km`, 12, height - 18, 'left');
}

function drawAccuracy({ ctx, at, scale, colour }, { middle, here }) {
  if (!here.accuracy_m) return;
  ctx.beginPath();
  ctx.arc(...at(middle.x, middle.y), Math.max(here.accuracy_m * scale, 9), 0, 7);
  ctx.fillStyle = colour('accuracy');
  ctx.fill();
  ctx.strokeStyle = colour('here');
  ctx.lineWidth = 1;
  ctx.stroke();
}

function drawHere({ ctx, at, colour }, { middle }) {
  const [x, y] = at(middle.x, middle.y);
  ctx.beginPath();
  ctx.arc(x, y, 7, 0, 7);
  ctx.fillStyle = colour('here');
  ctx.fill();
  ctx.strokeStyle = colour('rim');
  ctx.lineWidth = 2.5;
  ctx.stroke();
}

function drawPlace({ ctx, at, width, height, colour, font, letters }, place) {
  const [x, y] = at(place.x, place.y);
  if (x < -12 || y < -12 || x > width + 12 || y > height + 12) return;
  ctx.beginPath();
  ctx.roundRect(x - 10 * letters, y - 9 * letters, 20 * letters, 18 * letters, 4);
  ctx.fillStyle = place.colour;
  ctx.fill();
  ctx.strokeStyle = colour('rim');
  ctx.lineWidth = 1.5;
  ctx.stroke();
  ctx.fillStyle = inkOn(place.colour);
  ctx.font = `700 ${12 * letters}px ${font}`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.fillText(place.n, x, y + 0.5);
}

function write({ ctx, colour, font, letters }, text, x, y, align) {
  ctx.font = `600 ${11 * letters}px ${font}`;
  ctx.textAlign = align;
  ctx.textBaseline = 'alphabetic';
  ctx.lineWidth = 3;
  ctx.strokeStyle = colour('ground');
  ctx.strokeText(text, x, y);
  ctx.fillStyle = colour('ink');
  ctx.fillText(text, x, y);
}

// Black or white, whichever is read better on a colour (#RRGGBB): WCAG relative luminance.
export function inkOn(hex) {
  const [r, g, b] = [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16) / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18 ? '#000' : '#fff';
}
