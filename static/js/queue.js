// The tabs beside the form, the queue tab with its order, and the endless list of results.
import { Reorder } from "./reorder.js";
import { young } from "./young.js";

const PLACE = /\{(\w)\}/g;
const fill = (words, values) => words.replace(PLACE, (_whole, name) => values[name]);
const say = (words) => (document.getElementById("say").textContent = words);

class ResultsTabs extends HTMLElement {
  connectedCallback() {
    this.tabs = [...this.querySelectorAll('[role="tab"]')];
    this.addEventListener("click", (event) => this.choose(event.target.closest('[role="tab"]')));
    this.addEventListener("keydown", (event) => this.turn(event));
    this.choose(this.tabs.find((tab) => tab.id === `tab-${this.dataset.start}`) ?? this.tabs[0]);
    document.addEventListener("jobs:snapshot", ({ detail }) => this.count(detail));
  }

  choose(chosen) {
    if (!chosen) return;
    for (const tab of this.tabs) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = tab !== chosen;
    }
  }

  turn(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || !event.target.matches('[role="tab"]')) return;
    const next = this.tabs[(this.tabs.indexOf(event.target) + step + this.tabs.length) % this.tabs.length];
    this.choose(next);
    next.focus();
  }

  count({ own, all }) {
    const badge = this.querySelector('[data-part="badge"]');
    badge.textContent = own === all ? own : `${own}/${all}`;
    badge.hidden = !all;
  }
}

class QueuePanel extends HTMLElement {
  connectedCallback() {
    this.onSnapshot = (event) => this.compare(event.detail);
    this.onState = (event) => this.show(event.detail);
    document.addEventListener("jobs:snapshot", this.onSnapshot);
    document.addEventListener("jobs:state", this.onState);
    this.order = new Reorder(this, { rows: "[data-movable]", dragged: "queue__row--dragged", dropped: (row, moved) => this.dropped(row, moved) });
    this.addEventListener("htmx:finally:request", () => this.refresh());
    this.addEventListener("submit", (event) => this.remember(event));
    this.settle();
  }

  // What the rows show from the moment they are here.
  settle() {
    for (const when of this.querySelectorAll('[data-part="when"]')) this.showWhen(when, when.dataset.iso);
    // Only what is next may begin at once.
    const next = this.querySelector('[data-row]:first-child[data-state="queued"]');
    if (next) young(next, next.dataset.created);
  }

  disconnectedCallback() {
    document.removeEventListener("jobs:snapshot", this.onSnapshot);
    document.removeEventListener("jobs:state", this.onState);
  }

  // Another set of jobs, order or state than the rows show: take the panel afresh.
  compare({ jobs }) {
    const rows = [...this.querySelectorAll("[data-row]")].map((row) => `${row.dataset.row} ${row.dataset.state}`);
    const told = jobs.filter((state) => !state.group).map((state) => `${state.job} ${state.state}`);
    const cells = jobs.length - told.length;
    if (rows.join() !== told.join() || cells !== (this.cells ?? cells)) this.refresh();
    this.cells = cells;
  }

  show(state) {
    const row = this.querySelector(`[data-row="${state.job}"]`);
    if (!row || state.seq <= (row.seq ?? -1)) return;
    row.seq = state.seq;
    const part = (name) => row.querySelector(`[data-part="${name}"]`);
    row.style.setProperty("--p", state.percent ?? 0);
    if (part("percent")) part("percent").textContent = state.percent ?? 0;
    const running = state.state === "running";
    row.classList.toggle("queue__row--running", running);
    part("stage").textContent = (running ? state.stage_label : state.state_label) ?? part("stage").textContent;
    const stepping = running && state.stage === "denoising" && state.steps;
    part("detail").textContent = stepping
      ? fill(this.dataset.step, { k: state.step, n: state.steps })
      : !running && state.place ? fill(this.dataset.place, { p: state.place }) : "";
    this.showWhen(part("when"), running ? "" : state.expected_start);
    part("why").textContent = running ? "" : (state.wait_reason ?? "");
  }

  showWhen(place, iso) {
    const time = iso && new Date(iso).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    place.textContent = time ? fill(this.dataset.about, { t: time }) : "";
  }

  // After a press of "earlier" or "later" the same button has the focus again.
  remember(event) {
    const button = event.submitter;
    this.focused = [button?.closest("[data-row]")?.dataset.row, button?.dataset.way];
  }

  async refresh() {
    if (this.order.row || this.asking) return;
    this.asking = true;
    try {
      const response = await fetch(this.dataset.address, { redirect: "error" });
      if (!response.ok) throw new Error(response.status);
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("queue-panel");
      if (this.order.row || !this.isConnected) return;
      this.replaceChildren(...document.adoptNode(fresh).childNodes);
      globalThis.htmx?.process(this);
      this.settle();
      this.focusAgain();
    } catch {
      // The next snapshot tries again.
    } finally {
      this.asking = false;
    }
  }

  focusAgain() {
    const [id, way] = this.focused ?? [];
    const row = id && this.querySelector(`[data-row="${id}"]`);
    if (!row || !way) return;
    const button = row.querySelector(`[data-way="${way}"]:not([disabled])`) ?? row.querySelector("[data-way]:not([disabled])");
    button?.focus();
    const movable = [...this.querySelectorAll("[data-movable]")];
    say(fill(this.dataset.moved, { p: movable.indexOf(row) + 1 }));
    this.focused = null;
  }

  async dropped(row, moved) {
    if (moved) await this.send(row);
    this.order.row = null;
    this.refresh();
  }

  async send(row) {
    const movable = [...this.querySelectorAll("[data-movable]")];
    const form = row.querySelector("form[data-move]");
    const body = new FormData(form);
    body.set("before", movable[movable.indexOf(row) + 1]?.dataset.row ?? "");
    try {
      await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
      say(fill(this.dataset.moved, { p: movable.indexOf(row) + 1 }));
    } catch {
      // The panel comes afresh and shows the order that holds.
    }
  }
}

// Earlier results come while one scrolls; the link does the same when pressed.
const list = document.getElementById("jobs");
const watcher = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && loadMore(), { rootMargin: "700px" });

async function loadMore() {
  const next = list?.querySelector("[data-next]");
  const link = next?.querySelector("a");
  if (!link || link.ariaBusy === "true") return;
  link.ariaBusy = "true";
  try {
    const address = new URL(link.href);
    address.searchParams.set("part", "1");
    const response = await fetch(address, { redirect: "error" });
    if (!response.ok) throw new Error(response.status);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = [...page.body.children].filter((node) => !node.id || !document.getElementById(node.id));
    next.replaceWith(...fresh.map((node) => document.adoptNode(node)));
    for (const node of fresh) globalThis.htmx?.process(node);
    watchMore();
  } catch {
    link.ariaBusy = "false";
  }
}

function watchMore() {
  watcher.disconnect();
  const next = list?.querySelector("[data-next]");
  if (next) watcher.observe(next);
}

list?.addEventListener("click", (event) => {
  if (!event.target.closest("[data-next] a")) return;
  event.preventDefault();
  loadMore();
});
watchMore();
document.querySelector("[data-results-filters]")?.addEventListener("change", (event) => event.currentTarget.requestSubmit());

customElements.define("results-tabs", ResultsTabs);
customElements.define("queue-panel", QueuePanel);
