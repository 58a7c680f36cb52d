// Inputs for the values of a JSON Schema. Each is { node, update(value) } and calls
// change(value) when somebody changes it; { typed } stands for text that is no value.
import { bare, fits, isLaw, kindOf, kinds, lawsOf, plain, start } from './laws.js';
import { same, text, value as read } from './state.js';

let count = 0;
export const unique = name => `${name}-${++count}`;

export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name in node && name !== 'list' && typeof value !== 'string') node[name] = value;
    else node.setAttribute(name === 'className' ? 'class' : name, value);
  }
  node.append(...children);
  return node;
}

const busy = node => document.activeElement === node;

function toggle(label, change) {
  const node = element('input', { type: 'checkbox', ...label });
  node.addEventListener('change', () => change(node.checked));
  return { node, update(v) { node.checked = v === true; } };
}

function choice(schema, label, change) {
  const node = element('select', label, ...schema.enum.map(v => element('option', { value: String(v) }, String(v))));
  node.addEventListener('change', () => change(schema.type === 'integer' ? Number(node.value) : node.value));
  return { node, update(v) { node.value = String(v); } };
}

function words(schema, label, change) {
  const node = element('input', { type: 'text', maxlength: String(schema.maxLength ?? 64), autocomplete: 'off', ...label });
  node.addEventListener('input', () => change(node.value));
  return { node, update(v) { if (!busy(node)) node.value = v?.typed ?? v; } };
}

// A number to type; min and max are told, and judged by the server alone.
function number(schema, label, change) {
  const node = element('input', { type: 'number', step: schema.type === 'integer' ? '1' : 'any', inputmode: 'decimal', autocomplete: 'off', ...label });
  node.addEventListener('input', () => change(node.value === '' ? { typed: '' } : Number(node.value)));
  return { node, update(v) { if (!busy(node)) node.value = v?.typed ?? v; } };
}

// A number with a slider, which is finer at the low end of wide ranges.
function slider(schema, label, change) {
  const { minimum: lo, maximum: hi } = schema, power = hi - lo > 20 ? 3 : 1;
  const field = number(schema, label, v => { change(v); follow(v); });
  const node = element('input', { type: 'range', min: '0', max: '1000', step: '1', 'aria-label': `${label.says} (slider)` });
  const follow = v => {
    if (busy(node) || typeof v !== 'number') return;
    node.value = String(Math.round(1000 * (Math.max(0, Math.min(1, (v - lo) / (hi - lo)))) ** (1 / power)));
    node.setAttribute('aria-valuetext', String(v));
  };
  node.addEventListener('input', () => {
    let v = Number((lo + (hi - lo) * (node.value / 1000) ** power).toPrecision(3));
    v = Math.max(lo, Math.min(hi, schema.type === 'integer' ? Math.round(v) : v));
    field.node.value = v;
    node.setAttribute('aria-valuetext', String(v));
    change(v);
  });
  return { node: element('span', { className: 'slider' }, node, field.node), update(v) { field.update(v); follow(v); } };
}

function pair(schema, label, change, names = ['from', 'to']) {
  let value = [0, 0];
  const ends = names.map((end, i) => number(schema.items, { ...label, id: i ? undefined : label.id, 'aria-label': `${label.says}, ${end}` },
    v => { value = value.with(i, v); const given = value.filter(x => x?.typed === undefined); change(given.length < 2 ? { typed: text(given) } : value); }));
  return {
    node: element('span', { className: 'pair' }, ends[0].node, element('span', { 'aria-hidden': 'true' }, names[1] === 'to' ? 'to' : '±'), ends[1].node),
    update(v) { if (Array.isArray(v)) { value = v; ends.forEach((e, i) => e.update(v[i])); } },
  };
}

// A list whose items can be added and removed.
function list(schema, label, change, name) {
  const rows = element('div', { className: 'list' });
  const add = element('button', { type: 'button', className: 'small' }, `Add ${name(-1)}`);
  let value = [], items = null;
  const settle = next => { change(next); };
  add.addEventListener('click', () => { const last = value.at(-1) ?? schema.default.at(-1); settle([...value, typeof last === 'object' ? structuredClone(last) : last]); });
  const build = () => {
    items = value.map((_, i) => {
      const says = `${label.says} ${i + 1}`;
      const item = input(schema.items, { says, 'aria-label': says }, v => settle(value.with(i, v)));
      const gone = element('button', { type: 'button', className: 'small', 'aria-label': `Remove ${name(i)}` }, 'Remove');
      gone.addEventListener('click', () => { settle(value.toSpliced(i, 1)); add.focus(); });
      return { ...item, row: element('div', { className: 'item' }, item.node, gone), gone };
    });
    rows.replaceChildren(...items.map(i => i.row), add);
  };
  return {
    node: rows,
    update(v) {
      if (!Array.isArray(v)) return;
      const same = v.length === items?.length;
      value = v;
      if (!same) build();
      items.forEach((item, i) => { item.update(v[i]); item.gone.disabled = v.length === 1; });
      add.disabled = v.length >= schema.maxItems;
    },
  };
}

