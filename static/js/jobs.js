// The feed: one socket for all own jobs of a page, or polling when there is none; both bring the same JSON. It is told
// on as events of the document: "jobs:snapshot" (all of them) and "jobs:state" (one). <job-card> shows one job.
import { young } from "./young.js";

const OPEN_WITHIN = 2500; // ms; a proxy that swallows sockets says nothing at all
const POLL_EVERY = 1000;
const POLL_IDLE = 5000;
const LONGEST_WAIT = 15000;
const NOT_FOUND = 4404;
const OVER = new Set(["done", "failed", "cancelled"]);

// A translated sentence with its {names} filled in.
function fill(words, values) {
  return words.replace(/\{(\w)\}/g, (_whole, name) => values[name]);
}

function tell(name, detail) {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}

const feed = {
  start({ feed: address, poll }) {
    if (this.address) return;
    this.address = new URL(address, location.href);
    this.address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.pollAddress = poll;
    this.tries = 0;
    this.listen();
    addEventListener("pageshow", (event) => event.persisted && this.listen());
    document.addEventListener("visibilitychange", () => !document.hidden && !this.isOpen && this.poll());
  },

  get isOpen() {
    return this.socket?.readyState === WebSocket.OPEN;
  },

  listen() {
    clearTimeout(this.retry);
    if (this.gone || this.socket) return;
    let socket;
    try {
      socket = this.socket = new WebSocket(this.address);
    } catch {
      this.poll();
      return;
    }
    this.patience = setTimeout(() => socket.readyState === WebSocket.CONNECTING && socket.close(), OPEN_WITHIN);
    socket.onmessage = (event) => {
      this.tries = 0;
      this.heard(JSON.parse(event.data));
    };
    socket.onopen = () => clearTimeout(this.patience);
    socket.onclose = (event) => this.lost(event);
  },

  // Try the socket again, ever more seldom; polling goes on meanwhile.
  lost(event) {
    clearTimeout(this.patience);
    this.socket = null;
    if (event.code === NOT_FOUND) this.gone = true;
    if (this.gone) return;
    this.poll();
    const wait = Math.min(LONGEST_WAIT, 1000 * 2 ** this.tries++);
    this.retry = setTimeout(() => this.listen(), wait + Math.random() * 500);
  },

  async poll() {
    clearTimeout(this.timer);
    if (this.gone || this.isOpen) return;
    try {
      const response = await fetch(this.pollAddress, { headers: { Accept: "application/json" }, redirect: "error" });
      if (response.status === 404 || response.status === 403) this.gone = true;
      else if (response.ok) this.heard(await response.json());
    } catch {
      // The server may be restarting: ask again.
    }
    if (!this.gone && !this.isOpen) this.timer = setTimeout(() => this.poll(), this.own || !this.asked ? POLL_EVERY : POLL_IDLE);
    this.asked = true;
  },

  heard(message) {
    if (!message.jobs) {
      tell("jobs:state", message);
      return;
    }
    this.own = message.own;
    this.last = message;
    tell("jobs:snapshot", message);
    for (const state of message.jobs) tell("jobs:state", state);
  },
};

class JobCard extends HTMLElement {
  connectedCallback() {
    if (OVER.has(this.dataset.state)) return;
    young(this, this.dataset.started);
    // A swap may put the card in, take it out and put it in again: follow it once it stays.
    this.begun = setTimeout(() => this.begin());
  }

  begin() {
    this.finished = false;
    this.seq = -1;
    this.born = Date.now();
    this.started = Date.parse(this.dataset.started);
    this.clock = setInterval(() => this.tick(), 1000);
    this.tick();
    this.onState = (event) => event.detail.job === this.job && this.show(event.detail);
    this.onSnapshot = (event) => this.check(event.detail);
    document.addEventListener("jobs:state", this.onState);
    document.addEventListener("jobs:snapshot", this.onSnapshot);
    feed.start(this.dataset);
  }

  disconnectedCallback() {
    this.finished = true;
    clearTimeout(this.begun);
    clearInterval(this.clock);
    document.removeEventListener("jobs:state", this.onState);
    document.removeEventListener("jobs:snapshot", this.onSnapshot);
  }

  get job() {
    return this.id.replace("job-", "");
  }

  part(name) {
    return this.querySelector(`[data-part="${name}"]`);
  }

  // What is no longer under way is over. A card younger than the snapshot may not be in it yet.
  check(snapshot) {
    if (Date.now() - this.born > POLL_EVERY / 2 && !snapshot.jobs.some((state) => state.job === this.job)) this.finish();
  }

  show(state) {
    if (this.finished) return;
    // Pictures only ever come: a snapshot tells of them with the number of what was said before.
    if (state.state === "running") this.showPictures(state.pictures ?? []);
    if (state.seq <= this.seq) return;
    this.seq = state.seq;
    if (OVER.has(state.state) || (state.state === "held") !== (this.dataset.state === "held")) {
      this.finish();
      return;
    }
    this.showStage(state);
    this.showPercent(state.percent ?? 0);
    if (state.preview) this.showPreview(state.preview, state.index ?? 0);
  }

