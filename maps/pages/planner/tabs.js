// The tabs beside the map, by pointer and by arrow keys.
import { byId, h, replace } from '../lib/dom.js';
import { t } from '../lib/i18n.js';

export function drawTabs(page) {
  const names = page.panels();
  replace(byId('tabs'), names.map(name => h('button', { type: 'button', role: 'tab', id: `tab-${name}`, 'aria-controls': `panel-${name}`, 'aria-selected': 'false', tabindex: '-1', onclick: () => page.tab(name, true) }, t(`p.tab-${name}`))));
  replace(byId('panels'), names.map(name => h('div', { role: 'tabpanel', id: `panel-${name}`, 'aria-labelledby': `tab-${name}`, tabindex: '0', hidden: true },
    name === 'plan' ? [h('div', { id: 'plan-form-box' }), h('div', { id: 'plan-result' })] : null)));
  byId('tabs').addEventListener('keydown', event => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = names.indexOf(page.state.tab || names[0]);
    page.tab(names[(at + step + names.length) % names.length], true);
    byId(`tab-${page.state.tab}`).focus();
  });
  page.tab(names.includes(page.state.tab) ? page.state.tab : names[0], false);
}

export function showTab(page, name, write) {
  if (!page.panels().includes(name)) [name] = page.panels();
  for (const one of page.panels()) {
    byId(`panel-${one}`).hidden = one !== name;
    byId(`tab-${one}`).setAttribute('aria-selected', String(one === name));
    byId(`tab-${one}`).tabIndex = one === name ? 0 : -1;
  }
  page.state.tab = name;
  if (name === 'proposals') page.proposals?.opened();
  if (write) page.write();
}
