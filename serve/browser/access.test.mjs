// Who can use the page, and what it costs: keyboard, contrast and names (axe), phones,
// layout shift, weight, and servers with a token.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axeSource, desktop, here, phone, serve, settled, visit } from './harness.mjs';

let server;
before(async () => { server = await serve(['--seed', '5']); });
after(() => server.close());

const flat = '/?size=64&seed=5&preset=dead-leaves';
const laws = ['leaves.r_min={normal: [12, 2]}', 'blur.kind={choice: [gaussian, lens]}', 'paint.sin.period=[{uniform: [5, 10]}, 100]', 'properties.warp={choice: [true, false], odds: [3, 1]}',
  'layers=[{name: near, cover: {log_uniform: [0.1, 0.5]}, blur: {choice: [0, 1]}, depth: 0}, {name: far, cover: 1, blur: 0, depth: 1}]']
  .map(s => `&set=${encodeURIComponent(s)}`).join('');

test('every control is reached by Tab, shows its focus, and lets it go', async () => {
  const v = await visit(`${server.url}${flat}&set=leaves.alpha%3D4${laws}&b.preset=grey`), { page } = v;
  await settled(page);
  await page.evaluate(() => document.querySelectorAll('details').forEach(d => { d.open = true; }));
  const wanted = await page.evaluate(() => {
    const all = [...document.querySelectorAll('a[href], button, input, select, summary')]
      .filter(n => n.tabIndex >= 0 && !n.disabled && n.checkVisibility({ checkVisibilityCSS: true }) && !n.closest('dialog'));
    all.forEach((n, i) => { n.dataset.stop = i; });
    return all.length;
  });
  const seen = new Set(), dim = [];
  for (let presses = 0; seen.size < wanted && presses < wanted + 20; presses++) {
    await page.keyboard.press('Tab');
    const { stop, ring, what } = await page.evaluate(() => {
      const n = document.activeElement, style = getComputedStyle(n);
      return { stop: n.dataset?.stop, ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2, what: n.outerHTML.slice(0, 90) };
    });
    if (stop !== undefined) {
      seen.add(stop);
      if (!ring) dim.push(what);
    }
  }
  assert.ok(wanted > 180, `${wanted} controls`);
  assert.equal(seen.size, wanted, 'controls out of reach');
  assert.deepEqual(dim, [], 'focus cannot be seen');
  await page.keyboard.press('Shift+Tab'); // and back out
  assert.notEqual(await page.evaluate(() => document.activeElement.dataset.stop), [...seen].at(-1));
  await page.focus('#preset');
  await page.keyboard.press('ArrowDown');
  await settled(page);
  await v.close();
});

for (const [device, options] of Object.entries({ desktop, phone })) {
  for (const colorScheme of ['light', 'dark']) {
    test(`axe finds nothing serious: ${device}, ${colorScheme}; nothing shifts, nothing spills`, async () => {
      const v = await visit(`${server.url}${flat}${laws}&b.preset=grey`, { ...options, colorScheme }), { page } = v;
      await settled(page);
      assert.ok(await page.evaluate(() => window.shifts) < 0.01, `the layout shifted by ${await page.evaluate(() => window.shifts)}`);
      if (device === 'phone') await page.click('#fold');
      await page.evaluate(() => document.querySelectorAll('details').forEach(d => { d.open = true; }));
      const check = async where => {
        await page.evaluate(`${axeSource}; undefined`);
        const found = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
        assert.deepEqual(found.violations.filter(x => ['serious', 'critical'].includes(x.impact))
          .map(x => `${where}: ${x.id}: ${x.nodes.length}: ${x.nodes[0].html.slice(0, 160)}: ${x.nodes[0].failureSummary.slice(0, 300)}`), []);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${where} is wider than the screen`);
      };
      await check('main view');
      await page.focus('.cell[data-index="0"]');
      await page.keyboard.press('Enter');
      await page.waitForSelector('dialog[data-ready]');
      await check('dialog');
      assert.ok(await page.evaluate(() => document.getElementById('dialog').scrollWidth <= document.getElementById('dialog').clientWidth), 'the dialog spills');
      await v.close();
    });
  }
}

for (const [device, options] of Object.entries({ desktop, phone })) {
  test(`nothing shifts where files come late and everything takes long: ${device}`, async () => {
    const v = await visit(server.url + flat, options), { page } = v;
    await (await v.context.newCDPSession(page)).send('Emulation.setCPUThrottlingRate', { rate: 6 });
    await page.route(/\/ui\/|\.json/, async route => { await new Promise(done => setTimeout(done, 200)); await route.continue(); });
    await page.reload();
    await settled(page);
    assert.ok(await page.evaluate(() => window.shifts) < 0.001, `the layout shifted by ${await page.evaluate(() => window.shifts)}`);
    assert.match(await page.textContent('#readout'), /^Point at an image/);
    await v.close();
  });
}

test('the page is light', async () => {
  const v = await visit(server.url + flat);
  await settled(v.page);
  const weight = await v.page.evaluate(() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .filter(e => !/\/images\/|^blob:/.test(e.name)).reduce((sum, e) => sum + e.decodedBodySize, 0));
  assert.ok(weight > 20_000 && weight < 200_000, `${weight} bytes`);
  console.log(`# the page has ${weight} bytes without images`);
  await v.close();
});

test('a server with a token: the page asks for it, takes it once, and forgets it in the address', async () => {
  const token = 'a-long-word-that-nobody-knows';
  const locked = await serve([], { LEAFLITTER_TOKEN: token });
  const out = await visit(locked.url + flat, desktop, [401]);
  await out.page.waitForFunction(() => document.getElementById('error').textContent.includes('wants its token'));
  assert.equal(await out.page.locator('.cell').count(), 0);
  await out.page.goto(`${locked.url}${flat}&token=${token}`);
  await settled(out.page);
  assert.ok(!(await here(out.page)).includes('token'));
  assert.equal(new URL(await here(out.page)).searchParams.get('preset'), 'dead-leaves');
  const [cookie] = await out.context.cookies();
  assert.ok(cookie.httpOnly && cookie.sameSite === 'Strict' && !cookie.value.includes(token));
  await out.page.reload();
  await settled(out.page);
  await out.close();
  await locked.close();
});
