import { Ablations, Controls } from './controls.js';
import { Dialog, copy } from './dialog.js';
import { chunk, Grid, lastImage } from './grid.js';
import { element, input } from './inputs.js';
import { get, Refused } from './loader.js';
import { describe, facts, leafAt, mark } from './probe.js';
import { address, read, readPresets, serverQuery, Side } from './state.js';

const $ = id => document.getElementById(id);
let state, presets, schema, grid, controls, ablations, dialog, size;
let refused = false; // whether the server found what the controls say no configuration
let queries = {}; // of the sides as shown: the state as far as the server found it good

const side = () => state[state.active];

function tell(error) {
  const lost = error instanceof Refused && error.status === 401;
  $('error').textContent = lost ? 'This server wants its token: open /?token=TOKEN once.' : error.message;
}

// Takes a changed state: the controls follow at once, the images when the server finds
// that it is a configuration.
let timer, checking;
function changed() {
  refresh();
  $('grid').setAttribute('aria-busy', 'true'); // from now on, though it is applied later
  clearTimeout(timer);
  checking?.abort(); // it would find good what is no longer what the controls say
  timer = setTimeout(apply, 150);
}

async function apply(scroll = false) {
  clearTimeout(timer);
  $('grid').setAttribute('aria-busy', 'true');
  checking?.abort();
  const { signal } = checking = new AbortController();
  const sides = state.compare ? ['a', 'b'] : ['a'], next = {};
  const complaints = { a: [], b: [] };
  try {
    for (const which of sides) {
      next[which] = serverQuery(state, which);
      try {
        if (state[which].problem) throw new Refused(400, state[which].problem);
        await get(`/command?${next[which]}`, signal);
      } catch (error) {
        if (!(error instanceof Refused) || error.status === 401) throw error;
        complaints[which] = error.message.split('; ').reduce((list, part) => {
          // A semicolon within a sentence does not begin another.
          if (list.length && !/^[a-z0-9_.[\]]+[:=]/.test(part)) list[list.length - 1] += `; ${part}`;
          else list.push(part);
          return list;
        }, []);
      }
    }
  } catch (error) {
    if (signal.aborted) return; // a later call goes on
    $('grid').setAttribute('aria-busy', 'false'); // the images are those before
    tell(error);
    return;
  }
  $('grid').setAttribute('aria-busy', 'false');
  controls.problems(complaints[state.active]);
  const sentences = sides.flatMap(w => complaints[w].map(c => (state.compare ? `${w.toUpperCase()}: ${c}` : c)));
  $('error').textContent = sentences.join('\n');
  refused = sentences.length > 0;
  if (refused) return;
  leave(); // what was told is of the images before
  if (queries.a) $('readout').textContent = ''; // at the start it says what to do
  queries = next;
  history.replaceState(null, '', address(state));
  grid.show(state, scroll === true);
  more();
}

// Brings everything but the images up to the state.
function refresh() {
  const s = side(), preset = presets.get(s.preset);
  $('preset').value = s.preset;
  $('about').textContent = preset.about;
  $('sides').hidden = !state.compare;
  for (const w of ['a', 'b']) $(`side-${w}`).setAttribute('aria-pressed', String(state.active === w));
  $('compare').checked = state.compare;
  for (const [id, value] of [['seed', state.seed], ['at', state.at]]) if (document.activeElement !== $(id)) $(id).value = value;
  const n = s.changes.size;
  $('changes').textContent = n ? `${n} ${n === 1 ? 'field differs' : 'fields differ'} from the preset.` : 'As in the preset.';
  $('reset').disabled = n === 0;
  size.forEach(f => f.update());
  controls.update();
  ablations.update();
}

const host = {
  change(path, value) { side().set(path, value); changed(); },
  get: path => side().get(path),
  base: path => side().base.get(path),
};

function url(which, index, ending = 'png') { return `/images/${index}.${ending}?${queries[which]}`; }

// Tells the leaf at a point of an image. Labels are asked for only when the pointer rests.
let asked = 0, marked = null, rest;
function point(cell, which, x, y, tapped) {
  const mine = ++asked;
  clearTimeout(rest);
  rest = setTimeout(async () => {
    try {
      const about = await facts(ending => url(which, cell.index, ending));
      if (mine !== asked) return;
      const leaf = leafAt(about, x, y), { frame } = cell.pictures[which];
      if (marked && marked !== frame) mark(marked, null, null);
      mark(marked = frame, about, leaf);
      const where = `Image ${cell.index}${state.compare ? ` ${which.toUpperCase()}` : ''}: `;
      $('readout').textContent = leaf ? where + describe(about, leaf) + (tapped ? ' · tap again to open' : '') : '';
    } catch (error) { tell(error); }
  }, kept(which, cell) ? 0 : 60);
  if (!kept(which, cell)) $('readout').textContent = `Image ${cell.index}: making its labels…`;
  lastProbed = url(which, cell.index);
}
let lastProbed = '';
const kept = (which, cell) => lastProbed === url(which, cell.index);

