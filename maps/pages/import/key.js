// The key is no longer good (the service began anew, it was revoked): another is entered in place, and nothing is lost.

import { ask } from '../lib/api.js';
import { h } from '../lib/dom.js';
import { t } from '../lib/i18n.js';
import { setKey } from '../lib/session.js';

export function keyBox(problem, then) {
  const field = h('input', { type: 'password', id: 'other-key', autocomplete: 'off', spellcheck: 'false', required: true });
  const said = h('p', { role: 'alert', hidden: true });
  return h('form', {
    class: 'problem', id: 'key-again',
    onsubmit: async event => {
      event.preventDefault();
      setKey(field.value);
      try {
        const { role } = await ask('/v1/me');
        if (role === 'admin') { then(); return; }
        said.textContent = t('import.need-admin');
      } catch (error) {
        said.textContent = error.code === 'key' ? t('key.wrong') : error.message;
      }
      said.hidden = false;
    },
  }, h('p', null, h('b', null, problem.message)), h('p', null, t('import.key-again')),
  h('label', { for: 'other-key' }, t('key.field')), field, said,
  h('button', { type: 'submit', class: 'button' }, t('import.key-on')));
}
