// Laws: what every image draws for itself, in the controls, the address, the switches and the large view.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { agrees, desktop, here, serve, settled, shown, until, visit } from './harness.mjs';

let server;
before(async () => { server = await serve(['--seed', '5']); });
after(() => server.close());

const flat = '/?size=64&seed=5&preset=dead-leaves';
const field = path => `[data-path="${path}"].field`;
const kind = path => `select[aria-label="${path}, value or law"]`;
const sets = async page => new URL(await here(page)).searchParams.getAll('set');
const openAll = async page => {
  await settled(page); // before that there are no controls
  await page.evaluate(() => document.querySelectorAll('details').forEach(d => { d.open = true; }));
};
const numbers = (page, path) => page.locator(`${field(path)} input[type=number]`).evaluateAll(all => all.map(n => Number(n.value)));

test('the laws of a number: made, changed, rendered as the command line renders them, and undone', async () => {
  const v = await visit(server.url + flat), { page } = v;
  await openAll(page);
  const plain = await agrees(page, 2), path = 'leaves.r_min';
  const box = name => page.getByRole('spinbutton', { name: `${path}, ${name}`, exact: true });
  assert.equal(await page.inputValue(kind(path)), 'value');
  assert.deepEqual(await numbers(page, path), [10]);
  for (const [law, first, second, begins, becomes] of [
    ['uniform', 'from', 'to', [5, 15], [20, 21]],
    ['log_uniform', 'from', 'to', [10.3, 41], [2, 30]],
    ['normal', 'mean', 'deviation', [7.75, 1.94], [40, 0.5]],
  ]) {
    await page.selectOption(kind(path), law);
    assert.deepEqual(await numbers(page, path), begins);
    await agrees(page, 2);
    await box(first).fill(String(becomes[0]));
    await box(second).fill(String(becomes[1]));
    assert.notEqual(await agrees(page, 2), plain, `${law} changed nothing`);
    assert.deepEqual(await sets(page), [`${path}={${law}: [${becomes.join(', ')}]}`]);
    assert.match(await page.textContent('#changes'), /^1 field differs/);
  }
  await page.selectOption(kind(path), 'choice');
  await page.getByRole('textbox', { name: `${path}, one of` }).fill('[3, 44, 5]');
  await page.getByRole('textbox', { name: `${path}, odds` }).fill('[0, 1, 0]');
  await agrees(page, 2);
  assert.deepEqual(await sets(page), [`${path}={choice: [3, 44, 5], odds: [0, 1, 0]}`]);
  await page.getByRole('textbox', { name: `${path}, odds` }).fill('');
  await agrees(page, 2);
  assert.deepEqual(await sets(page), [`${path}={choice: [3, 44, 5]}`]);
  await page.click(`${field(path)} .undo`);
  assert.equal(await agrees(page, 2), plain);
  assert.equal(await page.inputValue(kind(path)), 'value');
  assert.deepEqual(await numbers(page, path), [10]);
  assert.ok(await page.evaluate(f => document.querySelector(f).contains(document.activeElement), field(path)), 'Undo lost the focus');
  assert.deepEqual(await sets(page), []);
  // With the keyboard alone, and back: the value is the one from before.
  await page.focus(kind(path));
  for (const law of ['uniform', 'log_uniform', 'normal', 'choice']) {
    await page.keyboard.press('ArrowDown');
    assert.equal(await page.inputValue(kind(path)), law);
    await agrees(page, 1);
    assert.match((await sets(page))[0], new RegExp(`^${path}={${law}: \\[`));
  }
  await page.keyboard.press('Home');
  await settled(page);
  assert.deepEqual(await sets(page), []);
  assert.deepEqual(await numbers(page, path), [10]);
  await v.close();
});

