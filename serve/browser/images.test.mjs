// The images themselves: scrolling, the leaves under the pointer, and one image large.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ids } from '../page/png.js';
import { agrees, binary, copied, decoded, desktop, fileIn, flagsOf, generate, here, phone, scratch, serve, settled, shown, visit } from './harness.mjs';

let server;
before(async () => { server = await serve(['--seed', '5']); });
after(() => server.close());

const flat = '/?size=64&seed=5&preset=dead-leaves';

// Waits until the page scrolls no more and its address says where it is.
const resting = page => page.waitForFunction(() => {
  const still = window.was === scrollY;
  window.was = scrollY;
  return still && new URLSearchParams(location.search).get('at') === document.getElementById('at').value;
}, null, { polling: 300 });

test('five hundred images scroll by with few nodes, and requests for what is gone are taken back', async () => {
  const v = await visit(`${server.url}/?size=128&seed=5&preset=dead-leaves`), { page } = v;
  await settled(page);
  let aborted = 0, asked = 0, most = 0;
  page.on('request', r => { if (r.url().includes('/images/')) asked++; });
  page.on('requestfailed', r => { if (r.failure()?.errorText === 'net::ERR_ABORTED') aborted++; });
  await page.mouse.move(800, 500);
  for (let last = -1; last < 500;) {
    await page.mouse.wheel(0, 900);
    await page.waitForTimeout(30); // a pace, not a wait for something: cells are to scroll away half loaded
    const seen = await page.evaluate(() => ({
      cells: document.querySelectorAll('.cell').length, nodes: document.querySelectorAll('#grid *').length,
      last: Math.max(...[...document.querySelectorAll('.cell')].map(c => Number(c.dataset.index))),
    }));
    most = Math.max(most, seen.nodes);
    assert.ok(seen.cells <= 48, `${seen.cells} cells`);
    last = seen.last;
  }
  await resting(page);
  await settled(page);
  const at = Number(new URL(await here(page)).searchParams.get('at'));
  assert.ok(at > 400 && most <= 4 * 48, `at ${at}, ${most} nodes`);
  await agrees(page, at + 4);
  assert.ok(await page.evaluate(() => window.shifts) < 0.01, 'the layout shifted');
  console.log(`# scrolled to ${at}: ${asked} images asked for, ${aborted} taken back, at most ${most} nodes`);
  const address = await here(page);
  await v.close();
  const again = await visit(address); // the address holds the place
  await settled(again.page);
  assert.equal(Number(await again.page.inputValue('#at')), at);
  await agrees(again.page, at + 1);
  await again.page.fill('#at', '123456');
  await again.page.keyboard.press('Enter');
  await again.page.waitForSelector('.cell[data-index="123456"]');
  await agrees(again.page, 123456);
  await again.close();
});

// What offline labels say of a point: the leaf's number.
async function leafOf(folder, index, x, y) {
  const label = await decoded(fileIn(folder, index, 'id.png'));
  return ids(label)[Math.floor(y * label.height) * label.width + Math.floor(x * label.width)];
}

test('the leaf under the pointer, the focus and the finger is the one of the label', async () => {
  const v = await visit(`${server.url}/?size=96&seed=5&set=paint.noise.largest_tile%3D64&set=leaves.r_min%3D5&preset=dead-leaves-pp`), { page } = v;
  await settled(page);
  const folder = generate([...flagsOf(await here(page)), '--labels', 'id'], 1);
  const facts = await page.evaluate(u => fetch(u).then(a => a.json()), `/images/1.json${new URL(await here(page)).search}`);
  const box = await page.locator('.cell[data-index="1"] .frame').boundingBox();
  for (const [x, y] of [[0.2, 0.3], [0.52, 0.51], [0.9, 0.1], [0.07, 0.93], [0.71, 0.66]]) {
    const id = await leafOf(folder, 1, x, y), [, layer, radius, paint] = facts.leaves.find(l => l[0] === id);
    await page.mouse.move(box.x + x * box.width, box.y + y * box.height);
    await page.waitForFunction(t => document.getElementById('readout').textContent === t,
      `Image 1: leaf ${id}, layer ${layer} (${facts.layers[layer]}), radius ${radius.toFixed(1)} px, paint ${paint}`);
  }
  assert.equal(await page.locator('.mark').count(), 1);
  await page.mouse.move(600, 20);
  await page.focus('.cell[tabindex="0"]');
  await page.keyboard.press('ArrowRight');
  const there = await leafOf(folder, 1, 0.5, 0.5);
  await page.waitForFunction(id => document.getElementById('readout').textContent.startsWith(`Image 1: leaf ${id},`), there);
  for (let i = 0; i < 6; i++) await page.keyboard.press('Shift+ArrowLeft');
  const left = await leafOf(folder, 1, 0.25, 0.5);
  await page.waitForFunction(id => document.getElementById('readout').textContent.startsWith(`Image 1: leaf ${id},`), left);
  await v.close();
  const mobile = await visit(`${server.url}/?size=96&seed=5&set=paint.noise.largest_tile%3D64&set=leaves.r_min%3D5&preset=dead-leaves-pp`, phone);
  await settled(mobile.page);
  await mobile.page.tap('.cell[data-index="1"] .frame');
  await mobile.page.waitForFunction(id => document.getElementById('readout').textContent.startsWith(`Image 1: leaf ${id},`), there);
  assert.equal(await mobile.page.locator('dialog[open]').count(), 0);
  await mobile.page.tap('.cell[data-index="1"] .frame');
  await mobile.page.waitForSelector('dialog[open]');
  await mobile.close();
});

