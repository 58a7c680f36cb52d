// Tells which leaf is where, from the label id and the facts of an image: the files that
// generate writes, so what is told is what a training job would read.
import { get } from './loader.js';
import { decode, ids } from './png.js';
import { text } from './state.js';

const kept = new Map(); // by address, the last few
const most = 16;

// url(ending) is the address of a file of the image.
export function facts(url) {
  const key = url('json');
  if (!kept.has(key)) {
    const read = Promise.all([
      get(key).then(a => a.json()),
      get(url('id.png')).then(a => a.arrayBuffer()).then(decode),
    ]).then(([about, image]) => ({
      ...about, ids: ids(image), byID: new Map(about.leaves.map(([id, layer, radius, paint]) => [id, { id, layer, radius, paint }])),
    }));
    read.catch(() => kept.delete(key));
    kept.set(key, read);
    if (kept.size > most) kept.delete(kept.keys().next().value);
  }
  return kept.get(key);
}

export function leafAt(about, x, y) {
  const px = Math.min(about.width - 1, Math.floor(x * about.width)), py = Math.min(about.height - 1, Math.floor(y * about.height));
  return about.byID.get(about.ids[py * about.width + px]);
}

export function describe(about, leaf) {
  return `leaf ${leaf.id}, layer ${leaf.layer} (${about.layers[leaf.layer]}), radius ${leaf.radius.toFixed(1)} px, paint ${leaf.paint}`;
}

// A number to read, not to go on with.
export const brief = x => Number(x.toPrecision(4));

// What the image drew for the fields that have laws.
export function drew(about) {
  const all = Object.entries(about.draws).map(([path, v]) => `${path} = ${text(typeof v === 'number' ? brief(v) : v)}`);
  return all.length ? `This image drew ${all.join('; ')}.` : '';
}

// Draws the border of a leaf over its image.
export function mark(frame, about, leaf) {
  let canvas = frame.querySelector('canvas.mark');
  if (!leaf) return void canvas?.remove();
  const { width, height } = about;
  if (!canvas) {
    canvas = document.createElement('canvas');
    canvas.className = 'mark';
    canvas.setAttribute('aria-hidden', 'true');
    frame.append(canvas);
  }
  if (canvas.dataset.leaf === String(leaf.id) && canvas.about === about) return;
  canvas.about = about;
  Object.assign(canvas, { width, height });
  Object.assign(canvas.dataset, { leaf: leaf.id, of: about.index });
  const context = canvas.getContext('2d'), picture = context.createImageData(width, height);
  const { ids: all } = about;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (all[i] !== leaf.id) continue;
      const edge = x === 0 || y === 0 || x === width - 1 || y === height - 1 ||
        all[i - 1] !== leaf.id || all[i + 1] !== leaf.id || all[i - width] !== leaf.id || all[i + width] !== leaf.id;
      picture.data.set(edge ? [255, 255, 255, 255] : [255, 255, 255, 46], 4 * i);
    }
  }
  context.putImageData(picture, 0, 0);
}