test('every kind of field may have a law, and no other field', async () => {
  const v = await visit(`${server.url}/?size=64&seed=5&preset=dead-leaves-pp&set=paint.noise.largest_tile%3D64&set=leaves.r_min%3D6`), { page } = v;
  await openAll(page);
  const choose = async (path, law) => { await page.selectOption(kind(path), law); await agrees(page, 1); return (await sets(page)).at(-1); };
  assert.equal(await choose('blur.kind', 'choice'), 'blur.kind={choice: [gaussian, lens]}');
  assert.equal(await choose('properties.warp', 'choice'), 'properties.warp={choice: [true, false]}');
  assert.equal(await choose('paint.sin.period', 'choice'), 'paint.sin.period={choice: [[5, 100]]}');
  assert.equal(await choose('outline.per_image', 'choice'), 'outline.per_image={choice: [[polygon, mix]]}');
  assert.equal(await choose('paint.mix.flat_odds', 'log_uniform'), 'paint.mix.flat_odds={log_uniform: [0.05, 0.2]}');
  assert.equal(await choose('develop.blur_odds', 'uniform'), 'develop.blur_odds={uniform: [0, 0.1]}');
  assert.match(await choose('layers 1, cover', 'uniform'), /^layers=\[{name: foreground, cover: {uniform: \[0.135, 0.405\]}, blur: 1, depth: 0}, /);
  await page.fill('[aria-label="layers 1, cover, to"]', '0.9');
  await agrees(page, 1);
  assert.match((await sets(page)).at(-1), /cover: {uniform: \[0.135, 0.9\]}/);
  await page.fill('[aria-label="outline.per_image, one of"]', '[[disk], [rectangle, mix]]');
  await agrees(page, 1);
  await page.selectOption(kind('paint.noise.slopes'), 'text'); // a law within a list
  await page.fill('[aria-label="paint.noise.slopes, as text"]', '[[{uniform: [0.25, 1.5]}, 2.5]]');
  await agrees(page, 1);
  assert.equal((await sets(page)).at(-1), 'paint.noise.slopes=[[{uniform: [0.25, 1.5]}, 2.5]]');
  await page.selectOption(kind('paint.noise.slopes'), 'value');
  await agrees(page, 1);
  assert.equal((await sets(page)).at(-1), 'paint.noise.slopes=[[0.875, 2.5]]');
  assert.deepEqual(await page.locator(kind('blur.kind')).locator('option:not([hidden])').allTextContents(), ['value', 'choice']);
  for (const path of ['properties.depth', 'properties.colour', 'layers', 'layers 1, name', 'outline.polygon.reach', 'paint.noise.spectrum', 'develop.supersample', 'develop.grey']) {
    assert.equal(await page.locator(kind(path)).count(), 0, path);
  }
  await v.close();
});

const everything = [
  'properties.warp={choice: [true, false], odds: [3, 1]}',
  'leaves.alpha={normal: [3, 0.25]}',
  'leaves.r_min={log_uniform: [5, 30]}',
  'outline.per_image={choice: [[polygon], [disk, mix]]}',
  'layers=[{name: near, cover: {uniform: [0, 0.5]}, blur: {choice: [0, 1]}, depth: 0}, {name: far, cover: 1, blur: 0, depth: 1}]',
  'blur.sigma_max={uniform: [0.0000001, 2]}',
  'paint.mixing={choice: [lab, srgb]}',
  'paint.noise.slopes=[[{uniform: [0.25, 1.5]}, 2.5], [3, 3.5]]',
  'paint.noise.largest_tile={choice: [64, 128]}',
  'paint.sin.period=[5, {choice: [50, 100]}]',
];

async function showsEverything(page) {
  await openAll(page);
  const kinds = Object.fromEntries(await page.locator('select.kind').evaluateAll(all => all.filter(n => n.value !== 'value').map(n => [n.getAttribute('aria-label').split(', value')[0], n.value])));
  assert.deepEqual(kinds, {
    'properties.warp': 'choice', 'leaves.alpha': 'normal', 'leaves.r_min': 'log_uniform', 'outline.per_image': 'choice',
    'layers 1, cover': 'uniform', 'layers 1, blur': 'choice', 'blur.sigma_max': 'uniform', 'paint.mixing': 'choice',
    'paint.noise.slopes': 'text', 'paint.noise.largest_tile': 'choice', 'paint.sin.period': 'text',
  });
  const shows = Object.fromEntries(await page.locator('.law input').evaluateAll(all => all.map(n => [n.getAttribute('aria-label'), n.value])));
  assert.deepEqual(shows, {
    'properties.warp, one of': '[true, false]', 'properties.warp, odds': '[3, 1]', 'leaves.alpha, mean': '3', 'leaves.alpha, deviation': '0.25',
    'leaves.r_min, from': '5', 'leaves.r_min, to': '30', 'outline.per_image, one of': '[[polygon], [disk, mix]]', 'outline.per_image, odds': '',
    'layers 1, cover, from': '0', 'layers 1, cover, to': '0.5', 'layers 1, blur, one of': '[0, 1]', 'layers 1, blur, odds': '',
    'blur.sigma_max, from': '1e-7', 'blur.sigma_max, to': '2', 'paint.mixing, one of': '[lab, srgb]', 'paint.mixing, odds': '',
    'paint.noise.slopes, as text': '[[{uniform: [0.25, 1.5]}, 2.5], [3, 3.5]]', 'paint.noise.largest_tile, one of': '[64, 128]', 'paint.noise.largest_tile, odds': '',
    'paint.sin.period, as text': '[5, {choice: [50, 100]}]',
  });
}

test('an address with laws opened in a fresh profile shows the same pixels and controls', async () => {
  const query = new URLSearchParams({ size: '48', seed: '5', preset: 'dead-leaves-pp' });
  for (const s of everything) query.append('set', s);
  const address = `${server.url}/?${query}`;
  const v = await visit(address);
  await showsEverything(v.page);
  for (const index of [0, 1]) await agrees(v.page, index);
  assert.equal(await here(v.page), address);
  await v.page.fill('#seed', '6'); // which writes the address anew
  await settled(v.page);
  assert.deepEqual(await sets(v.page), everything);
  await v.page.click('#reset');
  await settled(v.page);
  assert.equal(await v.page.locator('.law').count(), 0);
  await v.close();
  // Good YAML that the page does not read stays as it is.
  const odd = 'leaves.alpha={uniform: [.5, +2]}';
  const w = await visit(`${server.url}${flat}&set=${encodeURIComponent(odd)}`);
  await agrees(w.page, 1);
  await w.page.fill('#seed', '6');
  await agrees(w.page, 1);
  assert.deepEqual(await sets(w.page), [odd]);
  assert.equal(await w.page.inputValue('[aria-label="leaves.alpha, as text"]'), '{uniform: [.5, +2]}');
  await w.close();
});

test('the page of a server that was started with laws shows them, and a preset without them has none', async () => {
  const other = await serve(['--size', '48', '--seed', '5', ...everything.flatMap(s => ['--set', s])]);
  const v = await visit(`${other.url}/`), { page } = v;
  await showsEverything(page);
  await agrees(page, 1);
  assert.deepEqual((await sets(page)).toSorted(), everything.toSorted());
  await page.selectOption('#preset', 'flat');
  await agrees(page, 1);
  assert.equal(await page.locator('.law').count(), 0);
  await v.close();
  await other.close();
});

test('what is no law is told at its field, and the images stay', async () => {
  const v = await visit(server.url + flat, desktop, [400]), { page } = v;
  const good = await shown(page, 0), address = await here(page);
  await openAll(page);
  const one = (law, inputs) => async path => { await page.selectOption(kind(path), law); for (const [name, words] of Object.entries(inputs)) await page.fill(`[aria-label="${path}, ${name}"]`, words); };
  for (const [path, act, sentence] of [
    ['leaves.r_min', one('uniform', { from: '30', to: '2' }), 'leaves.r_min: [30, 2] runs backwards; give the smaller number first'],
    ['leaves.r_min', one('uniform', { from: '' }), '"[...]" are no two numbers; a law is written {uniform: [lo, hi]}'],
    ['leaves.r_min', one('uniform', { to: '900' }), 'exceeds leaves.r_max = 500; lower one or raise the other (an image may draw this)'],
    ['leaves.r_min', one('normal', { deviation: '0' }), 'the deviation 0 of a normal law'],
    ['leaves.r_min', one('choice', { 'one of': '[1, 9000]' }), 'leaves.r_min.choice[1]: 9000 is out of range'],
    ['leaves.r_min', one('choice', { 'one of': '[1, ' }), 'leaves.r_min={choice: [1, }'],
    ['leaves.r_min', one('choice', { odds: '[1]' }), 'has 1 odds for 2 choices'],
    ['blur.kind', one('choice', { 'one of': '[lens, sharp]' }), '"sharp" is not known'],
    ['layers', () => one('uniform', { to: '0.5' })('layers 3, cover'), 'the last layer must cover everything'],
    ['paint.noise.slopes', one('text', { 'as text': '[[{uniform: [1, 3]}, 2]]' }), 'runs backwards'],
  ]) {
    await act(path);
    await page.waitForFunction(s => document.getElementById('error').textContent.includes(s), sentence);
    assert.ok((await page.textContent(`${field(path)} .bad`)).includes(sentence), `${path}: ${sentence}`);
    assert.equal(await page.locator(`${field(path)} input[aria-invalid=true]`).count() > 0, true);
    assert.equal(await here(page), address);
    await page.click(`${field(path)} .undo`);
    await page.waitForFunction(() => document.getElementById('error').textContent === '');
    assert.equal(await shown(page, 0), good);
    assert.equal(await page.locator('[aria-invalid], .law').count(), 0);
  }
  await v.close();
  // One of an address is shown as it stands there, and can be replaced.
  const bad = await visit(`${server.url}${flat}&set=${encodeURIComponent('leaves.r_min={triangular: [1, 2]}')}&set=${encodeURIComponent('leaves.alpha={uniform: 3}')}`, desktop, [400]);
  await bad.page.waitForFunction(() => document.getElementById('error').textContent.includes('laws are {uniform'));
  assert.ok((await bad.page.textContent(`${field('leaves.r_min')} .bad`)).includes('no law'));
  assert.equal(await bad.page.inputValue('[aria-label="leaves.r_min, as text"]'), '{triangular: [1, 2]}');
  assert.equal(await bad.page.inputValue('[aria-label="leaves.alpha, as text"]'), '{uniform: 3}');
  await bad.page.selectOption(kind('leaves.r_min'), 'uniform');
  await bad.page.selectOption(kind('leaves.alpha'), 'value');
  await agrees(bad.page, 0);
  assert.deepEqual(await sets(bad.page), ['leaves.r_min={uniform: [5, 15]}']);
  await bad.close();
});

test('the switch of a property that is drawn says so', async () => {
  const v = await visit(`${server.url}${flat}&set=${encodeURIComponent('properties.warp={choice: [true, false], odds: [3, 1]}')}&b.preset=grey`), { page } = v;
  await settled(page);
  const knob = page.locator('.switch[data-path="properties.warp"]');
  const says = async () => [await knob.getAttribute('aria-pressed'), await knob.textContent(), await knob.getAttribute('title')];
  const doc = 'false: no periodic map is displaced';
  assert.deepEqual(await says(), ['mixed', 'warp: drawn', `${doc}; every image draws it: {choice: [true, false], odds: [3, 1]}`]);
  await page.click('#side-b');
  assert.deepEqual(await says(), ['true', 'warp', doc]);
  await page.click('#side-a');
  assert.equal((await says())[0], 'mixed');
  await knob.click();
  await agrees(page, 0);
  assert.deepEqual(await says(), ['false', 'warp', doc]);
  assert.deepEqual(await sets(page), ['properties.warp=false']);
  await knob.click();
  await openAll(page);
  await page.selectOption(kind('properties.warp'), 'choice');
  assert.deepEqual((await says()).slice(0, 2), ['mixed', 'warp: drawn']);
  await agrees(page, 0);
  await v.close();
});

test('the large view tells what the image drew', async () => {
  const query = new URLSearchParams({ size: '64', seed: '5', preset: 'dead-leaves' });
  for (const s of ['leaves.r_min={log_uniform: [5, 30]}', 'outline.per_image={choice: [[disk], [disk, rectangle]]}', 'blur.kind={choice: [lens]}']) query.append('set', s);
  query.append('b.preset', 'grey');
  const v = await visit(`${server.url}/?${query}&open=1`), { page } = v;
  const told = new Set();
  let free;
  await page.route('**/images/2.json*', async route => { await new Promise(done => { free = done; }); await route.continue(); }, { times: 1 });
  for (const index of [1, 2]) {
    await page.waitForSelector(`dialog[data-ready="a ${index}"]`);
    const { draws } = await page.evaluate(async href => (await fetch(href)).json(), await page.getAttribute('.files a[download$=".json"]', 'href'));
    const words = `This image drew blur.kind = lens; leaves.r_min = ${Number(draws['leaves.r_min'].toPrecision(4))}; outline.per_image = [${draws['outline.per_image'].join(', ')}].`;
    assert.equal(await page.innerText('.draws'), words);
    told.add(words);
    await page.click('button:text("Next")');
    if (index > 1) continue;
    await until(() => free);
    assert.equal(await page.locator('.draws').isVisible(), false, 'what the image before drew is still told');
    free();
  }
  assert.equal(told.size, 2);
  await page.waitForSelector('dialog[data-ready="a 3"]');
  await page.click('button:text("Show B")');
  await page.waitForSelector('dialog[data-ready="b 3"]');
  assert.equal(await page.locator('.draws').isVisible(), false);
  assert.equal(await page.textContent('.draws'), '');
  await v.close();
});
