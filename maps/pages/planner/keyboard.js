// Keys that count on the whole page: undo and redo, Escape, Enter for a site in the middle of the map.
import { byId } from '../lib/dom.js';

export function listen(page) {
  document.addEventListener('keydown', event => {
    const typing = event.target.closest('input:not([type=range], [type=checkbox]), textarea, select, dialog');
    if ((event.ctrlKey || event.metaKey) && !typing && page.planning) {
      const key = event.key.toLowerCase();
      if (key === 'z' && !event.shiftKey) { event.preventDefault(); page.planning.undo(); }
      else if (key === 'y' || (key === 'z' && event.shiftKey)) { event.preventDefault(); page.planning.redo(); }
    }
    if (event.key === 'Escape' && !event.target.closest('dialog')) { if (page.map.adding) page.startAdding(''); else page.map.map.closePopup(); }
    if (event.key === 'Enter' && page.map.adding && event.target === byId('map')) { event.preventDefault(); page.addAt(page.map.map.getCenter()); }
  });
}
