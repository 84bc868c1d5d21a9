// Keeps the page itself, so that it opens without a network. The data are kept by the page (data.js). The service puts
// in the version and the files; another version is another cache, and the one before is removed.
const VERSION = '{version}';
const FILES = [/* {files} */];
const NAME = `ansim-near-page-${VERSION}`;

self.addEventListener('install', event => {
  const requests = FILES.map(path => new Request(path, { cache: 'no-cache' }));
  event.waitUntil(caches.open(NAME).then(cache => cache.addAll(requests)).then(() => self.skipWaiting()));
});

self.addEventListener('activate', event => {
  event.waitUntil(caches.keys()
    .then(names => Promise.all(names.filter(name => name.startsWith('ansim-near-page-') && name !== NAME).map(name => caches.delete(name))))
    .then(() => self.clients.claim()));
});

self.addEventListener('fetch', event => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== location.origin || !FILES.includes(url.pathname)) return;
  event.respondWith(answer(event.request, url.pathname));
});

// The page: new where the network answers soon, so that a new version is seen. Its files: from the cache, their address
// is another where they are another.
async function answer(request, path) {
  const cache = await caches.open(NAME);
  const known = await cache.match(path);
  if (request.mode !== 'navigate') return known || fetch(request);
  if (known && navigator.onLine === false) return known;
  try {
    const fresh = await fetch(request, { signal: AbortSignal.timeout(4000) });
    if (fresh.ok || !known) return fresh;
  } catch (error) {
    if (!known) throw error;
  }
  return known;
}