test('an image large: labels as pictures, and a command line that makes the same bytes', async () => {
  const v = await visit(server.url + flat + '&set=leaves.r_min%3D3&b.preset=grey&b.set=' + encodeURIComponent('paint.noise.slopes=[[0, 1], [2, 2.5]]'), { ...desktop, permissions: ['clipboard-read', 'clipboard-write'] }), { page } = v;
  await settled(page);
  await page.focus('.cell[data-index="0"]');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  for (const which of ['a', 'b']) {
    await page.waitForSelector(`dialog[data-ready="${which} 1"]`);
    const line = await copied(page, 'Command line');
    const folder = scratch(), bin = join(folder, 'bin');
    mkdirSync(bin);
    symlinkSync(binary, join(bin, 'leaflitter'));
    execFileSync('sh', ['-c', `${line} --quiet`], { cwd: folder, env: { ...process.env, PATH: `${bin}:${process.env.PATH}` } });
    for (const ending of ['png', 'id.png', 'layer.png', 'depth.png', 'edge.png']) {
      const served = await page.evaluate(async href => [...new Uint8Array(await (await fetch(href)).arrayBuffer())], await page.getAttribute(`.files a[download="000001.${ending}"]`, 'href'));
      assert.ok(Buffer.from(served).equals(fileIn(join(folder, 'image-1'), 1, ending)), `${which} ${ending}`);
    }
    assert.match(await copied(page, 'Configuration (YAML)'), which === 'a' ? /r_min: 3 / : /grey: true/);
    for (const view of ['id', 'layer', 'depth', 'edge', 'image']) {
      await page.click(`[data-view="${view}"]`);
      const colours = await page.evaluate(() => {
        const canvas = document.querySelector('.large .picture'), d = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        return new Set(Array.from({ length: d.length / 4 }, (_, i) => d.slice(4 * i, 4 * i + 3).join())).size;
      });
      assert.ok(colours > (view === 'layer' || view === 'depth' ? 0 : 1), `${view} is one colour`);
    }
    if (which === 'a') await page.click('button:text("Show B")');
  }
  const box = await page.locator('.large').boundingBox();
  await page.mouse.move(box.x + 0.4 * box.width, box.y + 0.6 * box.height);
  const folder = generate([...flagsOf(await here(page), 'b'), '--labels', 'id'], 1);
  await page.waitForFunction(id => document.querySelector('.told').textContent.startsWith(`leaf ${id},`), await leafOf(folder, 1, 0.4, 0.6));
  const address = await here(page);
  assert.equal(new URL(address).searchParams.get('open'), '1b');
  await page.click('button:text("Next")');
  await page.waitForSelector('dialog[data-ready="b 2"]');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !document.getElementById('dialog').open && document.activeElement.dataset.index === '2');
  assert.ok(!(await here(page)).includes('open='));
  await v.close();
  const again = await visit(address);
  await again.page.waitForSelector('dialog[open][data-ready="b 1"]');
  assert.equal(await again.page.textContent('#dialog-title'), 'Image 1, side B');
  await again.close();
});

test('the first image', async () => {
  const times = [];
  for (let i = 0; i < 3; i++) {
    const v = await visit(`${server.url}/?size=256&seed=${i}`);
    await v.page.waitForFunction(() => performance.getEntriesByName('first-image').length);
    times.push(Math.round(await v.page.evaluate(() => performance.getEntriesByName('first-image')[0].startTime)));
    await shown(v.page, 0);
    await v.close();
  }
  console.log(`# the first image of 256 x 256 pixels shows after ${times.join(', ')} ms`); // told, not judged
});
