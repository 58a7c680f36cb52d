// One image large, with its labels, its configuration and the command that makes it.
import { element } from './inputs.js';
import { get } from './loader.js';
import { decode } from './png.js';
import { brief, describe, drew, facts, leafAt, mark } from './probe.js';

export async function copy(button, words) {
  const old = button.textContent;
  try {
    await navigator.clipboard.writeText(words);
    button.textContent = 'Copied';
  } catch {
    button.textContent = 'Not allowed: select and copy'; // browsers give pages without TLS no clipboard
  }
  setTimeout(() => { button.textContent = old; }, 1500);
}

// Colours for the numbers of a label, to be told apart by eye.
const colours = {
  id: (v, i) => { const h = Math.imul(v[i] + 1, 2654435761) >>> 0; return [64 + (h & 127), 64 + (h >> 8 & 127), 64 + (h >> 16 & 127)]; },
  layer: (v, i) => [[86, 180, 233], [230, 159, 0], [0, 120, 90], [204, 121, 167], [240, 228, 66], [213, 94, 0]][v[i] % 6],
  depth: (v, i) => { const g = 255 - (v[i] >> 8); return [g, g, g]; },
  edge: (v, i) => [v[i], v[i], v[i]],
};
const views = { image: 'Image', id: 'Leaves', layer: 'Layers', depth: 'Depth, near is light', edge: 'Edges' };

function draw(canvas, label, png) {
  const context = canvas.getContext('2d'), picture = context.createImageData(png.width, png.height);
  let values = png.data;
  if (label === 'id' && png.channels === 4) values = values.filter((_, i) => i % 4 === 0);
  for (let i = 0; i < png.width * png.height; i++) picture.data.set([...colours[label](values, i), 255], 4 * i);
  context.putImageData(picture, 0, 0);
}

export class Dialog {
  // host: { url(which, index, ending), about(which, index) -> addresses, closed(), step(by), compare() }
  constructor(node, host) {
    Object.assign(this, { node, host });
    node.addEventListener('close', () => { this.abort?.abort(); host.closed(); });
    node.addEventListener('click', e => { if (e.target === node) node.close(); });
    node.addEventListener('keydown', e => {
      if (!e.target.matches('button, .large')) return;
      if (e.key === 'PageDown') { e.preventDefault(); host.step(1); }
      if (e.key === 'PageUp') { e.preventDefault(); host.step(-1); }
    });
  }

