// Raw DEFLATE (RFC 1951), read at once: the texts of a map stay small until a popup asks for them. The browser's own
// stream gives its bytes later, and is not in every browser an office has.
const LENGTH_BASE = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const FAR_BASE = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577];
const FAR_BITS = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
const LENGTHS_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

const CUT = 'deflated data end too early';

function bytesOf(base64) {
  const text = atob(base64), bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

// A table that answers for every pattern of the longest code's bits: symbol * 16 + length of its code.
function codeTable(lengths) {
  const most = Math.max(1, ...lengths), entries = new Uint16Array(1 << most);
  const next = new Array(17).fill(0), count = new Array(16).fill(0);
  for (const length of lengths) if (length) count[length]++;
  for (let bits = 1; bits < 16; bits++) next[bits + 1] = (next[bits] + count[bits]) << 1;
  lengths.forEach((length, symbol) => {
    if (!length) return;
    let code = next[length]++, reversed = 0;
    for (let k = 0; k < length; k++) { reversed = reversed << 1 | code & 1; code >>= 1; }
    for (let k = reversed; k < entries.length; k += 1 << length) entries[k] = symbol << 4 | length;
  });
  return { entries, mask: entries.length - 1 };
}

function inflate(bytes) {
  let out = new Uint8Array(Math.max(1024, bytes.length * 4)), size = 0, at = 0, hold = 0, held = 0;
  const want = count => {
    while (held < count) {
      if (at > bytes.length + 4) throw new Error(CUT);
      hold |= (bytes[at++] || 0) << held;
      held += 8;
    }
  };
  const take = count => {
    want(count);
    const value = hold & (1 << count) - 1;
    hold >>>= count;
    held -= count;
    return value;
  };
  const symbolOf = table => {
    want(15);
    const entry = table.entries[hold & table.mask];
    hold >>>= entry & 15;
    held -= entry & 15;
    if (!(entry & 15)) throw new Error('no such code');
    return entry >> 4;
  };
  const room = more => {
    if (size + more <= out.length) return;
    const larger = new Uint8Array(Math.max(out.length * 2, size + more));
    larger.set(out);
    out = larger;
  };
  const stored = () => {
    take(held & 7);
    const length = take(16);
    take(16);
    room(length);
    for (let k = 0; k < length; k++) out[size++] = take(8);
  };
  const tables = dynamic => {
    if (!dynamic) {
      const lengths = Array.from({ length: 288 }, (_, i) => i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8);
      return [codeTable(lengths), codeTable(new Array(30).fill(5))];
    }
    const letters = take(5) + 257, distances = take(5) + 1, given = take(4) + 4, short = new Array(19).fill(0);
    for (let k = 0; k < given; k++) short[LENGTHS_ORDER[k]] = take(3);
    const codes = codeTable(short), lengths = [];
    while (lengths.length < letters + distances) {
      const code = symbolOf(codes);
      if (code < 16) { lengths.push(code); continue; }
      const value = code === 16 ? lengths[lengths.length - 1] : 0;
      for (let k = code === 16 ? 3 + take(2) : code === 17 ? 3 + take(3) : 11 + take(7); k > 0; k--) lengths.push(value);
    }
    return [codeTable(lengths.slice(0, letters)), codeTable(lengths.slice(letters, letters + distances))];
  };
  for (let last = 0; !last;) {
    last = take(1);
    const kind = take(2);
    if (kind === 0) { stored(); continue; }
    const [letters, distances] = tables(kind === 2);
    for (let symbol = symbolOf(letters); symbol !== 256; symbol = symbolOf(letters)) {
      room(258);
      if (symbol < 256) { out[size++] = symbol; continue; }
      const length = LENGTH_BASE[symbol - 257] + take(LENGTH_BITS[symbol - 257]);
      const far = symbolOf(distances), distance = FAR_BASE[far] + take(FAR_BITS[far]);
      for (let k = 0; k < length; k++, size++) out[size] = out[size - distance];
    }
  }
  if (at - (held >> 3) > bytes.length) throw new Error(CUT);
  return out.subarray(0, size);
}
