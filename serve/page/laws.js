// Laws: what a field holds where every image draws its value for itself.

// The kinds of law, and what the two numbers of one are.
export const kinds = { uniform: ['from', 'to'], log_uniform: ['from', 'to'], normal: ['mean', 'deviation'], choice: null };

const named = v => (v !== null && typeof v === 'object' ? Object.keys(v).find((k, i) => i === 0 && Object.hasOwn(kinds, k)) : undefined);
export const isLaw = v => named(v) !== undefined;

// The kind of a law that is written as it should be.
export function kindOf(v) {
  const kind = named(v), list = Array.isArray(v?.[kind]) ? v[kind] : [], { odds, ...rest } = v ?? {};
  if (kind === 'choice') return list.length && Array.isArray(odds ?? []) && Object.keys(rest).length === 1 ? kind : undefined;
  return list.length === 2 && list.every(x => typeof x === 'number') && Object.keys(v).length === 1 ? kind : undefined;
}

export const holdsLaw = v => isLaw(v) || (Array.isArray(v) && v.some(holdsLaw));

// The schema of the plain values of a field that may have a law.
export function bare(schema) {
  const { anyOf, ...rest } = schema, all = anyOf ? { ...rest, ...anyOf[0] } : rest;
  return all.items?.anyOf ? { ...all, items: bare(all.items) } : all;
}

// The kinds of law for values of a bare schema.
export const lawsOf = schema => Object.keys(kinds).filter(k => k === 'choice' || ('minimum' in schema && schema.type !== 'array'));

// Whether a value is one that the usual inputs of a bare schema show.
export function fits(v, { type }) {
  if (type === 'array') return Array.isArray(v) && !holdsLaw(v);
  return typeof v === (type === 'integer' ? 'number' : type);
}

// A value in the midst of what a law draws.
function middle(v) {
  if (Array.isArray(v)) return v.map(middle);
  const kind = kindOf(v);
  if (!kind) return v;
  const [a, b] = v[kind];
  return kind === 'uniform' ? round((a + b) / 2) : kind === 'log_uniform' ? round(Math.sqrt(a * b)) : a;
}

export function plain(v, schema) {
  const m = middle(v);
  return fits(m, schema) ? m : schema.default ?? schema.minimum;
}

const round = x => Number(x.toPrecision(3));

// A law to begin with, about a plain value.
export function start(kind, v, schema) {
  const { type, minimum: lo, maximum: hi, enum: words } = schema;
  if (type === 'boolean') return { choice: [true, false] };
  if (words && type === 'string') return { choice: words };
  if (words) return { choice: words.slice(Math.max(0, words.indexOf(v) - 1)).slice(0, 2) };
  if (!lawsOf(schema).includes('uniform')) return { choice: [v] };
  const within = x => Math.max(lo, Math.min(hi, type === 'integer' ? Math.round(x) : round(x)));
  const reach = Math.abs(v) / 2 || (hi - lo) / 10;
  if (kind === 'normal') return { normal: [v, round(reach / 2)] };
  if (kind === 'log_uniform') return { log_uniform: v > 0 ? [within(v / 2), within(2 * v)] : [within(hi / 1000), within(hi / 10)] };
  return { [kind]: [within(v - reach), within(v + reach)] };
}
