// The import page: files in, the report seen, then stored or thrown away. Nothing is stored before.

import { Problem, ask, follow, isAbort } from '../lib/api.js';
import { announce, byId, h, replace } from '../lib/dom.js';
import { number } from '../lib/format.js';
import { linkTo, t } from '../lib/i18n.js';
import { keyDialog, start } from '../lib/shell.js';
import { problemBox } from '../lib/states.js';
import { asksOf, fields } from './asks.js';
import { chosenFiles, droppedFiles } from './drop.js';
import en from './en.js';
import ko from './ko.js';
import { Report } from './report.js';
import { done } from './result.js';
import { send } from './send.js';

const MEGABYTE = 1e6;
const state = {
  allowed: null, files: [], own: new Map(), all: {},  // what is said: of a file by the report's name for it, of all
  asks: new Map(), problem: null, busy: null, report: null,
};

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
    if (byId('drop')) add(await droppedFiles(event.dataTransfer));
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
  for (const key of [...state.asks.keys()]) if (key.startsWith(name)) { state.asks.delete(key); state.own.delete(key); }
  state.problem = null;
  draw();
}

const size = bytes => bytes < MEGABYTE ? `${number(Math.max(1, bytes / 1000))} KB` : `${number(bytes / MEGABYTE, bytes < 100 * MEGABYTE ? 1 : 0)} MB`;

function tooMuch() {
  const bytes = state.files.reduce((sum, { file }) => sum + file.size, 0), { allowed } = state;
  if (state.files.length > allowed.files) return t('import.too-many', { n: number(state.files.length), most: number(allowed.files) });
  if (bytes > allowed.bytes - 100000) return t('import.too-large', { n: size(bytes), most: size(allowed.bytes) });
  return '';
}

function draw() {
  replace(byId('main'), h('div', { class: 'narrow' },
    h('h1', null, t('import.title')), steps(0),
    dropZone(), state.problem ? problemBox(state.problem) : null, state.files.length ? chosen() : null, h('div', { id: 'progress' })));
}

function steps(now) {
  return h('ol', { class: 'steps' }, ['choose', 'look', 'store'].map((name, i) =>
    h('li', { 'aria-current': i === now ? 'step' : null, class: i < now ? 'past' : '' }, t(`import.step.${name}`))));
}

function dropZone() {
  const pick = (label, id, more) => {
    const input = h('input', { type: 'file', id, class: 'visually-hidden', multiple: true, tabindex: '-1', 'aria-label': label, onchange: event => add(chosenFiles(event.target.files)), ...more });
    return [input, h('button', { type: 'button', class: 'button', onclick: () => input.click() }, label)];
  };
  const { allowed } = state;
  return h('section', { id: 'drop', class: 'card', 'aria-label': t('import.drop') },
    h('p', { class: 'drop-words' }, t('import.drop')),
    h('div', { class: 'buttons' }, pick(t('import.pick'), 'pick-files'), pick(t('import.pick-folder'), 'pick-folder', { webkitdirectory: true })),
    h('p', { class: 'fine' }, t('import.limits', { files: number(allowed.files), size: size(allowed.bytes) })),
    h('p', { class: 'fine' }, t('import.kinds')));
}

function chosen() {
  const over = tooMuch();
  return h('section', { class: 'card', id: 'chosen' },
    h('h2', null, t('import.chosen', { n: number(state.files.length) })),
    h('ul', { class: 'files' }, state.files.map(({ file, name }) => h('li', { data: { name } },
      h('span', { class: 'file-name' }, name), h('span', { class: 'fine' }, size(file.size)),
      h('button', { type: 'button', class: 'button small', 'aria-label': t('import.remove-of', { name }), onclick: () => remove(name) }, t('import.remove')),
      [...state.asks].filter(([key]) => key.startsWith(name)).map(([key, asks]) => askBox(key, asks))))),
    state.asks.has('') ? askBox('', state.asks.get('')) : null,
    h('details', { class: 'more', open: Object.keys(state.all).length > 0 && !state.asks.has('') }, h('summary', null, t('import.more')),
      fields({ options: ['mode', 'complete_for'] }, state.all, state.allowed, 'all')),
    over ? h('p', { class: 'problem', role: 'alert' }, over) : null,
    h('div', { class: 'buttons' },
      h('button', { type: 'button', class: 'button primary', id: 'look', disabled: Boolean(over), onclick: look }, t('import.look')),
      h('button', { type: 'button', class: 'button', onclick: clear }, t('import.clear')),
      h('span', { class: 'fine' }, t('import.not-yet'))));
}

// What was asked for of a file (or a sheet or member of it), or of all.
function askBox(key, asks) {
  const said = key ? state.own.get(key) || state.own.set(key, {}).get(key) : state.all;
  return h('fieldset', { class: 'ask', data: { key } }, h('legend', null, key ? t('import.ask.of', { name: key }) : t('import.ask.all')),
    fields(asks, said, state.allowed, `ask-${[...state.asks.keys()].indexOf(key)}`));
}

