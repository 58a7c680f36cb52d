// The grid of images: fixed cells in a tall box, of which only those near the window
// exist. Cells that scroll away take their requests and pictures with them.
import { load } from './loader.js';

export const chunk = 10000; // images in one grid; browsers draw no box of a million rows
export const lastImage = 1e15 - 1; // that is shown: far enough from where numbers have gaps
const gap = 10, caption = 22;

export class Grid {
  // host: { url(which, index), shown(index), open(index, which), point(cell, which, x, y), leave(), failed(error) }
  constructor(root, host) {
    Object.assign(this, { root, host, cells: new Map(), current: 0, first: 0, sides: ['a'], ratio: 1, tapped: null });
    new ResizeObserver(() => this.layOut()).observe(root);
    addEventListener('scroll', () => this.update(), { passive: true });
    addEventListener('resize', () => this.update());
    root.addEventListener('keydown', e => this.key(e));
    root.addEventListener('focusin', e => this.focused(e));
    root.addEventListener('pointermove', e => this.pointer(e));
    root.addEventListener('pointerleave', () => host.leave());
    root.addEventListener('click', e => this.click(e));
    root.addEventListener('focus', () => this.focus(this.current));
  }

  // Shows what state says; scroll: from image state.at on.
  show(state, scroll) {
    const sides = state.compare ? ['a', 'b'] : ['a'];
    const first = Math.floor(state.at / chunk) * chunk;
    const other = first !== this.first || sides.length !== this.sides.length || state.width / state.height !== this.ratio;
    Object.assign(this, { first, sides, ratio: state.width / state.height, pixels: [state.width, state.height] });
    const { at } = state;
    this.still = true; // what is shown before the scrolling is nobody's choice
    if (other) this.clear();
    this.layOut();
    if (scroll) {
      this.current = at;
      scrollTo({ top: at > first ? this.top() + Math.floor((at - first) / this.columns) * this.rowHeight - this.header() : 0 });
    }
    this.still = false;
    for (const cell of this.cells.values()) this.fill(cell);
    this.update();
  }

  clear() {
    for (const cell of this.cells.values()) this.drop(cell);
  }

  header() { return document.querySelector('header').offsetHeight; }
  top() { return this.root.getBoundingClientRect().top + scrollY; }

  layOut() {
    const room = this.root.clientWidth, wanted = (room < 500 ? 165 : 250) * this.sides.length;
    if (!room || !this.pixels) return;
    const columns = Math.max(1, Math.round((room + gap) / (wanted + gap)));
    const width = Math.floor((room - gap * (columns - 1)) / columns);
    const picture = Math.floor((width - 4 * (this.sides.length - 1)) / this.sides.length);
    const rowHeight = Math.max(24, Math.round(picture / this.ratio)) + caption + gap;
    if (columns === this.columns && width === this.width && rowHeight === this.rowHeight) return;
    Object.assign(this, { columns, width, rowHeight });
    this.root.style.height = `${Math.ceil(chunk / columns) * rowHeight}px`;
    for (const cell of this.cells.values()) this.place(cell);
    this.update();
  }

  // Sees to it that the cells near the window exist, and no others.
  update() {
    if (!this.columns) return;
    const from = scrollY - this.top(), rows = Math.ceil(chunk / this.columns);
    const low = Math.max(0, Math.floor(from / this.rowHeight) - 1);
    const high = Math.min(rows - 1, Math.floor((from + innerHeight) / this.rowHeight) + 1);
    const [begin, end] = [this.first + low * this.columns, this.first + Math.min(chunk, (high + 1) * this.columns)];
    const held = document.activeElement?.closest?.('.cell'); // focus must not vanish
    for (const [index, cell] of this.cells) if ((index < begin || index >= end) && cell.node !== held) this.drop(cell);
    for (let index = begin; index < end; index++) {
      const cell = this.cells.get(index);
      if (!cell) this.add(index);
      else if (Object.values(cell.pictures).some(p => p.url === null)) this.fill(cell); // it had failed
    }
    const visible = this.first + Math.max(0, Math.ceil((from + this.header()) / this.rowHeight - 0.5)) * this.columns;
    if (!held && (this.current < begin || this.current >= end || !this.cells.has(this.current))) this.setCurrent(Math.min(visible, end - 1));
    else this.setCurrent(this.current);
    if (!this.still) this.host.shown(scrollY < 8 ? this.first : Math.min(visible, this.first + chunk - 1));
  }

  setCurrent(index) {
    this.current = index;
    for (const [i, cell] of this.cells) cell.node.tabIndex = i === index ? 0 : -1;
  }

  add(index) {
    const node = document.createElement('button');
    node.type = 'button';
    node.className = 'cell';
    node.tabIndex = -1;
    node.dataset.index = index;
    const cell = { index, node, pictures: {} };
    for (const which of this.sides) {
      const frame = document.createElement('span');
      frame.className = 'frame';
      frame.dataset.which = which;
      const img = document.createElement('img');
      img.alt = '';
      img.decoding = 'async';
      img.draggable = false;
      frame.append(img);
      node.append(frame);
      cell.pictures[which] = { frame, img };
    }
    const name = document.createElement('span');
    name.className = 'name';
    name.textContent = `Image ${index}${this.sides.length > 1 ? ', A and B' : ''}`;
    node.append(name);
    this.cells.set(index, cell);
    this.place(cell);
    // In the document's order, for those who read it in order.
    const after = [...this.root.children].find(n => Number(n.dataset.index) > index);
    this.root.insertBefore(node, after ?? null);
    this.fill(cell);
  }

