// How to call 112 from here: the code, big; how it is said; the bar of actions under the thumb.

import { h } from '../lib/dom.js';
import { number } from '../lib/format.js';
import { lang, t } from '../lib/i18n.js';
import { gridCode, spoken, spokenInLatin } from './grid.js';
import { renew } from './renew.js';

// '01:02', Seoul's clock, of a moment.
const seoulClock = moment => new Date(moment + 9 * 3600000).toISOString().slice(11, 16);

const ROUGH_M = 30, VERY_ROUGH_M = 100;

// The code as it is written: '다사 5390 5203'.
export const written = code => `${code.letters} ${code.east} ${code.north}`;

export function accuracyText(place) {
  if (place.square_m) return t('near.accuracy.typed', { n: place.square_m });
  if (place.chosen) return t('near.accuracy.chosen', { name: place.chosen });
  const metres = Math.max(1, Math.round(place.accuracy_m));
  return metres < 1000 ? t('near.accuracy', { n: metres }) : t('near.accuracy.km', { n: number(metres / 1000, 1) });
}

// The card: `page` as in main.js.
export function card(page) {
  if (page.place) return codeCard(page);
  if (page.problem) return problemCard(page.problem);
  return h('div', { class: 'call-empty' },
    h('p', { class: 'big' }, t(page.slow ? 'near.slow' : page.locating ? 'near.locating' : 'near.code.none')),
    h('p', null, t(page.slow ? 'near.slow.do' : 'near.code.why')));
}

function codeCard({ place }) {
  const code = gridCode(place);
  if (!code) return [h('p', { class: 'big' }, t('near.no-code')), h('p', null, t('near.call.instead'))];
  const said = lang === 'en' ? spokenInLatin(code) : spoken(code);
  const rough = (!place.chosen || place.square_m) && place.accuracy_m > ROUGH_M;
  const note = rough && (place.accuracy_m > VERY_ROUGH_M ? 'near.very-rough' : 'near.rough');
  return [
    h('p', { class: 'call-head' }, h('span', null, t(place.chosen ? 'near.code.chosen' : 'near.code')),
      h('span', { class: rough ? 'accuracy rough' : 'accuracy', id: 'accuracy' }, accuracyText(place))),
    h('p', { class: 'visually-hidden', id: 'code-said', lang: 'ko' }, spoken(code)),
    h('p', { class: 'code', id: 'code', lang: 'ko', 'aria-hidden': 'true' },
      h('span', null, code.letters), ' ', h('span', null, code.east), ' ', h('span', null, code.north)),
    h('p', { class: 'say', id: 'say' }, t('near.say', { said })),
    place.doubt ? h('p', { class: 'note', id: 'doubt' }, t('near.doubt', { time: seoulClock(place.at) })) : note ? h('p', { class: 'note' }, t(note)) : null,
  ];
}

function problemCard(problem) {
  return h('div', { role: 'alert', id: 'problem', data: { problem } },
    h('p', { class: 'big' }, t(`near.${problem}`)),
    h('p', null, t(`near.${problem}.do`)),
    h('p', { class: 'instead' }, t('near.call.instead')));
}

const plain = place => place.square_m ? 'typed' : place.chosen ? 'chosen' : '';

// What is told of a place: `sentence` to a friend, `sms` to the police (in Korean in both languages: they read it).
function told(kind, place) {
  const code = place.square_m ? place.chosen : written(gridCode(place));
  return t([`near.${kind}`, plain(place)].filter(Boolean).join('.'), { code, name: place.chosen, n: Math.max(1, Math.round(place.accuracy_m)) });
}

// The bar at the foot: always 112; with a code also text, copy and share, else finding the position.
export function bar(element, page, { locate, say }) {
  const code = page.place && gridCode(page.place);
  const call = h('a', { class: 'act call', href: 'tel:112', data: { key: 'call' }, 'aria-describedby': code ? 'code-said' : null }, h('b', null, t('near.call')));
  if (!code) {
    const busy = page.locating && !page.slow;
    return renew(element, call, h('button', { type: 'button', class: 'act locate', data: { key: 'locate' }, disabled: busy, onclick: locate },
      t(busy ? 'near.locating' : page.slow ? 'near.locate.again' : 'near.locate')));
  }
  return renew(element, call,
    h('a', { class: 'act', href: 'sms:112', data: { key: 'text' }, onclick: event => text(event, page, say) }, t('near.text')),
    h('button', { type: 'button', class: 'act', data: { key: 'copy' }, onclick: () => copy(told('sentence', page.place), t('near.copied'), say) }, t('near.copy')),
    navigator.share
      ? h('button', { type: 'button', class: 'act', data: { key: 'share' }, onclick: () => navigator.share({ text: told('sentence', page.place) }).catch(() => {}) }, t('near.share'))
      : null);
}

// Opens the phone's messages with the code written into one to 112; no address on the page holds it, and nothing is sent. Both
// `?` and `&`: iPhones have wanted the one, others the other. It is on the clipboard too, where the messages take no text.
function text(event, page, say) {
  event.preventDefault();
  const words = told('sms', page.place);
  copy(words, t('near.copied.text'), say);
  location.href = `sms:112?&body=${encodeURIComponent(words)}`;
}

async function copy(text, done, say) {
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    else copyOldWay(text);
    say(done);
  } catch {
    say(t('near.not-copied'));
  }
}

function copyOldWay(text) {
  const field = h('textarea', { class: 'visually-hidden', value: text });
  document.body.append(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  if (!done) throw new Error('copy');
}
