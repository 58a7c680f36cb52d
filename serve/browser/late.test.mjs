// What comes late, not at all, or when something else is shown already; and the last
// image there is.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { agrees, desktop, here, serve, settled, shown, until, visit } from './harness.mjs';

let server;
before(async () => { server = await serve(['--seed', '5']); });
after(() => server.close());

const flat = '/?size=64&seed=5&preset=dead-leaves&set=leaves.r_min%3D3';
const last = 999999999999999;

// Holds back the answers to what matches; asked: resolves at the first; free lets them go.
async function hold(page, pattern) {
  let free, told;
  const gate = new Promise(done => { free = done; }), asked = new Promise(done => { told = done; });
  await page.route(pattern, async route => { told(); await gate; await route.continue().catch(() => {}); }); // taken back meanwhile
  return { free, asked };
}

// Lets the page do all that it was about to do.
const calm = page => page.evaluate(() => new Promise(done => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 200)));

// How many colours the large picture has. A copy is read, since browsers complain about
// canvases that are read more than once.
const colours = page => page.evaluate(() => {
  const canvas = document.querySelector('.large .picture'), { width, height } = canvas;
  const copy = new OffscreenCanvas(width, height).getContext('2d');
  copy.drawImage(canvas, 0, 0);
  const d = copy.getImageData(0, 0, width, height).data;
  return new Set(Array.from({ length: width * height }, (_, i) => d.slice(4 * i, 4 * i + 4).join())).size;
});

test('the last image is the last: in the address, the field, the buttons and the dialog', async () => {
  const v = await visit(`${server.url}${flat}&at=${last + 1}`), { page } = v;
  await settled(page);
  assert.ok(Number(await page.inputValue('#at')) <= last);
  await agrees(page, last);
  assert.equal(await page.evaluate(() => Math.max(...[...document.querySelectorAll('.cell')].map(c => Number(c.dataset.index)))), last);
  assert.deepEqual(await page.locator('#more button').allTextContents(), [`Images from ${last + 1 - 20000}`]);
  await page.fill('#at', String(last + 1));
  await page.keyboard.press('Enter');
  await page.waitForFunction(n => document.getElementById('error').textContent === `Image: give a whole number from 0 to ${n}.`, last);
  await page.focus(`.cell[data-index="${last}"]`);
  await page.keyboard.press('Enter');
  await page.waitForSelector(`dialog[data-ready="a ${last}"]`);
  await page.click('button:text("Next")');
  await calm(page);
  assert.equal(await page.textContent('#dialog-title'), `Image ${last}`);
  assert.equal(new URL(await here(page)).searchParams.get('open'), String(last));
  await v.close();
  const beyond = await visit(`${server.url}${flat}&open=${last + 1}`);
  await settled(beyond.page);
  await calm(beyond.page);
  assert.equal(await beyond.page.locator('dialog[open]').count(), 0);
  await beyond.close();
});

test('a label that somebody waits for is drawn when it comes, and the image does not take its place', async () => {
  const v = await visit(server.url + flat), { page } = v;
  await settled(page);
  const label = await hold(page, /\/images\/1\.id\.png/), image = await hold(page, /\/images\/1\.png/);
  await page.focus('.cell[data-index="1"]');
  await page.keyboard.press('Enter');
  await Promise.all([label.asked, image.asked]);
  await page.click('[data-view="id"]');
  assert.equal(await colours(page), 1);
  label.free();
  await until(async () => await colours(page) > 1);
  image.free();
  await page.waitForSelector('dialog[data-ready="a 1"]');
  assert.equal(await page.getAttribute('[data-view="id"]', 'aria-pressed'), 'true');
  assert.equal(await page.getAttribute('[data-view="image"]', 'aria-pressed'), 'false');
  await v.close();
});