function group(schema, label, change) {
  let value = {};
  const parts = Object.entries(schema.properties).map(([name, inner]) => {
    const says = `${label.says}, ${name}`;
    const id = unique('part');
    const part = input(inner, { id, says, 'aria-label': says, title: inner.description }, v => change({ ...value, [name]: v }), true);
    return { name, ...part, row: element('div', { className: 'part' }, element('div', { className: 'row' }, element('label', { for: id }, name), part.kind ?? ''), part.node) };
  });
  const order = ['name', 'cover', 'blur', 'depth'];
  parts.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  return { node: element('div', { className: 'parts' }, ...parts.map(p => p.row)), update(v) { value = v; parts.forEach(p => p.update(v?.[p.name])); } };
}

// Text for what no other input shows, as in a configuration file.
function written(schema, label, change) {
  const { says, ...rest } = label;
  const node = element('input', { type: 'text', autocomplete: 'off', spellcheck: 'false', ...rest, 'aria-label': `${says}, as text` });
  node.addEventListener('input', () => { const v = read(node.value); change(typeof v === 'string' && schema.type !== 'string' ? { typed: node.value } : v); });
  return { node, update(v) { if (!busy(node)) node.value = text(v); } };
}

// The law of a choice: its values, and their odds if they are not all alike.
function choices(label, change) {
  const { says, ...rest } = label;
  const [values, odds] = ['one of', 'odds'].map((name, i) => element('input',
    { type: 'text', autocomplete: 'off', spellcheck: 'false', ...rest, id: i ? undefined : rest.id, 'aria-label': `${says}, ${name}`, placeholder: i ? 'all alike' : undefined }));
  const told = () => {
    const choice = read(values.value), some = odds.value.trim() !== '', numbers = some ? read(odds.value) : [];
    if (Array.isArray(choice) && Array.isArray(numbers)) change({ choice, ...(some ? { odds: numbers } : {}) });
    else change({ typed: `{choice: ${values.value}${some ? `, odds: ${odds.value}` : ''}}` });
  };
  for (const n of [values, odds]) n.addEventListener('input', told);
  const word = name => element('span', { 'aria-hidden': 'true' }, name);
  return {
    node: element('span', { className: 'choices' }, word('one of'), values, word('odds'), odds),
    update(v) {
      if (!isLaw(v)) return;
      if (!busy(values)) values.value = text(v.choice);
      if (!busy(odds)) odds.value = v.odds ? text(v.odds) : '';
    },
  };
}

// A value, or the law by which every image draws it; kind is a select that says which.
function lawful(schema, label, change, short) {
  const shape = bare(schema), laws = lawsOf(shape);
  const kind = element('select', { className: 'kind', 'aria-label': `${label.says}, value or law` },
    ...['value', ...laws, 'text'].map(k => element('option', { value: k, hidden: k === 'text' && shape.type !== 'array' }, k.replace('_', '-'))));
  const node = element('div', { className: 'lawful' });
  let form, inner, now, mine, from; // mine: what was entered here; from: the value that the law began with
  const enter = v => { mine = v; change(v); };
  const show = k => {
    if (k === form) return;
    kind.value = form = k;
    const edit = v => { from = undefined; enter(v); };
    if (k === 'value') inner = input(shape, label, edit, short);
    else if (k === 'text') inner = written(shape, label, edit);
    else if (k === 'choice') inner = choices(label, edit);
    else {
      const ends = pair({ items: { type: 'number' } }, label, v => edit(v.typed === undefined ? { [k]: v } : { typed: `{${k}: ${v.typed}}` }), kinds[k]);
      inner = { node: ends.node, update: v => ends.update(v[k]) };
    }
    node.classList.toggle('law', k !== 'value');
    node.replaceChildren(inner.node);
  };
  kind.addEventListener('change', () => {
    const v = from ?? plain(now, shape), k = kind.value;
    show(k);
    from = v;
    enter(k === 'text' ? now : k === 'value' ? v : start(k, v, shape));
  });
  show('value');
  return {
    node, kind,
    update(v) {
      now = v;
      if (!same(v, mine)) {
        mine = from = undefined;
        const k = kindOf(v);
        show(laws.includes(k) ? k : v === undefined || v?.typed === '' || fits(v, shape) ? 'value' : 'text');
      }
      inner.update(v);
    },
  };
}

// label: attributes of the input, and says, its name in words. plain: without a slider.
export function input(schema, label, change, plain = false) {
  if (schema.anyOf) return lawful(schema, label, change, plain);
  const { says, ...rest } = label;
  if (schema.type === 'array' && schema.maxItems === 2 && schema.minItems === 2) return pair(schema, label, change);
  if (schema.type === 'array') return list(schema, label, change, i => `${says.split(' ').at(-1)} ${i < 0 ? 'entry' : i + 1}`);
  if (schema.type === 'object') return group(schema, label, change);
  if (schema.type === 'boolean') return toggle(rest, change);
  if (schema.enum) return choice(schema, rest, change);
  if (schema.type === 'string') return words(schema, rest, change);
  if (plain || !('minimum' in schema)) return number(schema, rest, change);
  return slider(schema, label, change);
}
