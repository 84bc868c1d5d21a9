// The import page: files in, the report seen, then stored or thrown away. Nothing is stored before.

import { Problem, ask, follow, isAbort } from '../lib/api.js';
import { announce, byId, h, replace } from '../lib/dom.js';
import { number, percent } from '../lib/format.js';
import { linkTo, t } from '../lib/i18n.js';
import { keyDialog, start } from '../lib/shell.js';
import { problemBox } from '../lib/states.js';
import { chosen, dropZone, isOf, size } from './choose.js';
import { droppedFiles } from './drop.js';
import en from './en.js';
import { keyBox } from './key.js';
import ko from './ko.js';
import { Report } from './report.js';
import { done } from './result.js';
import { Said } from './said.js';
import { send } from './send.js';

const state = {
  allowed: null, files: [], said: new Said(), all: {}, otherwise: new Map(),  // what is said of files, of all; what is to be said anew
  problem: null, busy: null, report: null, looked: '',
};
const STALLED_MS = 20000;
let sent = null;  // what the service holds of us: { id, files }

function needKey() {
  replace(byId('main'), h('div', { class: 'narrow' }, h('h1', null, t('import.title')),
    h('div', { class: 'card', id: 'need-key' }, h('p', null, t(who.role === 'public' ? 'import.need-key' : 'import.need-admin')),
      h('button', { type: 'button', class: 'button primary', onclick: () => keyDialog(who) }, t('key.out')))));
}

async function begin() {
  try {
    state.allowed = await ask('/v1/imports');
  } catch (problem) {
    replace(byId('main'), h('div', { class: 'narrow' }, h('h1', null, t('import.title')), problemBox(problem, () => location.reload())));
    return;
  }
  draw();
  const target = document.documentElement;
  target.addEventListener('dragover', event => { event.preventDefault(); byId('drop')?.classList.add('over'); });
  target.addEventListener('dragleave', event => { if (!event.relatedTarget) byId('drop')?.classList.remove('over'); });
  target.addEventListener('drop', async event => {
    event.preventDefault();
    byId('drop')?.classList.remove('over');
    if (byId('drop') && !state.busy) add(await droppedFiles(event.dataTransfer));
  });
  addEventListener('beforeunload', event => { if (state.busy) event.preventDefault(); });
}

// ------------------------------------------------------------------ choosing
function add(files) {
  for (const one of files) {
    const at = state.files.findIndex(({ name }) => name === one.name);
    if (at >= 0) state.files[at] = one; else state.files.push(one);
  }
  state.problem = null;
  draw();
  byId('look')?.focus();
}

function remove(name) {
  state.files = state.files.filter(one => one.name !== name);
  state.said.forget(key => isOf(key, name));
  state.problem = null;
  draw();
}

function draw() {
  const { problem } = state;
  replace(byId('main'), h('div', { class: 'narrow' },
    h('h1', null, t('import.title')), steps(0),
    dropZone(state.allowed, add), problem ? trouble(problem, look) : null,
    state.files.length ? chosen(state, { remove, look, clear }) : null, h('div', { id: 'progress' })));
}

function steps(now) {
  return h('ol', { class: 'steps' }, ['choose', 'look', 'store'].map((name, i) =>
    h('li', { 'aria-current': i === now ? 'step' : null, class: i < now ? 'past' : '' }, t(`import.step.${name}`))));
}

// What went wrong; where the key is no longer good, a field for another, and on with `then`.
const trouble = (problem, then) => problem.status === 401 || problem.status === 403 ? keyBox(problem, then) : problemBox(problem);

function clear() {
  drop();
  Object.assign(state, { files: [], said: new Said(), all: {}, otherwise: new Map(), problem: null, report: null });
  draw();
}

// The service may forget what it holds of us; it does so by itself within the hour.
function drop() {
  if (sent) ask(`/v1/imports/${sent.id}`, { method: 'DELETE' }).catch(() => {});
  sent = null;
}

// ------------------------------------------------------------------ looking
function form(files) {
  const data = new FormData();
  const { complete_for: complete, ...all } = state.all;
  for (const [name, value] of Object.entries(all)) data.append(name, value);
  for (const code of (complete || '').split(/[\s,]+/).filter(Boolean)) data.append('complete_for', code);
  data.append('of_file', JSON.stringify(Object.fromEntries(state.said.own)));
  for (const name of state.said.aside) data.append('leave_out', name);
  data.append('ask', 'true');
  for (const { file, name } of files) data.append('files', file, name);
  return data;
}

// The files as they are held by the service, if it holds them: nothing is sent twice.
const isSent = () => sent && sent.files.length === state.files.length && sent.files.every((file, i) => file === state.files[i].file);

