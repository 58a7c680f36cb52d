// Controls, presets, ablations and addresses: what the page shows is what the command line
// renders.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { agrees, desktop, fileIn, flagsOf, generate, here, rendered, serve, settled, shown, visit } from './harness.mjs';

let server;
before(async () => { server = await serve(['--seed', '5']); });
after(() => server.close());

const small = '/?size=96&seed=5&preset=dead-leaves-pp&set=paint.noise.largest_tile%3D64';
const field = path => `[data-path="${path}"]`;
const openAll = async page => {
  await settled(page); // before that there are no controls
  await page.evaluate(() => document.querySelectorAll("details").forEach(d => { d.open = true; }));
};

test('controls of every kind change the pixels as the command line renders them', async () => {
  const v = await visit(server.url + small), { page } = v;
  let last = await agrees(page, 2);
  await openAll(page);
  const steps = {
    'a number': () => page.fill(`${field('leaves.r_min')} input[type=number]`, '4'),
    'a slider': async () => { await page.focus(`${field('leaves.alpha')} input[type=range]`); for (let i = 0; i < 40; i++) await page.keyboard.press('ArrowLeft'); },
    'a switch': () => page.check(`${field('develop.grey')} input`),
    'the switch back': () => page.uncheck(`${field('develop.grey')} input`),
    'a choice': () => page.selectOption(`${field('blur.kind')} .lawful select`, 'lens'),
    'a choice of numbers': () => page.selectOption(`${field('paint.noise.largest_tile')} .lawful select`, '128'),
    'an interval': () => page.fill(`${field('paint.sin.period')} input >> nth=1`, '9'),
    'a list, shorter': () => page.click(`${field('outline.per_image')} button:text("Remove") >> nth=0`),
    'an entry of a list': () => page.selectOption(`${field('outline.per_image')} .lawful select`, 'disk'),
    'a list, longer': async () => { await page.click(`${field('outline.per_image')} button:text("Add")`); await page.selectOption(`${field('outline.per_image')} .lawful select >> nth=1`, 'rectangle'); },
    'a list of intervals': async () => { await page.click(`${field('paint.noise.slopes')} button:text("Add")`); await page.fill(`${field('paint.noise.slopes')} .item:nth-child(2) input >> nth=1`, '3.5'); },
    'a layer': () => page.fill(`${field('layers')} [aria-label="layers 1, cover"]`, '0.9'),
    'fewer layers': () => page.click('button[aria-label="Remove layers 2"]'),
    'the seed': () => page.fill('#seed', '18446744073709551615'),
    'the width': () => page.fill('#image-width', '80'),
  };
  for (const [what, act] of Object.entries(steps)) {
    await act();
    const now = await agrees(page, 2);
    // An image may happen to draw nothing of what some controls are about.
    if (!/list|interval|numbers|layer/.test(what)) assert.notEqual(now, last, `${what} changed nothing`);
    last = now;
  }
  assert.equal(new URL(await here(page)).searchParams.get('size'), '80x96');
  await v.close();
});

test('an address opened in a fresh profile shows the same pixels and controls', async () => {
  const query = `?size=72x64&seed=3&at=40&preset=dead-leaves&set=leaves.r_min%3D2.5&set=${encodeURIComponent('layers=[{name: "it\'s", cover: 0.5, blur: 1, depth: 0.25}, {name: back, cover: 1, blur: 0, depth: 1}]')}&b.preset=grey&b.set=leaves.alpha%3D2`;
  const v = await visit(`${server.url}/${query}`);
  await openAll(v.page);
  await v.page.click('#side-a');
  await v.page.fill(`${field('leaves.r_max')} input[type=number]`, '80');
  const first = [await agrees(v.page, 41, 'a'), await agrees(v.page, 41, 'b')];
  const address = await here(v.page);
  await v.close();
  const again = await visit(address);
  assert.deepEqual([await shown(again.page, 41, 'a'), await shown(again.page, 41, 'b')], first);
  assert.equal(await here(again.page), address);
  assert.equal(await again.page.inputValue(`${field('leaves.r_max')} input[type=number]`), '80');
  assert.equal(await again.page.inputValue('[aria-label="layers 1, name"]'), "it's");
  await again.close();
});

