// Outlines and bundles: fetched once, kept in this browser, renewed behind the reader's back. Only the names of districts
// are ever asked for.

import { getKey } from '../lib/session.js';
import { openBundle } from './bundle.js';
import { openOutlines } from './places.js';

export const KEPT = 'ansim-near-data-1';
const WAIT_MS = 20000, AGAIN_MS = 2000;

export class NotHadError extends Error {
  constructor(why) {
    super(why);
    this.why = why;  // 'offline' | 'unreached' | 'key' | 'gone' | 'failed'
  }
}

const online = () => navigator.onLine !== false;

async function store() {
  try { return await caches.open(KEPT); } catch { return null; }  // no https, or storage is forbidden
}

async function fetchFresh(path, kept, tries = 3) {
  if (!online()) throw new NotHadError('offline');
  const headers = { accept: 'application/json' };
  if (getKey()) headers.authorization = `Bearer ${getKey()}`;
  let answer;
  try {
    answer = await fetch(path, { headers, credentials: 'omit', cache: 'no-cache', signal: AbortSignal.timeout(WAIT_MS) });
  } catch {
    throw new NotHadError(online() ? 'unreached' : 'offline');
  }
  if (answer.status === 503) {  // the service has just started (asked until it has read its data), or has much to do
    const { code } = await answer.json().catch(() => ({}));
    if (code !== 'not_ready' && !tries) throw new NotHadError('failed');
    await new Promise(resolve => setTimeout(resolve, AGAIN_MS));
    return fetchFresh(path, kept, code === 'not_ready' ? tries : tries - 1);
  }
  if (answer.status === 404) {
    if (kept) await kept.delete(path);
    throw new NotHadError('gone');
  }
  if (!answer.ok) throw new NotHadError(answer.status === 401 || answer.status === 403 ? 'key' : 'failed');
  if (kept) await kept.put(path, answer.clone()).catch(() => {});  // a full disk is no reason to show nothing
  return answer.json();
}

// What is kept, at once, and then what is new: `take(value)` is called with each. Returns why there is nothing new, '' where there
// is. Throws NotHadError where there is neither.
async function keptThenFresh(path, take) {
  const kept = await store();
  const known = kept && await kept.match(path);
  if (known) take(await known.json());
  try {
    take(await fetchFresh(path, kept));
    return '';
  } catch (error) {
    if (!(error instanceof NotHadError)) throw error;
    if (!known || error.why === 'gone' || error.why === 'key') throw error;
    return error.why;
  }
}

export const outlines = take => keptThenFresh('/v1/districts/outlines', sent => take(openOutlines(sent)));

export const bundle = (code, take) =>
  keptThenFresh(`/v1/bundles/${encodeURIComponent(code)}`, sent => take(openBundle(sent)));

export async function forget() {
  try { await caches.delete(KEPT); } catch { /* nothing was kept */ }
}
