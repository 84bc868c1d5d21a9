// Which district a place lies in, and which others are near enough to matter: from outlines held on the phone.

import { toMetres } from './grid.js';

// Outlines as the service sends them (api/outlines.py), in metres: { code, name, province, rings, box } each.
export function openOutlines(sent) {
  const districts = sent.districts.map(district => {
    const rings = district.rings.map(steps => cornersOf(steps, sent.degrees));
    return { code: district.code, name: district.name, province: district.province, rings, box: boxOf(rings) };
  });
  return { districts, within_m: sent.within_m };
}

function cornersOf(steps, degrees) {
  const corners = [];
  let lon = 0, lat = 0;
  for (let i = 0; i < steps.length; i += 2) {
    lon += steps[i];
    lat += steps[i + 1];
    const { x, y } = toMetres(lon / degrees, lat / degrees);
    corners.push([x, y]);
  }
  return corners;
}

function boxOf(rings) {
  const all = rings.flat();
  const xs = all.map(corner => corner[0]), ys = all.map(corner => corner[1]);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

// Metres from a place to a district: 0 inside. `far` where it is farther than that anyway.
export function metresTo(district, here, far = Infinity) {
  const [west, south, east, north] = district.box;
  const dx = Math.max(west - here.x, 0, here.x - east), dy = Math.max(south - here.y, 0, here.y - north);
  if (Math.hypot(dx, dy) >= far) return far;
  let inside = false, least = Infinity;
  for (const ring of district.rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [ax, ay] = ring[j], [bx, by] = ring[i];
      if ((ay > here.y) !== (by > here.y) && here.x < ax + (bx - ax) * (here.y - ay) / (by - ay)) inside = !inside;
      least = Math.min(least, toSegment(here, ax, ay, bx, by));
    }
  }
  return inside ? 0 : least;
}

function toSegment({ x, y }, ax, ay, bx, by) {
  const dx = bx - ax, dy = by - ay, length2 = dx * dx + dy * dy;
  const t = length2 ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length2)) : 0;
  return Math.hypot(ax + t * dx - x, ay + t * dy - y);
}

// The districts whose places may be within `reach_m`: { home, others }; home null outside all of them.
// Outlines are simplified: a place just outside all may be in the nearest, and a border may be nearer than it looks.
export function districtsNear(outlines, here, reach_m) {
  const far = reach_m + outlines.within_m;
  const near = outlines.districts
    .map(district => ({ district, metres: metresTo(district, here, far) }))
    .filter(({ metres }) => metres < far)
    .sort((a, b) => a.metres - b.metres);
  const home = near.length && near[0].metres <= outlines.within_m ? near[0].district : null;
  return { home, others: near.map(({ district }) => district).filter(district => district !== home) };
}