  build() {
    const button = (words, act, extra = {}) => {
      const b = element('button', { type: 'button', ...extra }, words);
      b.addEventListener('click', () => act(b));
      return b;
    };
    this.title = element('h2', { id: 'dialog-title' });
    this.swap = button('Show B', () => this.host.swap());
    this.frame = element('div', { className: 'frame large', tabindex: '0', autofocus: 'autofocus', role: 'img', 'aria-label': 'The image; arrow keys move the point whose leaf is told' });
    this.told = element('p', { role: 'status', className: 'told' });
    this.draws = element('p', { className: 'draws' });
    this.tabs = element('div', { className: 'tabs', role: 'group', 'aria-label': 'What is shown' });
    this.command = element('code', {});
    this.yaml = element('code', {});
    this.files = element('p', { className: 'files' });
    const block = (name, code) => element('section', {},
      element('div', { className: 'row' }, element('h3', {}, name), button('Copy', b => copy(b, code.textContent), { className: 'small', 'aria-label': `Copy: ${name}` })),
      element('pre', { tabindex: '0', 'aria-label': name }, code));
    this.node.replaceChildren(
      element('div', { className: 'row head' }, this.title, this.swap, button('Previous', () => this.host.step(-1)), button('Next', () => this.host.step(1)), button('Close', () => this.node.close())),
      element('div', { className: 'columns' },
        element('div', { className: 'left' }, this.frame, this.told, this.draws, this.tabs, this.files),
        element('div', { className: 'right' }, block('Command line', this.command), block('Configuration (YAML)', this.yaml))));
    const at = e => { const box = this.frame.getBoundingClientRect(); return [(e.clientX - box.left) / box.width, (e.clientY - box.top) / box.height]; };
    this.frame.addEventListener('pointermove', e => this.point(...at(e)));
    this.frame.addEventListener('pointerdown', e => this.point(...at(e)));
    this.frame.addEventListener('keydown', e => {
      const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key];
      if (!move) return;
      e.preventDefault();
      this.point(...(this.where ?? [0.5, 0.5]).map((v, i) => Math.max(0, Math.min(0.999, v + move[i] / 32))));
    });
  }

  async show(which, index, state) {
    if (!this.title) this.build();
    this.abort?.abort();
    const { signal } = this.abort = new AbortController();
    this.about = null;
    this.where = null;
    delete this.node.dataset.ready; // it was of the image before
    this.title.textContent = `Image ${index}${state.compare ? `, side ${which.toUpperCase()}` : ''}`;
    this.swap.hidden = !state.compare;
    this.swap.textContent = `Show ${which === 'a' ? 'B' : 'A'}`;
    this.frame.style.aspectRatio = `${state.width} / ${state.height}`;
    this.frame.style.setProperty('--ratio', state.width / state.height);
    this.told.textContent = 'Making the labels…';
    this.draws.classList.add('waiting');
    const url = ending => this.host.url(which, index, ending);
    if (!this.node.open) this.node.showModal();
    this.files.replaceChildren('Files: ', ...['png', 'id.png', 'layer.png', 'depth.png', 'edge.png', 'json'].flatMap(ending =>
      [element('a', { href: url(ending), download: `${String(index).padStart(6, '0')}.${ending}` }, ending), ' ']));
    const texts = this.host.texts(which, index);
    const drawn = this.drawn = {}; // of this call: an earlier one may still be decoding
    this.shown = 'image';
    this.tabs.replaceChildren(...Object.entries(views).map(([view, name]) => {
      const canvas = element('canvas', { width: state.width, height: state.height, 'aria-hidden': 'true' });
      const b = element('button', { type: 'button', 'aria-pressed': 'false', 'data-view': view }, canvas, element('span', {}, name));
      b.addEventListener('click', () => this.view(view));
      drawn[view] = canvas;
      return b;
    }));
    try {
      await Promise.all([
        get(texts.command, signal).then(a => a.text()).then(t => { if (!signal.aborted) this.command.textContent = t.trim(); }),
        get(texts.yaml, signal).then(a => a.text()).then(t => { if (!signal.aborted) this.yaml.textContent = t; }),
        get(url('png'), signal).then(a => a.blob()).then(createImageBitmap).then(bitmap => {
          drawn.image.getContext('2d').drawImage(bitmap, 0, 0);
          if (!signal.aborted) this.view(this.shown);
        }),
        ...Object.keys(colours).map(label => get(url(`${label}.png`), signal).then(a => a.arrayBuffer()).then(decode).then(png => {
          draw(drawn[label], label, png);
          if (!signal.aborted && this.shown === label) this.view(label);
        })),
        facts(url).then(about => { if (!signal.aborted) this.about = about; }),
      ]);
      if (signal.aborted) return;
      const a = this.about;
      this.draws.textContent = drew(a);
      this.draws.classList.remove('waiting');
      this.told.textContent = `${a.leaves.length} leaves show; outlines ${a.outline}, palette ${a.palette}, radii ${a.radii.map(brief).join(' to ')} px. Point at one.`;
      this.node.dataset.ready = `${which} ${index}`;
    } catch (error) {
      if (!signal.aborted) this.told.textContent = error.message;
    }
  }

  view(view) {
    this.shown = view;
    for (const b of this.tabs.children) b.setAttribute('aria-pressed', String(b.dataset.view === view));
    const from = this.drawn[view], large = element('canvas', { width: from.width, height: from.height, className: 'picture' });
    large.getContext('2d').drawImage(from, 0, 0);
    this.frame.replaceChildren(large);
    if (this.where) this.point(...this.where);
  }

  point(x, y) {
    if (!this.about || x < 0 || y < 0 || x >= 1 || y >= 1) return;
    this.where = [x, y];
    const leaf = leafAt(this.about, x, y);
    mark(this.frame, this.about, leaf);
    this.told.textContent = leaf ? describe(this.about, leaf) : '';
  }
}
