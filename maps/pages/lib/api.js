// Asking the service. What goes wrong becomes one Problem: a line a person understands, and what to do.
import { h } from './dom.js';
import { has, lang, t } from './i18n.js';
import { getKey } from './session.js';

export class Problem extends Error {
  constructor({ status = 0, code = 'network', title, hint, id = '' } = {}) {
    super(title || t('problem.network'));
    Object.assign(this, { status, code, hint: hint ?? '', id });
  }
}

const isAbort = error => error && error.name === 'AbortError';
export { isAbort };

const AGAIN_MS = 1000;

// While the service reads its data (503 not_ready) the same is asked again and again; a quiet line says so meanwhile.
async function send(path, options = {}) {
  for (;;) {
    try {
      const answer = await sendOnce(path, options);
      waiting(path, false);
      return answer;
    } catch (error) {
      const notReady = error.code === 'not_ready';
      waiting(path, notReady);
      if (!notReady) throw error;
      await new Promise(resolve => setTimeout(resolve, AGAIN_MS));
      if (options.signal?.aborted) { waiting(path, false); throw new DOMException('stopped', 'AbortError'); }
    }
  }
}

const waitingFor = new Set();

function waiting(path, on) {
  if (on) waitingFor.add(path); else if (!waitingFor.delete(path)) return;
  const shown = document.getElementById('waiting');
  if (!waitingFor.size) shown?.remove();
  else if (!shown) document.body.append(h('p', { id: 'waiting', class: 'waiting', role: 'status' }, t('waiting')));
}

async function sendOnce(path, { method = 'GET', json, form, signal, accept = 'application/json' } = {}) {
  const headers = { accept };
  if (getKey()) headers.authorization = `Bearer ${getKey()}`;
  if (json !== undefined) headers['content-type'] = 'application/json';
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: json !== undefined ? JSON.stringify(json) : form, signal, credentials: 'omit' });
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new Problem({ hint: t('problem.network.hint') });
  }
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}

async function problemOf(answer) {
  let body = {};
  try { body = await answer.json(); } catch { /* not ours: a proxy's page */ }
  return made(body, answer.status);
}

// The service speaks Korean; in English the code is translated, and the Korean line stays beside it.
export function made(body, status) {
  const code = body.code || `http-${status}`;
  const known = `problem.${code}`;
  let title = body.title || t('problem.other', { code }), hint = body.hint || '';
  if (lang === 'en') {
    title = has(known) ? t(known) : t('problem.other', { code });
    hint = has(`${known}.hint`) ? t(`${known}.hint`) : [body.title, body.hint].filter(Boolean).join(' → ');
  }
  const problem = new Problem({ status, code, title, hint, id: body.request_id || '' });
  return Object.assign(problem, { korean: body.title || '', koreanHint: body.hint || '' });
}

// ask(path) -> the answer's JSON; { method, json, form, signal }.
export async function ask(path, options) {
  const answer = await send(path, options);
  return answer.status === 204 ? null : answer.json();
}

// A file: its Blob.
export async function fetchFile(path, options) {
  return (await send(path, { accept: '*/*', ...options })).blob();
}

// A long piece of work: onProgress({ done, total, ... }) again and again, then the result.
export async function follow(path, { onProgress = () => {}, onEvent, ...options } = {}) {
  const answer = await send(path, { ...options, accept: 'text/event-stream' });
  if (!(answer.headers.get('content-type') || '').startsWith('text/event-stream')) return answer.json();
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new Problem({ title: t('problem.cut'), hint: t('problem.network.hint') });
    text += value;
    let end;
    while ((end = text.indexOf('\n\n')) >= 0) {
      const event = readEvent(text.slice(0, end));
      text = text.slice(end + 2);
      if (!event.data) continue;
      const body = JSON.parse(event.data);
      if (event.name === 'result') { reader.cancel().catch(() => {}); return body; }
      if (event.name === 'error') { reader.cancel().catch(() => {}); throw made(body, body.status); }
      if (event.name === 'progress') onProgress(body);
      else if (onEvent) onEvent(event.name, body);
    }
  }
}

function readEvent(block) {
  let name = 'message';
  const data = [];
  for (const line of block.split('\n')) {
    if (line.startsWith('event:')) name = line.slice(6).trim();
    else if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
  }
  return { name, data: data.join('\n') };
}

// Only the last question counts: asking again aborts the one before. A stale answer raises AbortError.
export function lastOnly(work) {
  let running = null;
  return async (...a) => {
    if (running) running.abort();
    const mine = running = new AbortController();
    const value = await work(mine.signal, ...a);
    if (mine.signal.aborted) throw new DOMException('superseded', 'AbortError');
    if (running === mine) running = null;
    return value;
  };
}
