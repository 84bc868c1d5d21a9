// Shows what is to be shown, and leaves alone what is shown already: whoever reads, has it read out or presses does not
// lose the place each time the clock or the position goes on. What is kept keeps its listeners: they must ask for
// what changes when they are pressed.

export function renew(element, ...children) {
  const wanted = children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false)
    .map(child => child instanceof Node ? child : document.createTextNode(String(child)));
  const shown = [...element.childNodes];
  wanted.forEach((node, i) => {
    if (!shown[i]) element.append(node);
    else if (!shown[i].isEqualNode(node)) settle(shown[i], node);
  });
  shown.slice(wanted.length).forEach(node => node.remove());
  return element;
}

// The same element with other contents is gone through; anything else is replaced.
function settle(shown, node) {
  if (shown instanceof Element && node instanceof Element && !node.matches('a, button') && shown.cloneNode(false).isEqualNode(node.cloneNode(false))) {
    renew(shown, [...node.childNodes]);
  } else shown.replaceWith(node);
}
