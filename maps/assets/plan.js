// A plan: numbered sites with their reach, and the cover before and after it is built.
const AWAY = [[0, 0]];
for (const radius of [24, 32, 42, 54, 68, 84, 102, 122]) {
  const steps = Math.round(radius / 2.2);
  for (let k = 0; k < steps; k++) AWAY.push([radius * Math.cos(2 * Math.PI * k / steps), radius * Math.sin(2 * Math.PI * k / steps)]);
}

function setUpPlan(plan) {
  const before = {}, after = {};
  for (const need of Object.keys(plan.cover)) {
    before[need] = cells.cover[need];
    after[need] = unpackIntegers(plan.cover[need]);
  }
  MAP.createPane('plan').style.zIndex = 420;
  MAP.createPane('sites').style.zIndex = 660;
  MAP.createPane('leaders').style.zIndex = 650;
  const drawn = L.layerGroup(), leaders = L.layerGroup(), numbers = [];
  const openSite = (i, byKeyboard, zoom) => {
    const site = plan.sites[i], at = L.latLng(site.place[1], site.place[0]);
    if (zoom) MAP.setView(at, Math.max(MAP.getZoom(), 16.5), { animate: false });
    open(at, popupBox(site.title, site.where, facts(site.facts)), byKeyboard);
  };
  plan.sites.forEach((site, i) => {
    const at = L.latLng(site.place[1], site.place[0]);
    const [full, none] = site.zone.length ? [0, 0] : site.reach;
    if (site.zone.length) L.polygon(site.zone.map(ring => [ring]), { pane: 'plan', interactive: false, color: '#B2182B', weight: 2, fillColor: '#B2182B', fillOpacity: .18 }).addTo(drawn);
    if (none > 0) L.circle(at, { radius: none, pane: 'plan', interactive: false, color: '#B2182B', weight: 1, dashArray: '4 4', fillColor: '#B2182B', fillOpacity: .1 }).addTo(drawn);
    if (full > 0) L.circle(at, { radius: full, pane: 'plan', interactive: false, color: '#B2182B', weight: 1, fillColor: '#B2182B', fillOpacity: .22 }).addTo(drawn);
    const inner = document.createElement('span');
    inner.textContent = String(i + 1);
    inner.setAttribute('aria-hidden', 'true');
    const marker = L.marker(at, { icon: L.divIcon({ className: site.loose ? 'site-number loose' : 'site-number', html: inner, iconSize: [0, 0] }), pane: 'sites', keyboard: false });
    marker.on('click', () => openSite(i, false, false));
    marker.addTo(drawn);
    numbers.push(marker);
  });
  // What is moved away: a cross, before and after alike.
  plan.closed.forEach(gone => {
    const at = L.latLng(gone.place[1], gone.place[0]), cross = document.createElement('span');
    cross.textContent = '\u00d7';
    cross.setAttribute('aria-hidden', 'true');
    const marker = L.marker(at, { icon: L.divIcon({ className: 'site-gone', html: cross, iconSize: [0, 0] }), pane: 'sites', keyboard: false, zIndexOffset: -2e6 });
    marker.on('click', () => open(at, popupBox(gone.title, gone.where, facts(gone.facts)), false));
    marker.addTo(MAP);
  });
  // Far out numbers would lie on one another: those in the way step aside, with a line to a dot where the site is.
  // Where there is no room at all, the numbers of the first sites stay and the others shrink to dots.
  const place = () => {
    leaders.clearLayers();
    Labels.blocked = [];
    const on = MAP.hasLayer(drawn), points = numbers.map(marker => MAP.latLngToLayerPoint(marker.getLatLng()));
    const dots = points.map(p => boxAround(p.x, p.y, 7, 7, 0));
    if (on) numbers.forEach((marker, i) => {
      const element = marker.getElement(), p = points[i], others = dots.filter((_, k) => k !== i);
      const width = Math.max(22, element.firstChild.scrollWidth + 2);
      const room = AWAY.find(([dx, dy]) => {
        const box = boxAround(p.x + dx, p.y + dy, width, 22, 0);
        return !overlaps(box, Labels.blocked) && !overlaps(box, others);
      }) || (overlaps(boxAround(p.x, p.y, width, 22, 0), Labels.blocked) ? null : [0, 0]);
      element.classList.toggle('dot', !room);
      marker.setZIndexOffset(room ? 1e6 - i : -1e6);
      const [dx, dy] = room || [0, 0];
      element.firstChild.style.transform = `translate(calc(-50% + ${dx}px), calc(-50% + ${dy}px))`;
      if (!room) return;
      Labels.blocked.push(boxAround(p.x + dx, p.y + dy, width, 22, 0));
      if (dx || dy) leader(marker.getLatLng(), MAP.layerPointToLatLng(p.add([dx, dy])));
    });
    if (on) leaders.addTo(MAP); else leaders.remove();
    // Two sets of numbers are not to be read for one: those of gap areas are small tags on their outlines.
    MAP.getContainer().classList.toggle('planned', on);
    Labels.tag(on);
    Labels.place(MAP, shown.gaps);
    canvases.gaps.redraw();
  };
  const leader = (from, to) => {
    for (const [color, weight] of [['#fff', 3.5], ['#8c1220', 1.4]]) L.polyline([from, to], { pane: 'leaders', interactive: false, color, weight }).addTo(leaders);
    L.circleMarker(from, { pane: 'leaders', interactive: false, radius: 3.2, color: '#fff', weight: 1.2, fillColor: '#8c1220', fillOpacity: 1 }).addTo(leaders);
  };
  const buttons = Array.from(document.querySelectorAll('#plan-switch button'));
  const set = on => {
    for (const button of buttons) button.setAttribute('aria-pressed', String((button.dataset.after === '1') === on));
    Object.assign(cells.cover, on ? after : before);
    if (on) drawn.addTo(MAP); else drawn.remove();
    MAP.closePopup();
    canvases.shade.redraw();
    place();
  };
  buttons.forEach(button => button.addEventListener('click', () => set(button.dataset.after === '1')));
  L.DomEvent.disableClickPropagation(document.getElementById('plan-switch'));
  setUpRows(Array.from(document.querySelectorAll('tr[data-site]')), (row, byKeyboard) => {
    foldOnPhone();
    set(true);
    openSite(Number(row.dataset.site), byKeyboard, true);
  });
  MAP.on('zoomend', place);
  // What the plan changes is shown first.
  const shade = document.getElementById('shade');
  const first = Array.from(shade.options).findIndex(option => Object.keys(plan.cover).some(need => option.value === `cover:${need}`));
  if (first >= 0) { shade.selectedIndex = first; shade.dispatchEvent(new Event('change')); }
  set(true);
}

if (data.plan && cells) setUpPlan(data.plan);
