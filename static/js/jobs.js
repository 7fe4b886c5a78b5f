// <job-card>: follows one job by socket, or by polling when there is none; both bring the same JSON.
const OPEN_WITHIN = 2500; // ms; a proxy that swallows sockets says nothing at all
const POLL_EVERY = 1000;
const LONGEST_WAIT = 15000;
const NOT_FOUND = 4404;
const OVER = new Set(["done", "failed", "cancelled"]);

// A translated sentence with its {names} filled in.
function fill(words, values) {
  return words.replace(/\{(\w)\}/g, (_whole, name) => values[name]);
}

class JobCard extends HTMLElement {
  connectedCallback() {
    if (OVER.has(this.dataset.state)) return;
    // A swap may put the card in, take it out and put it in again: follow it once it stays.
    this.begun = setTimeout(() => this.begin());
  }

  begin() {
    this.finished = false;
    this.seq = -1;
    this.tries = 0;
    this.started = Date.parse(this.dataset.started);
    this.clock = setInterval(() => this.tick(), 1000);
    this.tick();
    this.listen();
  }

  disconnectedCallback() {
    this.finished = true;
    clearTimeout(this.begun);
    clearInterval(this.clock);
    clearTimeout(this.timer);
    clearTimeout(this.patience);
    this.socket?.close();
  }

  part(name) {
    return this.querySelector(`[data-part="${name}"]`);
  }

  listen() {
    if (this.finished) return;
    const address = new URL(this.dataset.socket, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    let socket;
    try {
      socket = this.socket = new WebSocket(address);
    } catch {
      this.poll();
      return;
    }
    this.patience = setTimeout(() => socket.readyState === WebSocket.CONNECTING && this.giveUp(socket), OPEN_WITHIN);
    socket.onopen = () => {
      clearTimeout(this.patience);
      clearTimeout(this.timer);
      this.tries = 0;
    };
    socket.onmessage = (event) => this.show(JSON.parse(event.data));
    socket.onclose = (event) => socket === this.socket && this.lost(event);
  }

  giveUp(socket) {
    this.socket = null;
    socket.close();
    this.poll();
    this.again();
  }

  lost(event) {
    clearTimeout(this.patience);
    this.socket = null;
    if (this.finished || event.code === NOT_FOUND) return;
    this.poll();
    this.again();
  }

  // Try the socket again, ever more seldom; polling goes on meanwhile.
  again() {
    const wait = Math.min(LONGEST_WAIT, 1000 * 2 ** this.tries++);
    setTimeout(() => !this.socket && this.listen(), wait + Math.random() * 500);
  }

  async poll() {
    clearTimeout(this.timer);
    if (this.finished || this.socket?.readyState === WebSocket.OPEN) return;
    try {
      const response = await fetch(this.dataset.poll, { headers: { Accept: "application/json" }, redirect: "error" });
      if (response.status === 404 || response.status === 403) return;
      if (response.ok) this.show(await response.json());
    } catch {
      // The server may be restarting: ask again.
    }
    if (!this.finished) this.timer = setTimeout(() => this.poll(), POLL_EVERY);
  }

  show(state) {
    if (this.finished || state.seq <= this.seq) return;
    this.seq = state.seq;
    if (OVER.has(state.state)) {
      document.getElementById("say").textContent = state.state_label ?? "";
      this.finish();
      return;
    }
    this.showStage(state);
    this.showPercent(state.percent ?? 0);
    if (state.preview) {
      const preview = this.part("preview");
      preview.src = state.preview;
      preview.hidden = false;
    }
  }

  showStage(state) {
    const waiting = state.state === "queued";
    const words = waiting ? (state.state_label ?? state.stage_label) : state.stage_label;
    if (words && this.part("stage").textContent !== words) {
      this.part("stage").textContent = words;
      document.getElementById("say").textContent = words;
    }
    let detail = "";
    if (waiting && state.place) detail = `${this.dataset.place} ${state.place}`;
    else if (state.stage === "denoising" && state.steps) detail = fill(this.dataset.step, { k: state.step, n: state.steps });
    this.part("detail").textContent = detail;
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

  // The job is over: the server draws the card with its pictures, or the reason.
  async finish() {
    this.finished = true;
    this.socket?.close();
    try {
      const response = await fetch(this.dataset.card, { redirect: "error" });
      if (!response.ok) throw new Error(response.status);
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("job-card");
      this.replaceWith(document.adoptNode(fresh));
      globalThis.htmx?.process(fresh);
    } catch {
      location.reload();
    }
  }
}

customElements.define("job-card", JobCard);
