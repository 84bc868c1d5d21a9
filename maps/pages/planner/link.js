// What the page is asked, kept in the address behind the '#': it stays in the browser, and the link opens the same view.
// Settings only: districts, sliders, hours, money; never where somebody is.

const NUMBERS = ['reach', 'threshold', 'share', 'years', 'total', 'aim', 'moving'];
const TEXTS = ['d', 'at', 'who', 'dense', 'combine', 'partial', 'shade', 'tab', 'plan', 'within', 'z', 'off', 'run', 'both', 'steady', 'goal', 'among', 'aimed', 'fewest', 'range', 'round', 'pf', 'marks'];

// { d, reach, …, weights: { lit: 0.4 }, budgets: { cctv: 1e8 }, levels, sites: { cctv: ['다사…', …] } }
export function readLink(fragment = location.hash) {
  const parameters = new URLSearchParams(fragment.replace(/^#/, ''));
  const state = { weights: {}, budgets: {}, costs: {}, sites: {} };
  for (const [name, text] of parameters) {
    const [kind, id] = name.split('.', 2);
    if (NUMBERS.includes(name)) { const value = Number(text); if (Number.isFinite(value)) state[name] = value; }
    else if (TEXTS.includes(name)) state[name] = text.slice(0, 300);
    else if (name === 'district') state.d = state.d || text.slice(0, 300);
    else if (kind === 'w' && id) { const value = Number(text); if (value >= 0 && value <= 1) state.weights[id] = value; }
    else if (kind === 'b' && id) { const value = Number(text); if (value > 0) state.budgets[id] = value; }
    else if (kind === 'c' && id) { const value = Number(text); if (value >= 0) state.costs[id] = value; }
    else if (kind === 's' && id) state.sites[id] = text.split('~').filter(Boolean).slice(0, 200).map(readSite);
  }
  return state;
}

const USUAL = { reach: 1, threshold: 0.5, share: 0.25, years: 5, dense: 'quantile', combine: 'product', tab: 'gaps' };

export function writeLink(state) {
  const parameters = new URLSearchParams();
  const kept = Boolean(state.plan);  // a plan with a name says where its sites are
  for (const name of [...TEXTS, ...NUMBERS]) {
    const value = kept && name === 'run' ? '' : state[name];
    if (value !== undefined && value !== null && value !== '' && value !== USUAL[name]) parameters.set(name, value);
  }
  for (const [id, value] of Object.entries(state.weights || {})) parameters.set(`w.${id}`, value);
  for (const [id, value] of Object.entries(state.budgets || {})) if (value > 0) parameters.set(`b.${id}`, value);
  for (const [id, value] of Object.entries(state.costs || {})) parameters.set(`c.${id}`, value);
  if (!kept) for (const [id, sites] of Object.entries(state.sites || {})) parameters.set(`s.${id}`, sites.map(writeSite).join('~'));
  const fragment = '#' + parameters.toString();
  if (fragment !== location.hash) history.replaceState(history.state, '', location.pathname + location.search + fragment);
}

const writeSite = site => site.id ? site.id : `@${site.lon.toFixed(6)},${site.lat.toFixed(6)}`;

function readSite(text) {
  if (!text.startsWith('@')) return { id: text };
  const [lon, lat] = text.slice(1).split(',').map(Number);
  return { lon, lat };
}

// The settings of an analysis as the API takes them, in an address.
export function query(state) {
  const parameters = new URLSearchParams();
  if (state.at) parameters.set('at', state.at);
  if (state.who) parameters.set('who', state.who);
  if (state.reach && state.reach !== 1) parameters.set('reach', state.reach);
  if (state.threshold && state.threshold !== 0.5) parameters.set('threshold', state.threshold);
  if (state.share && state.share !== 0.25) parameters.set('dense_share', state.share);
  if (state.dense && state.dense !== 'quantile') parameters.set('dense', state.dense);
  if (state.combine && state.combine !== 'product') parameters.set('combine', state.combine);
  if (state.partial === '1') parameters.set('include_partial', 'true');
  for (const [need, weight] of Object.entries(state.weights || {})) parameters.append('weight', `${need}=${weight}`);
  return parameters;
}

// The same in the body of a question for a plan.
export function settingsBody(state) {
  const body = {};
  if (state.at) body.at = state.at;
  if (state.who) body.who = state.who;
  if (state.reach && state.reach !== 1) body.reach = state.reach;
  if (state.threshold && state.threshold !== 0.5) body.threshold = state.threshold;
  if (state.share && state.share !== 0.25) body.dense_share = state.share;
  if (state.dense && state.dense !== 'quantile') body.dense = state.dense;
  if (state.combine && state.combine !== 'product') body.combine = state.combine;
  if (state.partial === '1') body.include_partial = true;
  if (Object.keys(state.weights || {}).length) body.weight = state.weights;
  return body;
}