test('presets, ablations, marks, undo and reset', async () => {
  const v = await visit(`${server.url}/?size=64`), { page } = v;
  await settled(page);
  await page.selectOption('#preset', 'dead-leaves');
  await agrees(page, 0);
  assert.match(await page.textContent('#about'), /classical/);
  await page.selectOption('#preset', 'no-texture');
  for (const property of ['geometry', 'depth', 'colour', 'gradient']) {
    await page.click(`.switch${field(`properties.${property}`)}`);
    await agrees(page, 1);
    assert.equal(await page.getAttribute(`.switch${field(`properties.${property}`)}`, 'aria-pressed'), 'false');
  }
  await page.click('.switch:text("texture")'); // on again: differs from this preset too
  await agrees(page, 1);
  assert.match(await page.textContent('#changes'), /^5 fields differ/);
  await openAll(page);
  await page.fill(`${field('leaves.r_min')} input[type=number]`, '7');
  await settled(page);
  assert.equal(await page.locator('.field.changed:not([data-path^="properties."])').count(), 1);
  await page.click(`${field('leaves.r_min')} .undo`);
  await settled(page);
  assert.equal(await page.locator('.field.changed:not([data-path^="properties."])').count(), 0);
  await page.click('#reset');
  await agrees(page, 1);
  assert.equal(new URL(await here(page)).searchParams.getAll('set').length, 0);
  assert.equal(new URL(await here(page)).searchParams.get('preset'), 'no-texture');
  await v.close();
});

test('two configurations side by side, at the same seed', async () => {
  const v = await visit(`${server.url}/?size=64&preset=dead-leaves`), { page } = v;
  const alone = await shown(page, 0);
  await page.check('#compare');
  await settled(page);
  assert.equal(await shown(page, 0, 'a'), alone);
  assert.equal(await shown(page, 0, 'b'), alone);
  await page.selectOption('#preset', 'no-depth');
  await page.fill('#seed', '77');
  const a = await agrees(page, 3, 'a'), b = await agrees(page, 3, 'b');
  assert.notEqual(a, b);
  assert.equal(flagsOf(await here(page), 'a')[5], 'dead-leaves');
  await page.uncheck('#compare');
  assert.equal(await agrees(page, 3), a);
  assert.ok(!(await here(page)).includes('b.preset'));
  await v.close();
});

test('what is no configuration is told in a sentence, and the images stay', async () => {
  const v = await visit(`${server.url}/?size=64&preset=dead-leaves`, desktop, [400]), { page } = v;
  const good = await shown(page, 0), address = await here(page);
  await openAll(page);
  for (const [path, value, sentence] of [
    ['leaves.r_min', '700', 'leaves.r_min: 700 exceeds leaves.r_max = 500; lower one or raise the other'],
    ['leaves.alpha', '-1', 'leaves.alpha: -1 is out of range; give a number from 0 to 10'],
    ['leaves.alpha', '', 'the value is missing'],
  ]) {
    const box = page.locator(`${field(path)} input[type=number]`), old = await box.inputValue();
    await box.fill(value);
    await page.waitForFunction(s => document.getElementById('error').textContent.includes(s), sentence);
    assert.ok((await page.textContent(`${field(path)} .bad`)).includes(sentence), path);
    assert.equal(await box.getAttribute('aria-invalid'), 'true');
    assert.equal(await here(page), address);
    await box.fill(old);
    await settled(page);
    await page.waitForFunction(() => document.getElementById('error').textContent === '');
    assert.equal(await box.getAttribute('aria-invalid'), null);
  }
  await page.fill('#seed', 'seven');
  await page.waitForFunction(() => document.getElementById('error').textContent.includes('is no seed'));
  await page.fill('#seed', '5');
  assert.equal(await shown(page, 0), good);
  await v.close();
  const bad = await visit(`${server.url}/?size=64&preset=dead-leaves&set=leaves.r_mni%3D3`, desktop, [400]);
  await bad.page.waitForFunction(() => document.getElementById('error').textContent.includes('no field'));
  await bad.page.click('#reset');
  assert.equal(await shown(bad.page, 0), await rendered(['--size', '64', '--seed', '5', '--preset', 'dead-leaves'], 0));
  await bad.close();
});

test('the page of a server that was started otherwise shows its configuration', async () => {
  const other = await serve(['--preset', 'flat', '--set', 'leaves.r_min=6', '--size', '48x40', '--seed', '12']);
  const v = await visit(other.url + '/');
  await agrees(v.page, 1);
  assert.deepEqual(flagsOf(await here(v.page)), ['--size', '48x40', '--seed', '12', '--preset', 'flat', '--set', 'leaves.r_min=6']);
  assert.ok(fileIn(generate(flagsOf(await here(v.page)), 1), 1).length > 100);
  await v.close();
  await other.close();
});