function clear() {
  Object.assign(state, { files: [], own: new Map(), all: {}, asks: new Map(), problem: null, report: null });
  draw();
}

// ------------------------------------------------------------------ looking
function form() {
  const data = new FormData();
  const { complete_for: complete, columns, ...all } = state.all;
  for (const [name, value] of Object.entries(all)) data.append(name, value);
  for (const [role, column] of Object.entries(columns || {})) data.append('column', `${role}=${column}`);
  for (const code of (complete || '').split(/[\s,]+/).filter(Boolean)) data.append('complete_for', code);
  const own = Object.fromEntries([...state.own].filter(([, said]) => Object.keys(said).length));
  if (Object.keys(own).length) data.append('of_file', JSON.stringify(own));
  for (const { file, name } of state.files) data.append('files', file, name);
  return data;
}

async function look() {
  state.problem = null;
  const progress = working(t('import.sending'), () => state.busy?.abort());
  state.busy = new AbortController();
  byId('chosen').inert = byId('drop').inert = true;
  try {
    const report = await send(form(), {
      signal: state.busy.signal,
      onSent: (sent, of) => progress(sent < of ? t('import.sent', { n: size(sent), of: size(of) }) : t('import.reading'), sent, of),
      onProgress: (did, of) => progress(t('import.read-steps', { n: number(did), of: number(of) }), did, of),
    });
    state.report = report;
    await show(report);
  } catch (problem) {
    if (isAbort(problem)) draw();
    else failed(problem);
  } finally {
    state.busy = null;
  }
}

function failed(problem) {
  const told = problem instanceof Problem ? problem : new Problem({ title: t('import.broken'), hint: String(problem && problem.message || '') });
  const asks = asksOf({ code: told.code, title: told.korean || told.message, hint: told.koreanHint || told.hint }, state.files.map(({ name }) => name));
  if (asks.options.length) {
    const global = asks.options.every(option => option === 'mode' || option === 'complete_for');
    state.asks.set(global ? '' : asks.file, asks);
    Object.assign(told, { hint: t('import.ask.below'), id: '' });
  }
  state.problem = told;
  draw();
  document.querySelector('.ask select, .ask input')?.focus();
}

// A bar that says what goes on: f(text, done, of).
function working(text, stop) {
  const bar = h('progress', { 'aria-label': text, max: 1, value: 0 }), line = h('p', { role: 'status' }, text);
  replace(byId('progress'), h('div', { class: 'card working' }, line, bar,
    stop ? h('button', { type: 'button', class: 'button small', onclick: stop }, t('import.stop')) : null));
  return (now, did, of) => {
    line.textContent = now;
    bar.value = of ? did / of : 0;
  };
}

async function show(report) {
  const [outlines, points] = await Promise.all([
    ask('/v1/districts/outlines').catch(() => null), ask(`/v1/imports/${report.id}/points`).catch(() => ({ features: [] })),
  ]);
  state.outlines = outlines;
  const view = new Report(report, { outlines, points, allowed: state.allowed, store, discard, again });
  replace(byId('main'), h('div', { class: 'wide' }, h('h1', null, t('import.title')), steps(1), view.element, h('div', { id: 'progress' })));
  view.shown();
  announce(view.summary);
  scrollTo({ top: 0 });
}

// ------------------------------------------------------------------ storing
async function store(overruled) {
  const progress = working(t('import.storing'), null);
  state.busy = new AbortController();
  const query = overruled.length ? `?${new URLSearchParams(overruled.map(name => [name, 'true']))}` : '';
  try {
    const answer = await follow(`/v1/imports/${state.report.id}/confirm${query}`, {
      method: 'POST', onProgress: ({ done: did, total }) => progress(t('import.store-steps', { n: number(did), of: number(total) }), did, total),
    });
    replace(byId('main'), h('div', { class: 'narrow' }, h('h1', null, t('import.title')), steps(2), done(answer, { allowed: state.allowed, districts: state.outlines?.districts || [], planner: linkTo('/'), more: clear })));
    byId('done').focus();
    announce(t('import.done'));
  } catch (problem) {
    replace(byId('progress'), problemBox(problem));
  } finally {
    state.busy = null;
  }
}

async function discard() {
  await ask(`/v1/imports/${state.report.id}`, { method: 'DELETE' }).catch(() => {});  // it goes by itself within the hour
  clear();
  announce(t('import.discarded'));
}

// Back to the files, to say more of one and look again.
async function again(asked) {
  await ask(`/v1/imports/${state.report.id}`, { method: 'DELETE' }).catch(() => {});
  for (const [name, asks] of asked) state.asks.set(name, asks);
  draw();
}

const who = await start({ id: 'import', ko, en });
if (who.may('admin')) await begin();
else needKey();
