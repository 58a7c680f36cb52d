// Asks for what the server makes: a few requests at once, those at the front first, and
// takes back what nobody wants any more.

const most = 6; // a browser opens no more connections to one host
let running = 0;
let waiting = [];

export class Refused extends Error {
  constructor(status, message) { super(message); this.status = status; }
}

const pause = (ms, signal) => new Promise((done, fail) => {
  const timer = setTimeout(done, ms);
  signal?.addEventListener('abort', () => { clearTimeout(timer); fail(signal.reason); }, { once: true });
});

// Fetches, and comes again when the server is busy.
export async function get(url, signal) {
  for (let wait = 1000; ; wait = Math.min(2 * wait, 8000)) {
    const answer = await fetch(url, { signal, credentials: 'same-origin' });
    if (answer.ok) return answer;
    const message = (await answer.text()).trim();
    if (answer.status !== 503) throw new Refused(answer.status, message);
    await pause(wait, signal);
  }
}

function next() {
  while (running < most && waiting.length) {
    const job = waiting.shift();
    if (job.signal.aborted) continue;
    running++;
    get(job.url, job.signal).then(a => a.blob()).then(job.done, job.fail).finally(() => { running--; next(); });
  }
}

// Loads an image as a blob when its turn comes.
export function load(url, signal) {
  return new Promise((done, fail) => {
    waiting = waiting.filter(j => !j.signal.aborted);
    waiting.push({ url, signal, done, fail });
    next();
  });
}
