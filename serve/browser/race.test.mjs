// Answers and pictures that come when something else has been asked for.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { agrees, here, serve, settled, shown, visit } from './harness.mjs';

let server;
before(async () => { server = await serve(['--seed', '5']); });
after(() => server.close());

const rMin = '[data-path="leaves.r_min"] input[type=number]';

// In the page: answers ("fetch ADDRESS") and decoded pictures ("decode") come when a test
// lets them, so that what is late is late on every machine.
function gates() {
  window.held = {};
  const pass = what => {
    const pattern = Object.keys(window.held).find(p => new RegExp(p).test(what));
    return pattern === undefined ? undefined : new Promise(go => window.held[pattern].push(go));
  };
  const { fetch } = window;
  window.fetch = async (address, options) => {
    const answer = await fetch(address, options);
    await pass(`fetch ${answer.url}`);
    options?.signal?.throwIfAborted();
    return answer;
  };
  const { decode } = HTMLImageElement.prototype;
  HTMLImageElement.prototype.decode = async function () {
    await decode.call(this);
    await pass('decode');
  };
}
const hold = (page, pattern) => page.evaluate(p => { window.held[p] = []; }, pattern);
const held = (page, pattern) => page.waitForFunction(p => window.held[p].length > 0, pattern);
const release = (page, pattern) => page.evaluate(p => { const all = window.held[p]; delete window.held[p]; all.forEach(go => go()); }, pattern);

async function open() {
  const v = await visit(server.url + '/?size=64&seed=5&preset=dead-leaves');
  await settled(v.page);
  await v.page.evaluate(gates);
  await v.page.evaluate(() => document.querySelectorAll('details').forEach(d => { d.open = true; }));
  return v;
}

test('a picture that is decoded late does not pass for the one that was asked for since', async () => {
  const v = await open(), { page } = v;
  const before = await shown(page, 0);
  await hold(page, '^decode');
  await page.fill(rMin, '4');
  await page.waitForFunction(() => window.held['^decode'].length >= document.querySelectorAll('.frame').length);
  await hold(page, '^fetch .*/images/');
  await page.fill(rMin, '20');
  await held(page, '^fetch .*/images/');
  await release(page, '^decode');
  await page.evaluate(() => new Promise(done => setTimeout(done, 400))); // for what must not happen
  assert.equal(await page.locator('.frame:not(.loading)').count(), 0, 'images of before pass for these');
  await release(page, '^fetch .*/images/');
  assert.notEqual(await agrees(page, 0), before);
  await v.close();
});

test('what the server found good in the meantime is not what the controls say now', async () => {
  const v = await open(), { page } = v;
  await hold(page, '^fetch .*/command');
  await page.fill(rMin, '4');
  await held(page, '^fetch .*/command');
  // One step of the page: the check of before is answered while the next one has not begun.
  const [busy, address] = await page.evaluate(async selector => {
    const box = document.querySelector(selector);
    box.value = '6';
    box.dispatchEvent(new Event('input', { bubbles: true }));
    window.held['^fetch .*/command'].splice(0).forEach(go => go());
    await new Promise(done => setTimeout(done, 60));
    return [document.getElementById('grid').getAttribute('aria-busy'), location.href];
  }, rMin);
  assert.equal(busy, 'true');
  assert.ok(!address.includes('r_min'), address);
  await release(page, '^fetch .*/command');
  await agrees(page, 0);
  assert.ok((await here(page)).includes('r_min%3D6'));
  await v.close();
});