test('nothing of an image that was shown before is drawn, said or told ready', async () => {
  const v = await visit(server.url + flat), { page } = v;
  await settled(page);
  await page.evaluate(() => {
    const { createImageBitmap: real } = window;
    window.decoding = 0;
    const gate = new Promise(done => { window.free = done; });
    window.createImageBitmap = async blob => { window.createImageBitmap = real; const made = await real(blob); window.decoding++; await gate; return made; };
  });
  await page.focus('.cell[data-index="1"]');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => window.decoding === 1); // the first stays in the decoder
  await page.click('button:text("Next")');
  await page.waitForSelector('dialog[data-ready="a 2"]');
  const drawn = () => page.evaluate(() => [...document.querySelectorAll('dialog canvas')].map(c => c.toDataURL()).concat(document.querySelector('.told').textContent, document.querySelector('pre').textContent));
  const before = await drawn();
  await page.evaluate(() => window.free());
  await calm(page);
  assert.deepEqual(await drawn(), before);
  const facts = await hold(page, /\/images\/3\.json/);
  await page.click('button:text("Next")');
  await facts.asked;
  assert.equal(await page.getAttribute('dialog', 'data-ready'), null);
  facts.free();
  await page.waitForSelector('dialog[data-ready="a 3"]');
  await v.close();
});

test('closing an image of the next ten thousand moves the grid there', async () => {
  const v = await visit(`${server.url}${flat}&open=9999`), { page } = v;
  await page.waitForSelector('dialog[data-ready="a 9999"]');
  await page.click('button:text("Next")');
  await page.waitForSelector('dialog[data-ready="a 10000"]');
  await page.keyboard.press('Escape');
  await page.waitForSelector('.cell[data-index="10000"]');
  await agrees(page, 10000);
  assert.equal(new URL(await here(page)).searchParams.get('at'), '10000');
  await v.close();
});

test('an image that failed is told, holds nobody up, and is tried again', async () => {
  const v = await visit(server.url + flat, desktop, [500]), { page } = v;
  const old = await shown(page, 2);
  await page.route(/\/images\/2\.png/, route => route.fulfill({ status: 500, body: 'the image cannot be made\n' }));
  await page.fill('#seed', '6');
  await page.waitForFunction(() => document.getElementById('error').textContent === 'the image cannot be made');
  await settled(page);
  assert.equal(await shown(page, 2), old);
  await page.unroute(/\/images\/2\.png/);
  await page.mouse.move(800, 500);
  await page.mouse.wheel(0, 40);
  await page.waitForSelector('.cell[data-index="2"] img[data-url*="seed=6"]');
  assert.notEqual(await agrees(page, 2), old);
  await v.close();
});

test('what is told of a leaf goes when the configuration changes, and does not come late', async () => {
  const v = await visit(server.url + flat), { page } = v;
  await settled(page);
  const point = async index => {
    const box = await page.locator(`.cell[data-index="${index}"] .frame`).boundingBox();
    await page.mouse.move(box.x + 0.4 * box.width, box.y + 0.6 * box.height);
  };
  const nothing = async () => {
    assert.equal(await page.textContent('#readout'), '');
    assert.equal(await page.locator('.mark').count(), 0);
  };
  await point(1);
  await page.waitForFunction(() => document.getElementById('readout').textContent.startsWith('Image 1: leaf '));
  assert.equal(await page.locator('.mark').count(), 1);
  await page.fill('#seed', '6');
  await settled(page);
  await nothing();
  const facts = await hold(page, /\/images\/0\.json/);
  await point(0);
  await facts.asked;
  await page.fill('#seed', '7');
  await settled(page);
  await nothing();
  const answered = page.waitForResponse(/\/images\/0\.json/);
  facts.free();
  await (await answered).finished();
  await calm(page);
  await nothing();
  await v.close();
});

test('the grid is busy until the server has found the controls good, or is out of reach', async () => {
  const v = await visit(server.url + flat, desktop, [401]), { page } = v;
  await settled(page);
  const busy = () => page.getAttribute('#grid', 'aria-busy');
  const command = await hold(page, /\/command\?/);
  await page.check('#compare');
  await command.asked;
  assert.equal(await busy(), 'true');
  command.free();
  await settled(page);
  await page.unrouteAll();
  await page.route(/\/command\?/, route => route.fulfill({ status: 401, body: 'no\n' }));
  await page.uncheck('#compare');
  await page.waitForFunction(() => document.getElementById('error').textContent.includes('wants its token'));
  assert.equal(await busy(), 'false');
  await v.close();
});
