// A call for proposals: numbered pentagons at points, outlined dong where only those are known, and the list beside.
const PROPOSAL_INK = '#3a2d00', PROPOSAL_SUN = '#ffd43b';

function setUpProposals(proposals) {
  MAP.createPane('proposal-land').style.zIndex = 412;
  MAP.createPane('proposals').style.zIndex = 645;
  const marks = [], ofDongs = new Map();
  let picked = -1, own = [];
  const tell = (i, at, byKeyboard) => {
    const one = proposals[i];
    pick(i);
    open(at, popupBox(one.names[0], one.names[1], facts(one.facts)), byKeyboard);
  };
  const add = (list, at, dong) => {
    const span = document.createElement('span'), states = list.map(i => proposals[i].state);
    span.textContent = list.slice(0, 3).map(i => proposals[i].number).join(' \u00b7 ') + (list.length > 3 ? ` +${list.length - 3}` : '');
    span.setAttribute('aria-hidden', 'true');
    const state = states.every(one => one === states[0]) ? states[0] : 'scored';
    const marker = L.marker(at, { icon: L.divIcon({ className: `proposal-mark ${dong < 0 ? 'point' : 'of-dong'} ${state}`, html: span, iconSize: [0, 0] }), pane: 'proposals', keyboard: false }).addTo(MAP);
    // Several of one dong: the next at each click.
    marker.on('click', () => tell(list[(list.indexOf(picked) + 1) % list.length], at, false));
    marks.push({ list, at, dong, span, marker, element: marker.getElement(), side: '', offset: null });
  };
  proposals.forEach((one, i) => {
    if (one.place) add([i], L.latLng(one.place[1], one.place[0]), -1);
    for (const dong of one.dongs) ofDongs.set(dong, [...(ofDongs.get(dong) || []), i]);
  });
  for (const [dong, list] of ofDongs) add(list, dongLabels[dong], dong);
  const land = new CanvasLayer('proposal-land', (ctx, view) => {
    for (const [dong, list] of ofDongs) {
      const wide = list.includes(picked) ? 2 : 0;
      strokePolygon(ctx, view, dongs.polygons[dong], PROPOSAL_INK, 5 + wide);
      strokePolygon(ctx, view, dongs.polygons[dong], PROPOSAL_SUN, 2.6 + wide, [10, 5]);
    }
    for (const one of marks) if (one.side === 'led') drawLead(ctx, view, one.at, one.offset, PROPOSAL_INK);
  });
  canvases.proposals = land.addTo(MAP);
  for (const one of marks) one.width = one.span.offsetWidth;
  // After the numbers of a plan's sites, before those of gap areas and the names of dong, which keep clear.
  const place = () => {
    const taken = Labels.blocked.filter(box => !own.includes(box));
    own = [];
    [...marks].sort((a, b) => b.list.includes(picked) - a.list.includes(picked)).forEach((one, k) => {
      const p = MAP.latLngToLayerPoint(one.at), room = one.dong < 0 ? pointed(p, one.width, [...taken, ...own])
        : inDong(p, one.width, [...taken, ...own], ([dx, dy]) => within(MAP, dongs.polygons[one.dong], p.x + dx, p.y + dy));
      turn(one.element, one.span, room);
      [one.side, , one.offset] = room;
      one.marker.setZIndexOffset(one.side === 'small' ? -1e6 : 1e6 - k);
      if (room[1]) own.push(room[1]);
    });
    Labels.blocked = [...taken, ...own];
    Labels.place(MAP, shown.gaps);
    canvases.gaps.redraw();
    land.redraw();
  };
  const pick = i => {
    picked = i;
    for (const one of marks) one.element.classList.toggle('picked', one.list.includes(i));
    document.querySelectorAll('tr[data-proposal]').forEach(row => row.classList.toggle('chosen', Number(row.dataset.proposal) === i));
    place();
  };
  setUpRows(Array.from(document.querySelectorAll('tr[data-proposal]')), (row, byKeyboard) => {
    foldOnPhone();
    const i = Number(row.dataset.proposal), one = proposals[i];
    if (one.place) MAP.setView([one.place[1], one.place[0]], Math.max(MAP.getZoom(), 16), { animate: false });
    else {
      const [west, north, east, south] = dongs.polygons[one.dongs[0]].box;
      MAP.fitBounds(L.latLngBounds(worldToLatLng(west, south), worldToLatLng(east, north)), { padding: [30, 30], animate: false });
    }
    const at = one.place ? L.latLng(one.place[1], one.place[0]) : dongLabels[one.dongs[0]];
    tell(i, MAP.layerPointToLatLng(MAP.latLngToLayerPoint(at).subtract([0, POINTER.body + POINTER.tip])), byKeyboard);
  });
  MAP.on('zoomend', place);
  document.querySelectorAll('#plan-switch button').forEach(button => button.addEventListener('click', place));
  place();
}

if (data.proposals) setUpProposals(data.proposals);
