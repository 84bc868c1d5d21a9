// Room for the number of a proposal: a pentagon that points at its place from one of four sides; else aside, with a line
// to it; else a small mark.
const POINTER = { body: 21, tip: 8, small: 7 };  // pixels
const ASIDE = [30, 42, 56].flatMap((radius, ring) => Array.from({ length: 12 }, (_, k) => [radius * Math.cos((k + ring / 2) * Math.PI / 6), radius * Math.sin((k + ring / 2) * Math.PI / 6)]));
const IN_DONG = [[0, 0], [0, 22], [0, -22], [0, 42], [0, -42], [64, 0], [-64, 0], [64, 22], [-64, 22]];
const SIDES_OF_POINTERS = ['up', 'down', 'left', 'right', 'led', 'small', 'whole', 'out'];

// The side it points from, its box, how far aside: of a point { x, y }, `width` of the written number.
function pointed(p, width, taken) {
  const half = width / 2, { body, tip, small } = POINTER, whole = body + tip;
  const boxes = {
    up: [p.x - half, p.y - whole, p.x + half, p.y], down: [p.x - half, p.y, p.x + half, p.y + whole],
    right: [p.x, p.y - body / 2, p.x + width + tip, p.y + body / 2], left: [p.x - width - tip, p.y - body / 2, p.x, p.y + body / 2],
  };
  return Object.entries(boxes).find(([, box]) => !overlaps(box, taken)) || aside(p, width, taken, ASIDE, 'led') || ['small', boxAround(p.x, p.y - small / 2, small, small, 0)];
}

// A label in its dong, where `inside(offset)` says so; else outside, with a line to it.
function inDong(p, width, taken, inside) {
  return aside(p, width, taken, IN_DONG.filter(inside), 'whole') || aside(p, width, taken, ASIDE, 'led') || ['out', null];
}

function aside(p, width, taken, offsets, side) {
  const boxAt = offset => boxAround(p.x + offset[0], p.y + offset[1], width, POINTER.body + 2, 1);
  const free = offsets.find(offset => !overlaps(boxAt(offset), taken));
  return free ? [side, boxAt(free), free] : null;
}

// Puts a mark where there is room for it.
function turn(element, span, [side, , offset]) {
  element.classList.remove(...SIDES_OF_POINTERS);
  element.classList.add(side);
  span.style.transform = offset ? `translate(calc(-50% + ${offset[0]}px), calc(-50% + ${offset[1]}px))` : '';
}

// From a number that stands aside to its place.
function drawLead(ctx, view, at, offset, ink) {
  const { x, y } = worldOf(at), px = x * view.scale - view.left, py = y * view.scale - view.top;
  for (const [colour, width, r] of [['#fff', 4.5, 5], [ink, 1.8, 3.5]]) {
    ctx.beginPath();
    ctx.moveTo(px, py);
    ctx.lineTo(px + offset[0], py + offset[1]);
    Object.assign(ctx, { strokeStyle: colour, fillStyle: colour, lineWidth: width });
    ctx.stroke();
    ctx.beginPath();
    ctx.arc(px, py, r, 0, 2 * Math.PI);
    ctx.fill();
  }
}
