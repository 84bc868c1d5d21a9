// WGS84 degrees to EPSG:5179 metres, and the 국가지점번호 of a place: on the phone, so that no position leaves it.
// Transverse Mercator by Krüger's series to n^6 (Karney 2011, doi 10.1007/s00190-011-0445-3); GRS80, which lies with
// WGS84 within a metre, as PROJ has it. Names: geo/grid.py says whose rule.

const A_M = 6378137, F = 1 / 298.257222101, K0 = 0.9996;
const LAT0 = radians(38), LON0 = radians(127.5), X0 = 1000000, Y0 = 2000000;
const N = F / (2 - F), E = Math.sqrt(F * (2 - F));
const RADIUS = K0 * A_M / (1 + N) * (1 + N ** 2 / 4 + N ** 4 / 64 + N ** 6 / 256);
const ALPHA = [
  N / 2 - N ** 2 * 2 / 3 + N ** 3 * 5 / 16 + N ** 4 * 41 / 180 - N ** 5 * 127 / 288 + N ** 6 * 7891 / 37800,
  N ** 2 * 13 / 48 - N ** 3 * 3 / 5 + N ** 4 * 557 / 1440 + N ** 5 * 281 / 630 - N ** 6 * 1983433 / 1935360,
  N ** 3 * 61 / 240 - N ** 4 * 103 / 140 + N ** 5 * 15061 / 26880 + N ** 6 * 167603 / 181440,
  N ** 4 * 49561 / 161280 - N ** 5 * 179 / 168 + N ** 6 * 6601661 / 7257600,
  N ** 5 * 34729 / 80640 - N ** 6 * 3418889 / 1995840,
  N ** 6 * 212378941 / 319334400,
];
const SOUTH = northing(LAT0, 0).xi;

function radians(degrees) {
  return degrees * Math.PI / 180;
}

// Xi (north) and eta (east) on the sphere of radius RADIUS, of a latitude and a longitude from the middle meridian.
function northing(lat, lon) {
  const sin = Math.sin(lat);
  const t = Math.sinh(Math.atanh(sin) - E * Math.atanh(E * sin));
  const xi0 = Math.atan2(t, Math.cos(lon)), eta0 = Math.asinh(Math.sin(lon) / Math.hypot(t, Math.cos(lon)));
  let xi = xi0, eta = eta0;
  ALPHA.forEach((alpha, i) => {
    const k = 2 * (i + 1);
    xi += alpha * Math.sin(k * xi0) * Math.cosh(k * eta0);
    eta += alpha * Math.cos(k * xi0) * Math.sinh(k * eta0);
  });
  return { xi, eta };
}

// EPSG:5179 { x east, y north } in metres, of degrees; longitude first.
export function toMetres(lon, lat) {
  const { xi, eta } = northing(radians(lat), radians(lon) - LON0);
  return { x: X0 + RADIUS * eta, y: Y0 + RADIUS * (xi - SOUTH) };
}

// Degrees of metres, by asking for the metres again: each step leaves a thirtieth of the error of the one before.
export function toDegrees({ x, y }) {
  let lon = 127.5, lat = 38;
  for (let i = 0; i < 12; i++) {
    const at = toMetres(lon, lat);
    lat += (y - at.y) / 111000;
    lon += (x - at.x) / (111300 * Math.cos(radians(lat)));
  }
  return { lon, lat };
}

// The same box as the service takes positions from: the Republic of Korea and a little round it.
export function inKorea(lon, lat) {
  return lat >= 32.5 && lat <= 39.5 && lon >= 123.5 && lon <= 132.5;
}

export const EAST = [...'가나다라마바사'], NORTH = [...'가나다라마바사아'];
const SQUARE_M = 100000, CELL_M = 10, PER_SQUARE = SQUARE_M / CELL_M;

// The 10 m 국가지점번호 of metres: { letters, east, north } ('다사', '5390', '5203'); null where there is none.
export function gridCode({ x, y }) {
  const east = Math.floor((x - 700000) / CELL_M), north = Math.floor((y - 1300000) / CELL_M);
  const column = EAST[Math.floor(east / PER_SQUARE)], row = NORTH[Math.floor(north / PER_SQUARE)];
  if (!column || !row) return null;
  const digits = value => String(value % PER_SQUARE).padStart(4, '0');
  return { letters: column + row, east: digits(east), north: digits(north) };
}

const DIGITS = [...'공일이삼사오육칠팔구'];
const ROMAN = ['gong', 'il', 'i', 'sam', 'sa', 'o', 'yuk', 'chil', 'pal', 'gu'];
const ROMAN_LETTERS = { 가: 'ga', 나: 'na', 다: 'da', 라: 'ra', 마: 'ma', 바: 'ba', 사: 'sa', 아: 'a' };

// How a code is said on the telephone, digit by digit: '다사, 오삼구공, 오이공삼'.
export function spoken({ letters, east, north }) {
  const said = digits => [...digits].map(digit => DIGITS[digit]).join('');
  return `${letters}, ${said(east)}, ${said(north)}`;
}

// The same in Latin letters, for whoever does not read Hangul: 'da-sa, o-sam-gu-gong, o-i-gong-sam'.
export function spokenInLatin({ letters, east, north }) {
  const said = digits => [...digits].map(digit => ROMAN[digit]).join('-');
  return `${[...letters].map(letter => ROMAN_LETTERS[letter]).join('-')}, ${said(east)}, ${said(north)}`;
}
