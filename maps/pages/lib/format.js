// Numbers, money, distances and dates as they are read. Null, undefined and NaN are "no data", never zero.
import { lang, t } from './i18n.js';

const locale = lang === 'en' ? 'en-GB' : 'ko-KR';
const formats = new Map();
const none = value => value === null || value === undefined || (typeof value === 'number' && !Number.isFinite(value));

function format(digits) {
  if (!formats.has(digits)) formats.set(digits, new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }));
  return formats.get(digits);
}

export const number = (value, digits = 0) => none(value) ? t('no-data') : format(digits).format(value);
export const signed = (value, digits = 0) => none(value) ? t('no-data') : (value > 0 ? '+' : value < 0 ? '−' : '±') + format(digits).format(Math.abs(value));
export const households = (value, digits = 0) => none(value) ? t('no-data') : t('unit.households', { n: number(value, digits) });
export const metres = value => none(value) ? t('no-data') : value < 1000 ? `${number(value)} m` : `${number(value / 1000, 1)} km`;

// A share 0..1 as per cent. What is below `limit` is never rounded up to it.
export function percent(share, limit) {
  if (none(share)) return t('no-data');
  const digits = limit !== undefined && share < limit && Math.round(share * 100) >= limit * 100 ? 1 : 0;
  const value = digits ? Math.floor(share * 1000) / 10 : share * 100;
  return `${number(value, digits)} %`;
}

// 123_450_000 -> '1억 2,345만 원' (Korean), '₩123.45 M' (English).
export function money(krw) {
  if (none(krw)) return t('no-data');
  const sign = krw < 0 ? '−' : '', won = Math.round(Math.abs(krw));
  if (lang === 'en') return won >= 1e6 ? `${sign}₩${trimmed(won / 1e6)} M` : `${sign}₩${number(won)}`;
  const eok = Math.floor(won / 1e8), man = Math.round((won - eok * 1e8) / 1e4);
  if (won < 1e4) return `${sign}${number(won)}원`;
  if (man === 10000) return `${sign}${number(eok + 1)}억 원`;
  return sign + [eok ? `${number(eok)}억` : '', man ? `${number(man)}만` : ''].filter(Boolean).join(' ') + ' 원';
}

const trimmed = value => new Intl.NumberFormat(locale, { maximumFractionDigits: 2 }).format(value);

// What a person types for money: '1억', '1억 2,000만', '5천만', '300,000,000', '100백만', '₩100 M'. NaN where it is none.
export function readMoney(text) {
  const plain = String(text).replace(/[\s,원₩]/g, '').toLowerCase();
  if (!plain) return NaN;
  if (/^\d+(\.\d+)?$/.test(plain)) return Math.round(Number(plain));
  const english = plain.match(/^(\d+(?:\.\d+)?)(m|k|bn?)$/);
  if (english) return Math.round(Number(english[1]) * { m: 1e6, k: 1e3, b: 1e9, bn: 1e9 }[english[2]]);
  const korean = plain.match(/^(?:(\d+(?:\.\d+)?)억)?(?:(\d+(?:\.\d+)?)(천만|백만|만|천))?$/);
  if (!korean || (!korean[1] && !korean[2])) return NaN;
  const small = { 천만: 1e7, 백만: 1e6, 만: 1e4, 천: 1e3 }[korean[3]] || 0;
  return Math.round(Number(korean[1] || 0) * 1e8 + Number(korean[2] || 0) * small);
}

// '2025-12-23' -> '2025. 12. 23.', a month '2022-12' -> '2022. 12.', a year '2022' -> '2022년'; as they are in English; '' ->
// unknown. The same as in the files (geo/dates.py).
export function date(iso) {
  const parts = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?!\d)/.exec(iso || '');
  if (!parts) return t('date-unknown');
  const [, year, month, day] = parts;
  if (lang === 'en') return parts[0];
  if (!month) return t('year', { n: year });
  return [year, month, day].filter(Boolean).map(part => `${Number(part)}.`).join(' ');
}

// Oldest and newest, both as exactly as the vaguer of the two is known.
export function dates(range) {
  const known = range.filter(Boolean), exact = Math.min(...known.map(one => one.length));
  const [from, to = from] = known.map(one => one.slice(0, exact));
  return !known.length ? t('date-unknown') : from === to ? date(from) : `${date(from)} ~ ${date(to)}`;
}

// The oldest and the newest of dates, as geo/dates.py has it: 2022-12 may be the month's last day.
export function dateRange(days) {
  const known = days.filter(Boolean).sort(), latest = day => `${day}~`;
  return known.length ? [known[0], known.reduce((a, b) => latest(b) > latest(a) ? b : a)] : ['', ''];
}

// '2025-12-24T23:00…' -> '2025. 12. 24. (수) 23:00'.
export function moment(iso) {
  const parts = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})/.exec(iso || '');
  if (!parts) return t('date-unknown');
  const day = new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone: 'UTC' }).format(Date.UTC(parts[1], parts[2] - 1, parts[3]));
  return `${date(iso)} (${day}) ${parts[4]}:${parts[5]}`;
}
