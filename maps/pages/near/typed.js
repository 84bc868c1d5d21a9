// A 국가지점번호 as it is typed off a plate: read on the phone, so that neither code nor place leaves it.

import { h } from '../lib/dom.js';
import { t } from '../lib/i18n.js';
import { EAST, NORTH, inKorea, toDegrees } from './grid.js';

const SQUARE_M = 100000, X_M = 700000, Y_M = 1300000;

// What was typed: null where it is no code at all (a name), { problem } where it is a wrong or an unfinished one, else
// { x, y, size_m, text }: the middle of the square it names, 10 m by eight digits (the plate's), 1 m by ten, 100 m by six.
export function readCode(typed) {
  const plain = typed.normalize('NFKC').replace(/국가\s*지점\s*번호/, '').replace(/[\s\-–·.,:/]/g, '');
  const parts = /^([가-힣]{2})(\d+)$/.exec(plain);
  const letters = parts && EAST.includes(parts[1][0]) && NORTH.includes(parts[1][1]);
  if (!parts || (!letters && parts[2].length < 6)) return null;
  if (!letters) return { problem: 'letters' };
  const digits = parts[2], half = digits.length / 2;
  if (digits.length > 10) return { problem: 'long' };
  if (![3, 4, 5].includes(half)) return { problem: 'digits' };
  const size_m = 10 ** (5 - half);
  const along = (letter, of, value) => of.indexOf(letter) * SQUARE_M + Number(value) * size_m + size_m / 2;
  const east = digits.slice(0, half), north = digits.slice(half);
  const x = X_M + along(parts[1][0], EAST, east), y = Y_M + along(parts[1][1], NORTH, north);
  const { lon, lat } = toDegrees({ x, y });
  return inKorea(lon, lat) ? { x, y, size_m, text: `${parts[1]} ${east} ${north}` } : { problem: 'abroad' };
}

// What is shown under a field in which a code is being typed: the place as a button, or what is wrong with it.
export const offer = (read, take) => read.problem
  ? h('p', { class: 'note code-problem', role: 'status' }, t(`near.typed.${read.problem}`))
  : h('button', { type: 'button', class: 'button code-take', onclick: () => take(read) }, t('near.typed.take', { code: read.text }));
