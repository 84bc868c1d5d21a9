// The city's page: waits until the overview is worked out, then draws it as its file does (city-kit.js).
import { drawCity } from '../city-kit.js';
import { fetchFile, follow } from '../lib/api.js';
import { announce, byId, h, replace, save } from '../lib/dom.js';
import { number } from '../lib/format.js';
import { lang, linkTo, t } from '../lib/i18n.js';
import { start } from '../lib/shell.js';
import { failed, loading, problemBox } from '../lib/states.js';
import en from './en.js';
import ko from './ko.js';

const who = await start({ id: 'city', ko, en });
const main = byId('main');
const inside = who.may('planner'), edition = inside ? 'internal' : 'public';
loading(main, 9);
show();

async function show() {
  try {
    const data = await follow(`/v1/city?edition=${edition}`, { onProgress: waiting });
    main.removeAttribute('aria-busy');
    draw(data);
  } catch (problem) {
    failed(main, problem, () => { loading(main, 9); show(); });
  }
}

function waiting({ done, of }) {
  const words = of ? t('city.working', { done: number(done), of: number(of) }) : t('city.starting');
  let bar = byId('city-bar');
  if (!bar) {
    bar = h('progress', { id: 'city-bar', 'aria-labelledby': 'city-doing' });
    replace(main, h('div', { class: 'city' }, h('div', { class: 'card city-wait' }, h('p', { id: 'city-doing', role: 'status' }), bar, h('p', { class: 'fine' }, t('city.once')))));
  }
  byId('city-doing').textContent = words;
  if (of) { bar.max = of; bar.value = done; }
}

function draw(data) {
  const link = new URL(location.href);
  const file = (path, name) => async () => {
    try {
      save(await fetchFile(path), name);
    } catch (problem) {
      const box = problemBox(problem);
      main.prepend(box);
      announce(problem.message);
      setTimeout(() => box.remove(), 12000);
    }
  };
  const table = kind => h('button', { type: 'button', class: 'button small', onclick: file(`/v1/city/table?edition=${edition}&format=${kind}&lang=${lang}`, `districts.${kind}`) }, t(`city.${kind}`));
  drawCity(main, data, {
    lang, measure: link.searchParams.get('measure'),
    onMeasure: id => { link.searchParams.set('measure', id); history.replaceState(history.state, '', link); },
    // The internal map needs the key, which no link carries: it comes as a file.
    mapOf: (code, name) => inside ? file(`/v1/districts/${code}/map?edition=internal&lang=${lang}`, `${name}-${code}.html`) : `/v1/districts/${code}/map?lang=${lang}`,
    planOf: code => linkTo(`/?d=${code}`),
    tools: [table('xlsx'), table('csv'), h('button', { type: 'button', class: 'button small', onclick: () => window.print() }, t('city.print'))],
  });
}
