// Sending files: XMLHttpRequest, because fetch does not tell how much has gone. The answer is a stream of progress, then
// the report.

import { Problem, made } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { getKey } from '../lib/session.js';

// send(path, form, { onSent(bytes, of), onProgress({ done, total, file, rows }), signal }) -> the report. Throws Problem; AbortError when stopped.
export function send(path, form, { onSent, onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let read = 0, text = '';
    const take = () => {
      text += request.responseText.slice(read);
      read = request.responseText.length;
      for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
        const event = readEvent(text.slice(0, end));
        if (event.name === 'progress') onProgress(event.body);
        else if (event.name === 'result') resolve(event.body);
        else if (event.name === 'error') reject(made(event.body, event.body.status));
      }
    };
    request.upload.onprogress = event => onSent(event.loaded, event.total);
    request.onprogress = () => { if (request.status < 300) take(); };
    request.onload = () => {
      if (request.status < 300) {
        take();
        reject(new Problem({ title: t('problem.cut'), hint: t('problem.network.hint') }));  // nothing where it resolved
      } else reject(made(parsed(request.responseText), request.status));
    };
    request.onerror = () => reject(new Problem({ hint: t('import.network.hint') }));
    request.onabort = () => reject(new DOMException('stopped', 'AbortError'));
    signal.addEventListener('abort', () => request.abort());
    request.open('POST', path);
    request.setRequestHeader('accept', 'text/event-stream');
    if (getKey()) request.setRequestHeader('authorization', `Bearer ${getKey()}`);
    request.send(form);
  });
}

function readEvent(block) {
  let name = '', data = '';
  for (const line of block.split('\n')) {
    if (line.startsWith('event:')) name = line.slice(6).trim();
    else if (line.startsWith('data:')) data += line.slice(5);
  }
  return { name, body: data ? parsed(data) : {} };
}

function parsed(text) {
  try { return JSON.parse(text); } catch { return {}; }
}
