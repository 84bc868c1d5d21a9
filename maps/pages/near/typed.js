// A 국가지점번호 as it is typed off a plate: read on the phone, so that neither code nor place leaves it.

import { h } from '../lib/dom.js';
import { t } from '../lib/i18n.js';
import { EAST, NORTH, inKorea, toDegrees } from './grid.js';

const SQUARE_M = 100000, X_M = 700000, Y_M = 1300000;

const APART = /[\s\-\u2010-\u2015\u2212~_·.,:/]+/g;

// What was typed: null where it is no code at all (a name), { problem } where it is a wrong or an unfinished one, else
// { x, y, size_m, text }: the middle of the square it names, 10 m by eight digits (the plate's), 1 m by ten, 100 m by
// three and three. Digits typed apart are halves as they stand: an unfinished second half is no shorter code.
export function readCode(typed) {
  const plain = typed.normalize('NFKC').replace(/국가\s*지점\s*번호/, '').replace(APART, ' ').trim();
  const parts = /^([가-힣]) ?([가-힣]) ?(\d[\d ]*)$/.exec(plain);
  if (!parts) return null;
  const groups = parts[3].split(' '), digits = groups.join(''), half = digits.length / 2;
  const letters = EAST.includes(parts[1]) && NORTH.includes(parts[2]);
  if (digits.length < (letters ? 4 : 6)) return null;
  if (!letters) return { problem: 'letters' };
  if (digits.length > 10) return { problem: 'long' };
  const whole = groups.length === 1 ? [4, 5].includes(half) : groups.length === 2 && groups[0].length === half && half >= 3;
  if (!whole) return { problem: 'digits' };
  const size_m = 10 ** (5 - half);
  const along = (letter, of, value) => of.indexOf(letter) * SQUARE_M + Number(value) * size_m + size_m / 2;
  const east = digits.slice(0, half), north = digits.slice(half);
  const x = X_M + along(parts[1], EAST, east), y = Y_M + along(parts[2], NORTH, north);
  const { lon, lat } = toDegrees({ x, y });
  return inKorea(lon, lat) ? { x, y, size_m, text: `${parts[1]}${parts[2]} ${east} ${north}` } : { problem: 'abroad' };
}

// What is shown under a field in which a code is being typed: the place as a button, or what is wrong with it.
export const offer = (read, take) => read.problem
  ? h('p', { class: 'note code-problem', role: 'status' }, t(`near.typed.${read.problem}`))
  : h('button', { type: 'button', class: 'button code-take', onclick: () => take(read) }, t('near.typed.take', { code: read.text }));
