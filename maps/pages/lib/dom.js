// Elements are made of nodes and text, never of markup: no name in the data can become HTML.

// h('button', { class: 'x', type: 'button', onclick: f, 'aria-label': '…', data: { i: 1 } }, 'text', child)
export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, ...children);
}

// The same for SVG.
export function svg(tag, attributes, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, ...children);
}

function fill(element, attributes, ...children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'data') Object.assign(element.dataset, value);
    else if (name === 'style') for (const [key, v] of Object.entries(value)) element.style.setProperty(key, v);
    else if (name === 'value') element.value = value;
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

export const byId = id => document.getElementById(id);

export function replace(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false)
    .map(child => child instanceof Node ? child : String(child)));
  return element;
}

// Calls f once things have been quiet for so many milliseconds; .now() calls what waits at once.
export function debounced(f, ms) {
  let timer = 0, waiting = null;
  const run = () => { clearTimeout(timer); timer = 0; const a = waiting; waiting = null; if (a) f(...a); };
  const later = (...a) => { waiting = a; clearTimeout(timer); timer = setTimeout(run, ms); };
  later.now = run;
  return later;
}

// Says something to a screen reader without moving the focus.
export function announce(text) {
  let live = byId('live');
  if (!live) {
    live = h('div', { id: 'live', class: 'visually-hidden', role: 'status', 'aria-live': 'polite' });
    document.body.append(live);
  }
  live.textContent = '';
  requestAnimationFrame(() => { live.textContent = text; });
}

// Gives a file to the browser to keep.
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = h('a', { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}
