// The staff's key: kept for this tab (sessionStorage), sent as a header, never in an address.
const NAME = 'ansim-key';

function kept() {
  try { return sessionStorage.getItem(NAME) || ''; } catch { return ''; }  // storage may be forbidden: then for this page only
}

let key = kept();

// A link of `ansim serve` brings a key behind the '#', which never leaves the browser; it is taken out of the bar at once.
export function takeKeyFromLink() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  if (!fragment.has('key')) return;
  setKey(fragment.get('key'));
  fragment.delete('key');
  const rest = fragment.toString();
  history.replaceState(history.state, '', location.pathname + location.search + (rest ? '#' + rest : ''));
}

export const getKey = () => key;

export function setKey(text) {
  key = (text || '').trim();
  try {
    if (key) sessionStorage.setItem(NAME, key); else sessionStorage.removeItem(NAME);
  } catch { /* as above */ }
}
