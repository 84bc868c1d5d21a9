// Taking back what was just stored: first what would go and what stands again, then, asked once more, it is done.

import { ask } from '../lib/api.js';
import { announce, h, replace } from '../lib/dom.js';
import { number } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { problemBox } from '../lib/states.js';

// undo(ids of the imports, { name(layer) }) -> its part of the card; nothing where nothing was stored.
export function undo(ids, { name }) {
  if (!ids?.length) return null;
  const path = sure => `/v1/imports/forget?${new URLSearchParams([...ids.map(id => ['import', id]), ['confirm', String(sure)]])}`;
  const box = h('div', { id: 'undo' });
  const begin = focus => {
    replace(box, h('h3', null, t('import.undo')), h('p', null, t('import.undo.what')), button('undo-ask', t('import.undo.ask'), look));
    if (focus) box.querySelector('button').focus();
  };
  const button = (id, text, onclick) => h('button', { type: 'button', class: 'button', id, onclick }, text);
  const work = async (sure, then) => {
    for (const one of box.querySelectorAll('button')) one.disabled = true;
    try {
      then(await ask(path(sure), { method: 'POST' }));
    } catch (problem) {
      begin(false);
      box.append(problemBox(problem));
    }
  };
  const look = () => work(false, ({ taken }) => {
    replace(box, h('h3', null, t('import.undo.sure')), lines(taken),
      h('div', { class: 'buttons' }, button('undo-do', t('import.undo.do'), act), button('undo-not', t('import.undo.not'), () => begin(true))));
    box.querySelector('#undo-do').focus();
  });
  const act = () => work(true, ({ taken, data_version: version }) => {
    replace(box, h('h3', { tabindex: '-1' }, t('import.undone')), lines(taken), h('p', null, t('import.version', { n: number(version) })));
    box.querySelector('h3').focus();
    announce(t('import.undone'));
  });
  const lines = taken => h('ul', { id: 'undo-list' }, taken.map(one => h('li', null,
    t('import.undo.line', { file: one.file, layer: one.layer.split(',').map(name).join(', '), n: number(one.removed) }),
    h('p', { class: 'fine' }, one.back.length ? t('import.undo.back', { files: one.back.join(', '), n: number(one.restored) }) : t(`import.undo.why.${one.why || 'none'}`)))));
  begin(false);
  return box;
}