function leave() {
  asked++;
  clearTimeout(rest);
  if (marked) mark(marked, null, null);
}

let note;
function shown(index) {
  if (index === state.at || !queries.a) return;
  state.at = index;
  if (document.activeElement !== $('at')) $('at').value = index;
  clearTimeout(note); // browsers allow few changes of the address a second
  note = setTimeout(() => { if (!refused) history.replaceState(null, '', address(state)); }, 250);
}

function open(index, which) {
  Object.assign(state, { open: index, openSide: which });
  history.replaceState(null, '', address(state));
  dialog.show(which, index, state);
}

function more() {
  const first = Math.floor(state.at / chunk) * chunk;
  const button = (words, at) => {
    const b = element('button', { type: 'button' }, words);
    b.addEventListener('click', () => { state.at = at; refresh(); apply(true); });
    return b;
  };
  $('more').replaceChildren(...(first > 0 ? [button(`Images from ${first - chunk}`, first - chunk)] : []), ...(first + chunk <= lastImage ? [button(`Images from ${first + chunk}`, first + chunk)] : []));
}

function listen() {
  $('seed').addEventListener('input', e => { state.seed = e.target.value.trim(); changed(); });
  $('at').addEventListener('change', e => {
    const n = Number(e.target.value);
    if (Number.isSafeInteger(n) && n >= 0 && n <= lastImage) { state.at = n; e.target.blur(); refresh(); apply(true); } else tell(new Error(`Image: give a whole number from 0 to ${lastImage}.`));
  });
  $('preset').addEventListener('change', e => { state[state.active] = new Side(presets, e.target.value); changed(); });
  $('reset').addEventListener('click', () => { state[state.active] = new Side(presets, side().preset); $('preset').focus(); changed(); });
  $('compare').addEventListener('change', e => {
    state.compare = e.target.checked;
    if (state.compare) state.b ??= state.a.clone();
    state.active = state.compare ? 'b' : 'a';
    refresh();
    apply();
  });
  for (const w of ['a', 'b']) $(`side-${w}`).addEventListener('click', () => { state.active = w; refresh(); apply(); });
  $('link').addEventListener('click', e => copy(e.currentTarget, location.href));
  $('fold').addEventListener('click', e => {
    const yes = document.body.classList.toggle('unfolded');
    e.currentTarget.setAttribute('aria-expanded', String(yes));
  });
}

// The fields of group image are the view's: both sides have one size.
function sizeFields() {
  return ['height', 'width'].map(name => {
    const s = schema.properties.image.properties[name];
    const field = input(s, { id: `image-${name}`, title: `image.${name}: ${s.minimum} to ${own.max_side} px here` }, v => { state[name] = v?.typed ?? v; changed(); }, true);
    // In the place of what the page has from the start, so that the header does not grow.
    document.querySelector(`[data-place="${name}"]`).replaceWith(element('label', {}, `${name[0].toUpperCase()}${name.slice(1)}, px `, field.node));
    return { update: () => field.update(state[name]) };
  });
}

let own;
async function start() {
  const [data, described] = await Promise.all(['/presets.json', '/schema.json'].map(u => get(u).then(a => a.json())));
  schema = described;
  own = data.own;
  presets = readPresets(data);
  state = read(location.search, presets, own);
  const order = data.presets[0].config;
  $('preset').append(...[...presets.keys()].map(name => element('option', {}, name)));
  size = sizeFields();
  controls = new Controls($('controls'), schema, order, host);
  ablations = new Ablations($('ablations'), schema.properties.properties, order.properties, host);
  grid = new Grid($('grid'), { url, shown, open, point, leave, failed: tell });
  dialog = new Dialog($('dialog'), {
    url,
    texts: (which, index) => ({ command: `/command?${queries[which]}&index=${index}`, yaml: `/config.yaml?${queries[which]}` }),
    step: by => { if (state.open + by >= 0 && state.open + by <= lastImage) open(state.open + by, state.openSide); },
    swap: () => open(state.open, state.openSide === 'a' ? 'b' : 'a'),
    closed: () => {
      const index = state.open;
      Object.assign(state, { open: null });
      history.replaceState(null, '', address(state));
      if (index === null) return;
      if (!grid.holds(index)) {
        state.at = index;
        refresh();
        apply(true);
      } else grid.focus(index);
    },
  });
  listen();
  refresh();
  document.body.classList.remove('starting');
  await apply(state.at > 0);
  if (state.open !== null && queries.a) open(state.open, state.openSide ?? 'a');
}

start().catch(error => {
  document.body.classList.remove('starting');
  document.body.classList.add('unfolded'); // the message is in the panel
  tell(error);
});
