// The overview as a file of its own: its language can be changed, its links lead to the maps beside it.
function cityFile() {
  const data = JSON.parse(document.getElementById('data').textContent);
  let lang = data.lang || 'ko', measure = '';
  function show() {
    const t = cityText(lang);
    document.documentElement.lang = lang;
    const link = name => data.files && data.files[name] ? el('a', { class: 'button small', href: data.files[name], download: true }, t(name)) : null;
    drawCity(document.getElementById('main'), data, {
      lang, measure, onMeasure: id => { measure = id; },
      mapOf: code => data.maps && data.maps[code],
      tools: [link('xlsx'), link('csv'), el('button', { type: 'button', class: 'button small', onclick: () => window.print() }, t('print')),
        el('button', { type: 'button', class: 'button small', lang: lang === 'ko' ? 'en' : 'ko', onclick: () => { lang = lang === 'ko' ? 'en' : 'ko'; show(); } }, t('other-language'))],
    });
    document.documentElement.dataset.ready = 'true';
  }
  show();
}