  // What is finished is shown in its place while the others are still drawn.
  showPictures(pictures) {
    for (const picture of pictures) {
      const slot = this.querySelector(`[data-slot="${picture.index}"]`);
      if (!slot || slot.dataset.picture) continue;
      slot.dataset.picture = picture.id;
      const image = slot.querySelector('[data-part="preview"]');
      image.removeAttribute("style");
      image.src = picture.file_url;
      image.alt = picture.alt;
      image.hidden = false;
    }
  }

  // A preview shows the pictures that are drawn together side by side: each place shows its part.
  showPreview(address, first) {
    const strip = new Image();
    strip.onload = () => {
      const ratio = parseFloat(getComputedStyle(this).getPropertyValue("--ratio")) || 1;
      const shown = Math.max(1, Math.round(strip.naturalWidth / strip.naturalHeight / ratio));
      for (const slot of this.querySelectorAll("[data-slot]")) {
        if (slot.dataset.picture) continue;
        const place = Number(slot.dataset.slot) - first;
        if (place < 0 || place >= shown) continue;
        const image = slot.querySelector('[data-part="preview"]');
        image.src = address;
        image.style.width = `${shown * 100}%`;
        image.style.left = `${-place * 100}%`;
        image.hidden = false;
      }
    };
    strip.src = address;
  }

  showStage(state) {
    const waiting = state.state !== "running";
    // What has begun cannot be held.
    if (this.part("hold")) this.part("hold").hidden = !waiting;
    const words = waiting ? (state.state_label ?? state.stage_label) : state.stage_label;
    if (words && this.part("stage").textContent !== words) this.part("stage").textContent = words;
    let detail = "";
    if (waiting && state.wait_reason) detail = state.wait_reason;
    else if (waiting && state.place) detail = [`${this.dataset.place} ${state.place}`, this.when(state)].filter(Boolean).join(", ");
    else if (state.stage === "denoising" && state.steps) detail = fill(this.dataset.step, { k: state.step, n: state.steps });
    else if (["decoding", "checking", "saving"].includes(state.stage) && state.steps > 1) detail = fill(this.dataset.picture, { k: state.step + 1, n: state.steps });
    this.part("detail").textContent = detail;
  }

  when({ expected_start: start }) {
    return start ? fill(this.dataset.about, { t: clock(start) }) : "";
  }

  showPercent(percent) {
    this.part("bar").value = percent;
    this.part("percent").textContent = `${percent} %`;
    this.part("ring").style.setProperty("--p", percent);
  }

  tick() {
    const seconds = Math.max(0, Math.round((Date.now() - this.started) / 1000));
    const elapsed = this.part("elapsed");
    const words = seconds < 60 ? this.dataset.seconds : this.dataset.minutes;
    if (elapsed) elapsed.textContent = fill(words, { m: Math.floor(seconds / 60), s: seconds % 60 });
  }

  // The job is over, held or released: the server draws the card anew, with its pictures or the reason.
  async finish() {
    if (this.finished) return;
    this.finished = true;
    try {
      const fresh = await card(this.dataset.card);
      if (!this.isConnected) return;
      this.replaceWith(fresh);
      globalThis.htmx?.process(fresh);
      const state = OVER.has(fresh.dataset.state) && fresh.querySelector(".job__error, .result img");
      if (state) document.getElementById("say").textContent = state.alt ?? state.textContent;
    } catch {
      setTimeout(() => (this.finished = false), POLL_EVERY);
    }
  }
}

function clock(iso) {
  return new Date(iso).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
}

async function card(address) {
  const response = await fetch(address, { redirect: "error" });
  if (!response.ok) throw new Error(response.status);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return document.adoptNode(page.querySelector("job-card"));
}

// Jobs that began elsewhere (a second device, another tab) come to the top of the list.
async function takeNewcomers({ latest }) {
  const list = document.querySelector('#jobs[data-live="1"]');
  if (!list || takeNewcomers.busy) return;
  const known = (id) => document.getElementById(`job-${id}`);
  const first = latest.findIndex(known);
  const fresh = first < 0 ? latest : latest.slice(0, first);
  takeNewcomers.busy = true;
  try {
    for (const id of fresh.reverse()) {
      const made = await card(list.dataset.card.replace("00000000-0000-0000-0000-000000000000", id));
      if (known(id)) continue;
      list.prepend(made);
      globalThis.htmx?.process(made);
    }
  } catch {
    // The next snapshot tries again.
  } finally {
    takeNewcomers.busy = false;
  }
}

customElements.define("job-card", JobCard);
document.addEventListener("jobs:snapshot", (event) => takeNewcomers(event.detail));
const asking = document.querySelector("#jobs[data-feed], [data-grid-feed]");
if (asking) feed.start(asking.dataset);
