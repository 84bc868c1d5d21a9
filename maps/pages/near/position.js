// Where the phone is, while the page is looked at. Nothing of it is kept: it lives in the memory of the page.

const OPTIONS = { enableHighAccuracy: true, maximumAge: 5000, timeout: 20000 };
const WHY = { 1: 'denied', 2: 'unavailable', 3: 'timeout' };

// Follows the position: onPlace({ lon, lat, accuracy_m }) again and again, onProblem('denied' …), onDoubt() where what was told may no
// longer hold: the page was not looked at, or the satellites are gone. Returns { stop }.
export function follow(onPlace, onProblem, onDoubt) {
  if (!window.isSecureContext) return refuse(onProblem, 'insecure');
  if (!navigator.geolocation) return refuse(onProblem, 'absent');
  let watch = null, found = false;
  const begin = () => {
    watch = navigator.geolocation.watchPosition(place => {
      found = true;
      onPlace({ lon: place.coords.longitude, lat: place.coords.latitude, accuracy_m: place.coords.accuracy });
    }, error => {
      // A moment without satellites is no reason to take away what is known.
      if (!found || error.code === 1) onProblem(WHY[error.code] || 'unavailable');
      else onDoubt();
    }, OPTIONS);
  };
  const end = () => {
    if (watch !== null) navigator.geolocation.clearWatch(watch);
    watch = null;
  };
  const turned = () => {
    if (document.hidden) return end();
    if (watch !== null) return;
    if (found) onDoubt();
    begin();
  };
  document.addEventListener('visibilitychange', turned);
  begin();
  return { stop() { end(); document.removeEventListener('visibilitychange', turned); } };
}

function refuse(onProblem, why) {
  queueMicrotask(() => onProblem(why));
  return { stop() {} };
}

// Whether the reader has allowed it before: then the page begins by itself.
export async function allowedBefore() {
  try { return (await navigator.permissions.query({ name: 'geolocation' })).state === 'granted'; } catch { return false; }
}
