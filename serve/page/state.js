// The state of the view and the address that holds it. Everything that decides a pixel
// on the page is in the query string, and nothing else is.

import { lastImage } from './grid.js';
import { isLaw } from './laws.js';

export const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

// Values of a configuration by dotted path; lists and laws are one value.
export function flatten(config, prefix = '', out = new Map()) {
  for (const [name, value] of Object.entries(config)) {
    const path = prefix + name;
    if (value !== null && typeof value === 'object' && !Array.isArray(value) && !isLaw(value)) flatten(value, path + '.', out);
    else out.set(path, value);
  }
  return out;
}

// A value as --set takes it: JSON without exponents, which YAML readers take for words.
export function text(value) {
  if (value?.typed !== undefined) return value.typed;
  if (Array.isArray(value)) return '[' + value.map(text).join(', ') + ']';
  if (value !== null && typeof value === 'object') {
    return '{' + Object.entries(value).map(([k, v]) => `${k}: ${text(v)}`).join(', ') + '}';
  }
  if (typeof value === 'number') {
    const plain = String(value);
    return plain.includes('e') ? value.toFixed(20).replace(/\.?0+$/, '') : plain;
  }
  if (typeof value === 'string' && /^[a-z_]+$/.test(value) && !/^(true|false|null|yes|no|on|off)$/.test(value)) return value;
  return JSON.stringify(value);
}

// One side: a preset and what differs from it. An assignment holds either a value or,
// where somebody typed what is none, the text as typed, for the server to judge.
export class Side {
  constructor(presets, preset, changes = new Map()) {
    this.presets = presets;
    this.preset = preset;
    this.changes = changes;
  }
  get base() { return this.presets.get(this.preset).flat; }
  get(path) { return this.changes.has(path) ? this.changes.get(path) : this.base.get(path); }
  set(path, value) {
    if (same(value, this.base.get(path))) this.changes.delete(path);
    else this.changes.set(path, value);
  }
  clone() { return new Side(this.presets, this.preset, new Map(this.changes)); }
  // Adds the side to a query, its names after a prefix.
  write(query, prefix = '') {
    query.append(prefix + 'preset', this.preset);
    for (const [path, value] of this.changes) query.append(prefix + 'set', `${path}=${text(value)}`);
  }
}

// Makes the sides of presets.json: by name, each with its values by path.
export function readPresets(data) {
  return new Map(data.presets.map(p => {
    const { image, ...config } = p.config; // the size belongs to the view
    return [p.name, { ...p, flat: flatten(config) }];
  }));
}

function ownSide(presets, own) {
  const side = new Side(presets, own.preset);
  const { image, ...config } = own.config;
  for (const [path, value] of flatten(config)) side.set(path, value);
  return side;
}

// Reads what YAML the page itself writes; other text is kept as typed.
export function value(words) {
  const quoted = words.replace(/([{,]\s*)([a-z_]+)\s*:/g, '$1"$2":').replace(/([[,:]\s*)([a-z_]+)(?=\s*[\],}])/g,
    (all, lead, word) => /^(true|false|null)$/.test(word) ? all : `${lead}"${word}"`);
  for (const candidate of [words, quoted, ...(/^\s*[[{]/.test(words) ? [] : [`"${words}"`])]) {
    try { return JSON.parse(candidate); } catch { /* the next reading */ }
  }
  return { typed: words };
}

function readSide(presets, own, query, prefix) {
  if (!query.has(prefix + 'preset') && !query.has(prefix + 'set')) return ownSide(presets, own);
  const name = query.get(prefix + 'preset');
  const side = name === null ? ownSide(presets, own) : new Side(presets, presets.has(name) ? name : own.preset);
  if (name !== null && !presets.has(name)) side.problem = `there is no preset ${name}`;
  for (const assignment of query.getAll(prefix + 'set')) {
    const at = assignment.indexOf('=');
    const path = assignment.slice(0, at);
    if (at < 0 || !side.base.has(path)) side.changes.set(path || assignment, { typed: assignment.slice(at + 1) });
    else side.set(path, value(assignment.slice(at + 1)));
  }
  return side;
}

export function read(location, presets, own) {
  const query = new URLSearchParams(location);
  const [, w, h] = /^(\d+)(?:x(\d+))?$/.exec(query.get('size') ?? '') ?? [];
  const compare = query.has('b.preset') || query.has('b.set');
  return {
    seed: query.get('seed') ?? own.seed,
    width: w ? Number(w) : own.view[0],
    height: w ? Number(h ?? w) : own.view[1],
    at: Math.max(0, Math.min(lastImage, Math.floor(Number(query.get('at') ?? parseInt(query.get('open'), 10)) || 0))),
    open: /^\d{1,15}b?$/.test(query.get('open')) ? parseInt(query.get('open'), 10) : null,
    openSide: compare && query.get('open')?.endsWith('b') ? 'b' : 'a',
    compare,
    active: 'a',
    a: readSide(presets, own, query, ''),
    b: compare ? readSide(presets, own, query, 'b.') : null,
  };
}

export const size = s => (s.width === s.height ? `${s.width}` : `${s.width}x${s.height}`);

// The query that the server takes for one side.
export function serverQuery(state, which) {
  const query = new URLSearchParams({ size: size(state), seed: state.seed });
  state[which].write(query);
  return query.toString();
}

// The query of the address bar.
export function address(state) {
  const query = new URLSearchParams({ size: size(state), seed: state.seed });
  if (state.at > 0) query.set('at', state.at);
  if (state.open !== null) query.set('open', state.open + (state.openSide === 'b' ? 'b' : ''));
  state.a.write(query);
  if (state.compare) state.b.write(query, 'b.');
  return '/?' + query.toString();
}
