// Korean first, English beside it. The language is in the link (?lang=en), so that a link opens as it was sent.
import ko from '../words/ko.js';
import en from '../words/en.js';

export const lang = new URLSearchParams(location.search).get('lang') === 'en' ? 'en' : 'ko';
const books = { ko: { ...ko }, en: { ...en } };

// A page adds its own words: addWords(ko, en).
export function addWords(koreanWords, englishWords) {
  Object.assign(books.ko, koreanWords);
  Object.assign(books.en, englishWords);
}

// t('unit.households', { n: 4 }): '{n}' in the text is replaced. A word that is missing shows its own name.
export function t(key, values) {
  const text = books[lang][key] ?? books.ko[key] ?? key;
  return values ? text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all)) : text;
}

export const has = key => key in books[lang] || key in books.ko;

// Fills every element that names a text: data-t="key" its text, data-t-label="key" its aria-label,
// data-t-placeholder, data-t-title likewise.
export function translate(root = document) {
  for (const element of root.querySelectorAll('[data-t]')) element.textContent = t(element.dataset.t);
  for (const [name, attribute] of [['tLabel', 'aria-label'], ['tPlaceholder', 'placeholder'], ['tTitle', 'title']]) {
    const selector = `[data-${name.replace(/[A-Z]/g, c => '-' + c.toLowerCase())}]`;
    for (const element of root.querySelectorAll(selector)) element.setAttribute(attribute, t(element.dataset[name]));
  }
}

// The address of a page in the language shown, or in the other.
export function linkTo(path, language = lang) {
  const url = new URL(path, location.href);
  if (language === 'en') url.searchParams.set('lang', 'en'); else url.searchParams.delete('lang');
  return url.pathname + url.search + url.hash;
}
