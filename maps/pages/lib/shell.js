// What every page begins with: language, key, header. `start` resolves to who is there.
import { ask, Problem } from './api.js';
import { byId, h, replace } from './dom.js';
import { addWords, lang, linkTo, t, translate } from './i18n.js';
import { getKey, setKey, takeKeyFromLink } from './session.js';

const PAGES = [['planner', '/'], ['import', '/import'], ['near', '/near'], ['city', '/city']];
const ROLES = { public: 0, planner: 1, admin: 2 };

// start({ id: 'planner', ko, en }) -> { role, name, may(role) }. The page needs <header id="top"></header>.
export async function start({ id, ko = {}, en = {} }) {
  addWords(ko, en);
  takeKeyFromLink();
  document.documentElement.lang = lang;
  document.title = `${t(`nav.${id}`)} · ${t('service')}`;
  translate();
  const who = { role: 'public', name: '', problem: null };
  header(id, who);
  document.documentElement.dataset.ready = 'true';
  window.addEventListener('hashchange', () => { if (location.hash.includes('key=')) { takeKeyFromLink(); location.reload(); } });
  try {
    Object.assign(who, await ask('/v1/me'));
  } catch (error) {
    who.problem = error;
    if (error instanceof Problem && error.code === 'key' && getKey()) setKey('');  // revoked, or of a run that is over
  }
  header(id, who);
  return { ...who, may: role => ROLES[who.role] >= ROLES[role] };
}

function header(id, who) {
  const links = PAGES.map(([name, path]) =>
    h('a', { href: linkTo(path), 'aria-current': name === id ? 'page' : null }, t(`nav.${name}`)));
  const other = lang === 'en' ? 'ko' : 'en';
  const change = h('a', { href: linkTo(location.href, other), lang: other, hreflang: other, class: 'language' }, other === 'en' ? 'English' : '한국어');
  change.addEventListener('click', () => { change.href = linkTo(location.href, other); });  // with the settings of now
  replace(byId('top'),
    h('a', { class: 'skip', href: '#main', onclick: event => { event.preventDefault(); byId('main').focus(); } }, t('skip')),
    h('a', { class: 'brand', href: linkTo('/') }, t('service')),
    h('nav', { 'aria-label': t('nav') }, links),
    h('div', { class: 'session' }, change, keyButton(who)));
}

function keyButton(who) {
  const inside = who.role !== 'public';
  const label = inside ? t('key.in', { role: t(`role.${who.role}`) }) : t('key.out');
  return h('button', { type: 'button', class: 'button small', id: 'key-button', title: who.name || null, onclick: () => keyDialog(who) }, label);
}

// Asks for the key, or lets it go. The page starts anew with it, so that nothing of the other role stays.
export function keyDialog(who) {
  const inside = who.role !== 'public';
  const field = h('input', { type: 'password', id: 'key-field', autocomplete: 'off', spellcheck: 'false', required: true });
  const said = h('p', { class: 'problem', role: 'alert', hidden: true });
  const form = h('form', { method: 'dialog' },
    h('h2', { id: 'key-title' }, inside ? t('key.title-in', { role: t(`role.${who.role}`) }) : t('key.title')),
    h('p', null, inside ? t('key.kept') : t('key.what')),
    inside ? null : [h('label', { for: 'key-field' }, t('key.field')), field, said],
    h('div', { class: 'buttons' },
      h('button', { type: 'button', class: 'button', onclick: () => dialog.close() }, t('cancel')),
      h('button', { type: 'submit', class: 'button primary' }, inside ? t('key.leave') : t('key.enter'))));
  const dialog = h('dialog', { class: 'dialog', 'aria-labelledby': 'key-title', onclose: () => dialog.remove() }, form);
  form.addEventListener('submit', async event => {
    event.preventDefault();
    setKey(inside ? '' : field.value);
    if (inside) { location.reload(); return; }
    try {
      await ask('/v1/me');
      location.reload();
    } catch (error) {
      setKey('');
      said.hidden = false;
      said.textContent = error.code === 'key' ? t('key.wrong') : [error.message, error.hint].filter(Boolean).join(' → ');
    }
  });
  document.body.append(dialog);
  dialog.showModal();
  if (!inside) field.focus();
}
