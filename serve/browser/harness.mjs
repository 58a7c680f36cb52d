// What the browser tests share: a real server, a real browser with a fresh profile, and
// the command line to compare with.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach } from 'node:test';
import { decode } from '../page/png.js';

const root = resolve(import.meta.dirname, '../..');
const require = createRequire(join(root, 'out/browser/package.json'));
const { chromium } = require('playwright-core');
export const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
export const binary = resolve(root, process.env.LEAFLITTER ?? 'bin/leaflitter-cpu');

const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
export const desktop = { viewport: { width: 1280, height: 860 } };
export const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

// How long to wait for anything: no judgement of how fast it is, since a shared machine can
// stall for half a minute.
const patience = 180_000;

export const scratch = () => mkdtempSync(join(tmpdir(), 'leaflitter-browser-'));

// Starts leaflitter serve on loopback; returns its address and how to end it.
export async function serve(args = [], env = {}) {
  const child = spawn(binary, ['serve', '--listen', '127.0.0.1:0', '--backend', 'cpu', ...args], { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
  const said = [];
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line);
    const found = /serving (http:\/\/127\.0\.0\.1:\d+)\//.exec(line);
    if (found) {
      child.stderr.resume();
      return { url: found[1], pid: child.pid, close: () => new Promise(done => { child.on('exit', done); child.kill(); }) };
    }
  }
  throw new Error(`the server did not start: ${said.join('\n')}`);
}

// Browsers that a test which failed has left open would slow down those after it.
const opened = new Set();
afterEach(async () => {
  await Promise.all([...opened].map(context => context.close()));
  opened.clear();
});

// Opens an address in a fresh profile. The page must log no error, and no request may fail
// or go elsewhere; expected: statuses that the test provokes.
export async function visit(address, options = desktop, expected = []) {
  const profile = scratch();
  const context = await chromium.launchPersistentContext(profile, { executablePath: '/usr/bin/chromium', args: flags, timeout: patience, ...options });
  opened.add(context);
  const page = context.pages()[0] ?? await context.newPage();
  page.setDefaultTimeout(patience);
  const trouble = [];
  page.on('console', m => {
    if ((m.type() === 'error' || m.type() === 'warning') && !expected.some(s => m.text().includes(`status of ${s}`))) trouble.push(`console: ${m.text()}`);
  });
  page.on('pageerror', e => trouble.push(`page: ${e.stack}`));
  page.on('requestfailed', r => { if (r.failure()?.errorText !== 'net::ERR_ABORTED') trouble.push(`${r.url()}: ${r.failure()?.errorText}`); });
  page.on('response', r => { if (r.status() >= 400 && !expected.includes(r.status())) trouble.push(`${r.url()}: ${r.status()}`); });
  page.on('request', r => { if (!r.url().startsWith(new URL(address).origin) && !r.url().startsWith('blob:')) trouble.push(`another host: ${r.url()}`); });
  await page.addInitScript(() => {
    window.shifts = 0;
    new PerformanceObserver(list => list.getEntries().forEach(e => { if (!e.hadRecentInput) window.shifts += e.value; })).observe({ type: 'layout-shift', buffered: true });
  });
  await page.goto(address);
  return {
    page, context,
    async close() {
      opened.delete(context);
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 }); // the browser may still be writing
      assert.deepEqual(trouble, [], address);
    },
  };
}

// Waits until the images show what the controls say.
export async function settled(page) {
  await page.waitForFunction(() => document.getElementById('grid')?.getAttribute('aria-busy') === 'false' &&
    document.querySelector('.frame') && !document.querySelector('.frame.loading'));
}

// Waits for a condition that the page alone cannot tell.
export async function until(ok) {
  for (const end = Date.now() + patience; !await ok();) {
    assert.ok(Date.now() < end, `it never came to this: ${ok}`);
    await new Promise(done => setTimeout(done, 50));
  }
}

// The address as the page has it: page.url() learns of replaceState a moment later.
export const here = page => page.evaluate(() => location.href);

// Presses a button that copies; returns what it has copied.
export async function copied(page, name) {
  await page.evaluate(() => navigator.clipboard.writeText(''));
  await page.click(`button[aria-label="Copy: ${name}"]`);
  return (await page.waitForFunction(() => navigator.clipboard.readText())).jsonValue();
}

const hash = numbers => createHash('sha256').update(Uint16Array.from(numbers)).digest('hex');

// The pixels that an image on the page shows, size and RGB, as a hash.
export async function shown(page, index, which = 'a') {
  await settled(page);
  await page.waitForFunction(({ index, which }) => document.querySelector(`.cell[data-index="${index}"] .frame[data-which="${which}"]:not(.loading) img`)?.naturalWidth > 0, { index, which });
  const rgb = await page.evaluate(({ index, which }) => {
    const img = document.querySelector(`.cell[data-index="${index}"] .frame[data-which="${which}"] img`);
    const canvas = new OffscreenCanvas(img.naturalWidth, img.naturalHeight), context = canvas.getContext('2d');
    context.drawImage(img, 0, 0);
    return [canvas.width, canvas.height, ...context.getImageData(0, 0, canvas.width, canvas.height).data.filter((_, i) => i % 4 < 3)];
  }, { index, which });
  return hash(rgb);
}

// The flags of the command line that an address stands for, read by itself.
export function flagsOf(address, which = 'a') {
  const query = new URL(address).searchParams, prefix = which === 'b' ? 'b.' : '';
  return ['--size', query.get('size'), '--seed', query.get('seed'), '--preset', query.get(`${prefix}preset`), ...query.getAll(`${prefix}set`).flatMap(s => ['--set', s])];
}

// Renders an image offline; returns the folder.
export function generate(args, index) {
  const folder = join(scratch(), 'made');
  execFileSync(binary, ['generate', '--quiet', '--backend', 'cpu', '-o', folder, '--start', String(index), '--count', '1', ...args], { encoding: 'utf8' });
  return folder;
}

export const fileIn = (folder, index, ending = 'png') => readFileSync(join(folder, `${String(index).padStart(6, '0')}.${ending}`));
export const decoded = buffer => decode(buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.length));

// The pixels of an image as the command line renders them, in the form of shown.
export async function rendered(args, index) {
  const image = await decoded(fileIn(generate(args, index), index));
  const rgb = image.channels === 3 ? [...image.data] : [...image.data].flatMap(v => [v, v, v]);
  return hash([image.width, image.height, ...rgb]);
}

// Checks that an image on the page is what the command line renders for its address.
export async function agrees(page, index, which = 'a') {
  const have = await shown(page, index, which);
  const address = await here(page);
  assert.equal(have, await rendered(flagsOf(address, which), index), `image ${index} ${which} of ${address} differs from the command line's`);
  return have;
}
