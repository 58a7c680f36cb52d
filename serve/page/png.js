// Reads PNG files exactly. A canvas would not do: it keeps eight bits of the sixteen of
// the labels id and depth.

const channelsOf = { 0: 1, 2: 3, 6: 4 };

// Returns { width, height, channels, bits, data }: data has one number a sample, in rows.
export async function decode(buffer) {
  const view = new DataView(buffer);
  const parts = [];
  let width, height, bits, channels;
  for (let at = 8; at < buffer.byteLength;) {
    const length = view.getUint32(at), kind = String.fromCharCode(...new Uint8Array(buffer, at + 4, 4));
    if (kind === 'IHDR') {
      [width, height, bits, channels] = [view.getUint32(at + 8), view.getUint32(at + 12), view.getUint8(at + 16), channelsOf[view.getUint8(at + 17)]];
    }
    if (kind === 'IDAT') parts.push(new Uint8Array(buffer, at + 8, length));
    at += length + 12;
  }
  const raw = new Uint8Array(await new Response(new Blob(parts).stream().pipeThrough(new DecompressionStream('deflate'))).arrayBuffer());
  const bpp = channels * bits / 8, row = width * bpp;
  const out = new Uint8Array(row * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (row + 1)];
    for (let x = 0; x < row; x++) {
      const at = y * row + x;
      const left = x >= bpp ? out[at - bpp] : 0, up = y ? out[at - row] : 0, corner = x >= bpp && y ? out[at - row - bpp] : 0;
      let guess = 0;
      if (filter === 1) guess = left;
      else if (filter === 2) guess = up;
      else if (filter === 3) guess = (left + up) >> 1;
      else if (filter === 4) {
        const p = left + up - corner, a = Math.abs(p - left), b = Math.abs(p - up), c = Math.abs(p - corner);
        guess = a <= b && a <= c ? left : b <= c ? up : corner;
      }
      out[at] = raw[y * (row + 1) + 1 + x] + guess;
    }
  }
  let data = out;
  if (bits === 16) {
    data = new Uint16Array(out.length / 2);
    for (let i = 0; i < data.length; i++) data[i] = out[2 * i] << 8 | out[2 * i + 1];
  }
  return { width, height, channels, bits, data };
}

// The leaf number of each pixel, from the label id: 16-bit grey, or 8-bit RGBA holding a
// little-endian number.
export function ids(image) {
  if (image.channels === 1) return Uint32Array.from(image.data);
  return Uint32Array.from({ length: image.width * image.height }, (_, i) => {
    const d = image.data;
    return d[4 * i] + d[4 * i + 1] * 256 + d[4 * i + 2] * 65536 + d[4 * i + 3] * 16777216;
  });
}
