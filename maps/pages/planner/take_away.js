// What can be taken from the page: the link of its view, and files of what it shows.
import { fetchFile } from '../lib/api.js';
import { announce, byId, h, replace, save } from '../lib/dom.js';
import { money, number } from '../lib/format.js';
import { lang, t } from '../lib/i18n.js';
import { query, settingsBody } from './link.js';
import { picture } from './picture.js';
import { staleWords } from './stale.js';

export function drawActions(page) {
  const edition = page.internal ? 'internal' : 'public';
  const menu = h('details', { class: 'menu', id: 'downloads' }, h('summary', { class: 'button' }, t('p.download')),
    h('ul', null, files(page).map(([name, label]) => h('li', null, h('button', { type: 'button', data: { download: name }, onclick: event => download(page, name, event.target) }, label)))));
  menu.addEventListener('focusout', event => { if (!menu.contains(event.relatedTarget)) menu.open = false; });
  menu.addEventListener('keydown', event => { if (event.key === 'Escape') { menu.open = false; menu.querySelector('summary').focus(); } });
  const before = byId('downloads');
  if (before && before.open) return;
  replace(byId('actions'), h('button', { type: 'button', class: 'button', id: 'copy-link', onclick: event => copy(page, event.target) }, t('p.copy-link')), menu, h('b', { class: `edition ${edition}` }, t(`edition.${edition}`)));
}

function files(page) {
  const all = [['html', t('p.file-html')], ['png', t('p.file-png')]];
  const plan = page.planning && page.planning.plan;
  const printed = [['report', t('p.file-report')], ...(plan ? [['sheets', t('p.file-sheets')]] : [])];
  return page.internal ? [...all, ...printed, ['xlsx', t('p.file-gaps-xlsx')], ['gpkg', t('p.file-gaps-gpkg')], ['public', t('p.file-public')]] : all;
}

async function download(page, kind, button) {
  const code = page.state.d, name = page.ground.name, plan = page.planning && page.planning.plan;
  const label = button.textContent;
  button.disabled = true;
  button.textContent = t('p.making');
  try {
    if (kind === 'png') save(await picture(page.map, pictured(page)), `${name}-${t('p.map-file')}.png`);
    else if (kind === 'report' || kind === 'sheets') save(await fetchFile(`/v1/districts/${code}/report?lang=${lang}`, { method: 'POST', json: { ...(plan ? { draft: plan.draft } : { settings: settingsBody(page.state) }), sheets: kind === 'sheets' } }), `${name}-${t(kind === 'sheets' ? 'p.sheets-file' : 'p.report-file')}.html`);
    else if (kind === 'public' || !page.internal) save(await fetchFile(`/v1/districts/${code}/map?edition=public&lang=${lang}`), `${name}-${t('edition.public')}.html`);
    else if (kind === 'html') save(await fetchFile(`/v1/districts/${code}/map?lang=${lang}`, { method: 'POST', json: plan ? { draft: plan.draft } : { settings: settingsBody(page.state) } }), `${name}-${t(plan ? 'p.plan-file' : 'p.map-file')}.html`);
    else { const parameters = query(page.state); parameters.set('format', kind); parameters.set('lang', lang); save(await fetchFile(`/v1/districts/${code}/gaps?${parameters}`), `${name}-${t('p.gaps-file')}.${kind}`); }
    announce(t('p.saved-file'));
    byId('downloads').open = false;
    byId('downloads').querySelector('summary').focus();
  } catch (error) { page.said = error; page.banner(); }
  button.disabled = false;
  button.textContent = label;
}

// What a picture says of the plan on it.
function pictured(page) {
  if (!page.map.plan || !page.map.shown.after) return null;
  const { plan } = page.planning, stale = page.stale();
  return { said: [plan.name, t('p.plan-of', { n: number(plan.sites.length) }), money(plan.total_krw)].filter(Boolean).join(', '), stale: stale.length ? staleWords(stale) : '' };
}

async function copy(page, button) {
  page.write();
  try {
    await navigator.clipboard.writeText(location.href);
    button.textContent = t('p.copied');
    setTimeout(() => { button.textContent = t('p.copy-link'); }, 2000);
  } catch {  // not allowed, or no https: shown instead
    const field = h('input', { readonly: true, value: location.href, 'aria-label': t('p.copy-link') });
    const dialog = h('dialog', { class: 'dialog', 'aria-label': t('p.copy-link'), onclose: () => dialog.remove() }, h('form', { method: 'dialog' }, field, h('div', { class: 'buttons' }, h('button', { class: 'button' }, t('close')))));
    document.body.append(dialog);
    dialog.showModal();
    field.select();
  }
}