async function look() {
  if (state.busy) return;
  state.problem = null;
  for (const box of document.querySelectorAll('#main .problem')) box.remove();  // of the try before
  state.said.agree();
  const again = isSent();
  if (!again) drop();
  const progress = working(t(again ? 'import.reading' : 'import.sending'), () => state.busy?.abort());
  state.busy = new AbortController();
  for (const id of ['chosen', 'drop', 'report']) if (byId(id)) byId(id).inert = true;
  let next = draw;
  try {
    const report = await send(again ? `/v1/imports/${sent.id}` : '/v1/imports', form(again ? [] : state.files), {
      signal: state.busy.signal,
      onSent: (gone, of) => { if (!again) progress(gone < of ? t('import.sent', { n: size(gone), of: size(of), p: percent(gone / of) }) : t('import.reading'), gone, of, gone < of); },
      onProgress: told => progress(reading(told, 'import.read-steps'), told.done, told.total),
    });
    sent = { id: report.id, files: state.files.map(({ file }) => file) };
    Object.assign(state, { report, looked: state.said.text() });
    next = () => show(report);
  } catch (problem) {
    if (problem.code === 'unknown_import' && again) {  // too long ago, or the service began anew: sent once more
      sent = null;
      next = look;
    } else if (!isAbort(problem)) state.problem = problem instanceof Problem ? problem : new Problem({ title: t('import.broken'), hint: String(problem?.message || '') });
  } finally {
    state.busy = null;
  }
  await next();
}

const reading = ({ done: did, total: of, file, rows }, words) => [t(words, { n: number(did), of: number(of) }), file, rows ? t('import.rows-read', { n: number(rows) }) : ''].filter(Boolean).join(' · ');

// A bar that says what goes on: f(text, done, of).
function working(text, stop) {
  const bar = h('progress', { 'aria-label': text, max: 1, value: 0 }), line = h('p', { role: 'status' }, text);
  replace(byId('progress'), h('div', { class: 'card working' }, line, bar,
    h('button', { type: 'button', class: 'button small', id: 'stop', onclick: stop }, t('import.stop'))));
  byId('progress').scrollIntoView({ block: 'nearest' });
  let moved = Date.now(), stalls = false;
  const watch = setInterval(() => {
    if (!line.isConnected) clearInterval(watch);
    else if (stalls && Date.now() - moved > STALLED_MS) line.textContent = t('import.stalled');
  }, 2000);
  return (now, did, of, sending = false) => {
    [moved, stalls] = [Date.now(), sending];
    line.textContent = now;
    bar.value = of ? did / of : 0;
  };
}

async function show(report) {
  const [outlines, points] = await Promise.all([
    ask(`/v1/imports/${report.id}/outlines`).catch(() => null), ask(`/v1/imports/${report.id}/points`).catch(() => ({ features: [] })),
  ]);
  state.outlines = outlines;
  const open = [...report.open, ...[...state.otherwise].filter(([file]) => report.reports.some(one => one.file === file)).map(([file, asks]) => ({ file, asks }))];
  const view = new Report(report, { outlines, points, open, allowed: state.allowed, said: state.said, isChanged: () => state.said.text() !== state.looked, store, discard, back, look, otherwise });
  replace(byId('main'), h('div', { class: 'wide' }, h('h1', null, t('import.title')), steps(1), view.element));
  view.shown();
  announce(view.summary);
  scrollTo({ top: 0 });
}

// One file is something else than it was taken for: asked beside the open questions.
async function otherwise(file, asks) {
  state.otherwise.set(file, asks);
  await show(state.report);
  [...document.querySelectorAll('.ask')].find(box => box.dataset.key === file)?.querySelector('select, input')?.focus();
}

// ------------------------------------------------------------------ storing
async function store(overruled) {
  if (state.busy) return;
  state.busy = new AbortController();
  const progress = working(t('import.storing'), () => state.busy?.abort());
  byId('actions').inert = true;
  const query = new URLSearchParams([...overruled.map(name => [name, 'true']), ['version', state.report.data_version]]);
  let next = () => {};
  try {
    const answer = await follow(`/v1/imports/${state.report.id}/confirm?${query}`, {
      method: 'POST', signal: state.busy.signal, onProgress: told => progress(reading(told, 'import.store-steps'), told.done, told.total),
    });
    sent = null;
    next = () => finished(answer);
  } catch (problem) {
    // Stopped, it may have come to its end all the same: what is stored is looked at anew.
    next = isAbort(problem) || problem.code === 'network' ? look : () => notStored(problem, overruled);
  } finally {
    state.busy = null;
  }
  await next();
}

function finished(answer) {
  replace(byId('main'), h('div', { class: 'narrow' }, h('h1', null, t('import.title')), steps(2),
    done(answer, { allowed: state.allowed, districts: state.outlines?.districts || [], planner: linkTo('/'), more: clear })));
  byId('done').focus();
  announce(t('import.done'));
}

// The store may be another than it was when it was looked at: so look again.
function notStored(problem, overruled) {
  byId('actions').inert = false;
  const gone = problem.code === 'unknown_import' || problem.status === 409 || problem.status === 422;
  replace(byId('progress'), trouble(problem, () => store(overruled)),
    gone ? h('button', { type: 'button', class: 'button', id: 'look-again', onclick: look }, t('import.look-again')) : null);
  byId('progress').scrollIntoView({ block: 'nearest' });
}

function discard() {
  clear();
  announce(t('import.discarded'));
}

// Back to the files. What was answered stays; what was only guessed is asked again.
function back() {
  state.said.doubt();
  draw();
}

const who = await start({ id: 'import', ko, en });
if (who.may('admin')) await begin();
else needKey();
