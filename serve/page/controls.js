// A control for every field of the configuration, made from the JSON Schema; the order
// is that of the presets, since a schema has none.
import { element, input, unique } from './inputs.js';
import { bare, isLaw } from './laws.js';
import { same, text } from './state.js';

function range(schema) {
  const parts = [], inner = schema.type === 'array' && schema.items.type !== 'object' ? schema.items : schema;
  const unit = schema['x-unit'] ? ` ${schema['x-unit']}` : '';
  if ('minimum' in inner) parts.push(`${inner.minimum} to ${inner.maximum}${unit}`);
  if (schema.type === 'array' && schema.maxItems > 2) parts.push(`1 to ${schema.maxItems} entries`);
  if ('default' in schema && schema.items?.type !== 'object') parts.push(`default ${text(schema.default)}`);
  return parts.join('; ');
}

export class Controls {
  // host: { change(path, value), get(path), base(path) }
  constructor(root, schema, order, host) {
    Object.assign(this, { host, fields: new Map(), groups: [] });
    for (const name of Object.keys(order)) {
      if (name !== 'image') root.append(this.build(name, name, schema.properties[name], order[name]));
    }
  }

  build(path, name, schema, order, parent = []) {
    const rows = schema.items?.type === 'object'; // long enough to be folded
    if (schema.type !== 'object' && !rows) return this.field(path, name, schema, parent);
    const count = element('span', { className: 'count' });
    const node = element('details', { className: 'group' }, element('summary', {}, name, count));
    if (schema.description && !rows) node.append(element('p', { className: 'doc' }, schema.description));
    const group = { path, node, count };
    this.groups.push(group);
    if (rows) node.append(this.field(path, name, schema, [group]));
    else for (const inner of Object.keys(order)) node.append(this.build(`${path}.${inner}`, inner, schema.properties[inner], order[inner], [...parent, group]));
    return node;
  }

  field(path, name, schema, parents) {
    const id = unique('field'), doc = unique('doc'), bad = unique('bad');
    const control = input(schema, { id, says: path, 'aria-describedby': `${doc} ${bad}` }, v => { this.host.change(path, v); });
    const shape = bare(schema), compound = shape.type === 'array';
    const undo = element('button', { type: 'button', className: 'undo small', 'aria-label': `Undo: back to the preset's ${path}` }, 'Undo');
    undo.addEventListener('click', () => { this.host.change(path, this.host.base(path)); control.node.querySelector('input, select, button')?.focus(); });
    const label = compound ? element('span', { className: 'label', id: unique('label') }, name) : element('label', { for: id, className: 'label' }, name);
    const problem = element('p', { id: bad, className: 'bad' });
    const words = [schema.description, range(shape)].filter(Boolean).join(' · ');
    const node = element('div', { className: 'field', 'data-path': path, ...(compound ? { role: 'group', 'aria-labelledby': label.id } : {}) },
      element('div', { className: 'row' }, label, control.kind ?? '', undo), control.node, element('p', { id: doc, className: 'doc' }, words), problem);
    if (shape.type === 'boolean') node.classList.add('boolean');
    this.fields.set(path, { node, control, undo, problem, parents });
    return node;
  }

  update() {
    const changed = [];
    for (const [path, f] of this.fields) {
      const value = this.host.get(path), differs = !same(value, this.host.base(path));
      f.control.update(value);
      f.node.classList.toggle('changed', differs);
      f.undo.disabled = !differs;
      if (differs) changed.push(path);
    }
    for (const g of this.groups) {
      const n = changed.filter(p => p === g.path || p.startsWith(g.path + '.')).length;
      g.count.textContent = n ? `${n} changed` : '';
    }
  }

  // Shows each problem at its field. A sentence begins with the path it is about.
  problems(sentences) {
    for (const f of this.fields.values()) {
      f.problem.textContent = '';
      f.node.querySelectorAll('[aria-invalid]').forEach(n => n.removeAttribute('aria-invalid'));
    }
    for (const sentence of sentences) {
      let path = /^[a-z0-9_.[\]]+/.exec(sentence)?.[0] ?? '';
      while (path && !this.fields.has(path)) path = path.replace(/(^|[.[])[^.[]*$/, ''); // it may lie within a field
      const f = this.fields.get(path);
      if (!f) continue;
      f.problem.textContent = sentence;
      f.node.querySelectorAll('input:not([type=range]), select:not(.kind)').forEach(n => n.setAttribute('aria-invalid', 'true'));
      f.parents.forEach(g => { g.node.open = true; });
    }
  }
}

// The switches of the properties: each one click away from the ablation without it.
export class Ablations {
  constructor(root, schema, order, host) {
    this.host = host;
    this.buttons = Object.keys(order).map(name => {
      const path = `properties.${name}`, doc = schema.properties[name].description;
      const node = element('button', { type: 'button', className: 'switch', 'aria-pressed': 'true', title: doc, 'data-path': path }, name);
      node.addEventListener('click', () => host.change(path, host.get(path) === false));
      return { path, node, name, doc };
    });
    root.append(...this.buttons.map(b => b.node));
  }

  update() {
    for (const { path, node, name, doc } of this.buttons) {
      const value = this.host.get(path), law = isLaw(value);
      node.setAttribute('aria-pressed', typeof value === 'boolean' ? String(value) : 'mixed');
      node.textContent = law ? `${name}: drawn` : name;
      node.title = law ? `${doc}; every image draws it: ${text(value)}` : doc;
      node.classList.toggle('changed', !same(this.host.get(path), this.host.base(path)));
    }
  }
}