  place({ index, node }) {
    const n = index - this.first;
    node.style.width = `${this.width}px`;
    node.style.height = `${this.rowHeight - gap}px`;
    node.style.transform = `translate(${(n % this.columns) * (this.width + gap)}px, ${Math.floor(n / this.columns) * this.rowHeight}px)`;
  }

  // Loads the pictures of a cell; the old ones stay until the new ones are there.
  fill(cell) {
    for (const which of this.sides) {
      const p = cell.pictures[which], url = this.host.url(which, cell.index);
      if (p.url === url) continue;
      p.abort?.abort();
      const { signal } = p.abort = new AbortController();
      p.url = url;
      p.frame.classList.add('loading');
      load(url, signal).then(async blob => {
        if (signal.aborted) return;
        const source = URL.createObjectURL(blob);
        if (p.source) URL.revokeObjectURL(p.source);
        p.source = p.img.src = source;
        await p.img.decode();
        if (!signal.aborted) { // while it was decoded another may have been asked for
          p.frame.classList.remove('loading');
          p.img.dataset.url = url;
          if (!performance.getEntriesByName('first-image').length) performance.mark('first-image');
        }
      }).catch(error => {
        if (signal.aborted) return;
        p.url = null;
        p.frame.classList.remove('loading');
        this.host.failed(error);
      });
    }
  }

  drop(cell) {
    for (const p of Object.values(cell.pictures)) {
      p.abort?.abort();
      p.url = null;
      if (p.source) URL.revokeObjectURL(p.source);
      p.source = null;
    }
    cell.node.remove();
    this.cells.delete(cell.index);
  }

  holds(index) { return index >= this.first && index < this.first + chunk; }

  focus(index) {
    index = Math.max(this.first, Math.min(this.first + chunk - 1, index));
    const y = this.top() + Math.floor((index - this.first) / this.columns) * this.rowHeight - this.header() - gap;
    if (y < scrollY || y + this.rowHeight + this.header() + 60 > scrollY + innerHeight) scrollTo({ top: y });
    this.update();
    this.setCurrent(index);
    this.cells.get(index)?.node.focus({ preventScroll: true });
    this.update();
  }

  key(e) {
    const columns = this.columns, page = columns * Math.max(1, Math.floor(innerHeight / this.rowHeight) - 1);
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, PageUp: -page, PageDown: page, Home: -Infinity, End: Infinity }[e.key];
    if (step === undefined || e.ctrlKey || e.altKey || e.metaKey) return;
    e.preventDefault();
    const cell = this.cells.get(this.current);
    if (e.shiftKey && cell && Number.isFinite(step)) {
      const at = cell.at ?? [0.5, 0.5], d = 1 / 24;
      cell.at = [at[0] + (e.key === 'ArrowRight' ? d : e.key === 'ArrowLeft' ? -d : 0), at[1] + (e.key === 'ArrowDown' ? d : e.key === 'ArrowUp' ? -d : 0)]
        .map(v => Math.max(0, Math.min(0.999, v)));
      this.host.point(cell, this.sides[0], ...cell.at);
    } else this.focus(this.current + step);
  }

  focused(e) {
    const node = e.target.closest('.cell');
    if (!node) return;
    const cell = this.cells.get(Number(node.dataset.index));
    this.setCurrent(cell.index);
    if (node.matches(':focus-visible')) this.host.point(cell, this.sides[0], ...(cell.at ?? [0.5, 0.5]));
  }

  // Where an event points: cell, side, and the place in its picture from 0 to 1.
  hit(e) {
    const frame = e.target.closest?.('.frame'), node = e.target.closest?.('.cell');
    if (!node) return null;
    const cell = this.cells.get(Number(node.dataset.index));
    if (!frame) return { cell, which: this.sides[0], x: -1, y: -1 };
    const box = frame.getBoundingClientRect();
    return { cell, which: frame.dataset.which, x: (e.clientX - box.left) / box.width, y: (e.clientY - box.top) / box.height };
  }

  pointer(e) {
    const hit = this.hit(e);
    if (hit && hit.x >= 0 && hit.x < 1 && hit.y >= 0 && hit.y < 1) this.host.point(hit.cell, hit.which, hit.x, hit.y);
    else this.host.leave();
  }

  // A mouse or Enter opens; a finger first asks what is there, then opens.
  click(e) {
    const hit = this.hit(e);
    if (!hit) return;
    if (e.pointerType === 'touch' && this.tapped !== hit.cell && hit.x >= 0) {
      this.tapped = hit.cell;
      this.host.point(hit.cell, hit.which, hit.x, hit.y, true);
    } else this.host.open(hit.cell.index, e.detail === 0 ? this.sides[0] : hit.which);
  }
}
