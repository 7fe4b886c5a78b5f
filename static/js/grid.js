// <grid-sheet>: the cells of a grid fill while one looks. Percent and preview come by the socket; what is over is taken
// from the page anew, cell by cell.
const OVER = new Set(["done", "failed", "cancelled"]);
const EVERY = 2500;

class GridSheet extends HTMLElement {
  connectedCallback() {
    document.addEventListener("jobs:state", (event) => this.show(event.detail));
    document.addEventListener("jobs:snapshot", () => this.look());
    this.addEventListener("submit", (event) => this.retry(event));
    this.timer = setInterval(() => !this.isOver && this.look(), EVERY);
    this.look();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  get isOver() {
    return this.dataset.over === "1";
  }

  cell(id) {
    return this.querySelector(`[data-cell="${id}"]`);
  }

  show(state) {
    const cell = this.cell(state.job);
    const part = (name) => cell?.querySelector(`[data-part="${name}"]`);
    if (!part("ring") || OVER.has(state.state)) return;
    part("ring").style.setProperty("--p", state.percent ?? 0);
    part("percent").textContent = state.percent ?? 0;
    if (state.preview) {
      part("preview").src = state.preview;
      part("preview").hidden = false;
    }
  }

  // One request tells the states of all cells; the page is asked only when one of them is over.
  async look() {
    if (this.isOver || this.looking) return;
    this.looking = true;
    try {
      const response = await fetch(this.dataset.state, { redirect: "error" });
      if (!response.ok) return;
      const state = await response.json();
      for (const cell of state.cells) this.show(cell);
      this.count(state);
      const stale = state.cells.filter((cell) => OVER.has(cell.state) !== OVER.has(this.cell(cell.job)?.dataset.state));
      if (stale.length) await this.renew(stale.map((cell) => cell.job));
    } catch {
      // The next look tries again.
    } finally {
      this.looking = false;
    }
  }

  count({ done, total, is_over: isOver }) {
    const words = this.querySelector('[data-part="done"]');
    words.textContent = words.dataset.words.replace("{d}", done).replace("{t}", total);
    const bar = this.querySelector('[data-part="bar"]');
    bar.value = done;
    bar.hidden = this.querySelector('[data-part="cancel"]').hidden = isOver;
    this.dataset.over = isOver ? "1" : "0";
  }

  async renew(jobs) {
    const response = await fetch(this.dataset.page, { redirect: "error" });
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const job of jobs) {
      const fresh = page.querySelector(`[data-cell="${job}"]`);
      if (fresh) this.cell(job).replaceWith(document.adoptNode(fresh));
    }
  }

  async retry(event) {
    const form = event.target.closest("[data-retry]");
    if (!form) return;
    event.preventDefault();
    const job = form.closest("[data-cell]").dataset.cell;
    const response = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } });
    if (!response.ok) return form.submit();
    this.dataset.over = "0";
    await this.renew([job]);
    await this.look();
  }
}

customElements.define("grid-sheet", GridSheet);
