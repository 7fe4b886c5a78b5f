// <generate-form>: settings follow the chosen model, sliders follow numbers, what is typed survives a reload.
const MAX_SEED = 2 ** 32 - 1;
const SETTINGS = ["steps", "guidance", "sampler"];
const KEEP_AFTER = 150; // ms of rest before the form is noted down
const STEP = 8;
// Elements that keep themselves, or that must be new on every page.
const NOT_KEPT = '[name="csrfmiddlewaretoken"], [type="file"], resource-stack li input, noscript *';

class GenerateForm extends HTMLElement {
  connectedCallback() {
    // htmx may put the form in before its children are there.
    queueMicrotask(() => this.begin());
  }

  begin() {
    this.form = this.querySelector("form[data-ctrl-enter]");
    this.more = this.querySelector("[data-remember]");
    if (localStorage.getItem("more") === "1") this.more.open = true;
    this.more.addEventListener("toggle", () => localStorage.setItem("more", this.more.open ? "1" : "0"));
    this.addEventListener("input", (event) => this.typed(event.target));
    this.addEventListener("change", (event) => this.chosen(event.target));
    for (const name of ["input", "change", "source"]) this.addEventListener(name, () => this.keepSoon());
    this.addEventListener("click", (event) => this.clicked(event));
    this.addEventListener("htmx:before:request", () => this.forgetErrors());
    this.addEventListener("htmx:finally:request", (event) => this.answered(event.detail.ctx));
    this.key = `form:${this.dataset.draft}:${location.search}`;
    this.refused = Boolean(this.querySelector('[aria-invalid="true"], .field__error:not([hidden], :empty), .studio__send .notice--error'));
    if (this.mayRestore()) this.restore();
    this.followModel();
    this.watchQuota();
    // The other parts of the form are there once their scripts have run.
    setTimeout(() => {
      this.form.dispatchEvent(new CustomEvent("form-ready", { bubbles: true }));
      this.showFault();
    });
  }

  // What is wrong may lie outside the window, or in a part that cannot take the focus, such as the painter.
  showFault() {
    this.querySelector('[aria-invalid="true"]')?.focus({ preventScroll: true });
    this.querySelector(".studio__fields .field__error:not([hidden], :empty)")?.scrollIntoView({ block: "center" });
  }

  disconnectedCallback() {
    this.jobs?.disconnect();
  }

  get model() {
    return this.querySelector('input[name="model"]:checked');
  }

  field(name) {
    return this.querySelector(`[name="${name}"]`);
  }

  typed(input) {
    if (input.dataset.slides) {
      const number = this.field(input.dataset.slides);
      number.value = input.value;
      number.dataset.touched = "";
    } else if (input.dataset.setting) {
      input.dataset.touched = "";
      this.slide(input);
      if (input.name === "width" || input.name === "height") this.sized(input);
    }
  }

  chosen(input) {
    if (input.name === "sampler") input.dataset.touched = "";
    if (input.name === "model") this.followModel();
    if (input.name === "shape") this.followShape();
  }

  // --- Following the model ------------------------------------------------------------------------
  followModel() {
    if (!this.model) return;
    const recommended = JSON.parse(this.model.dataset.settings);
    for (const name of SETTINGS) {
      const field = this.field(name);
      if (recommended[name] === undefined || "touched" in field.dataset || (name === "sampler" && field.value)) continue;
      field.value = name === "sampler" ? "" : recommended[name];
      this.slide(field);
    }
    this.followShapes(JSON.parse(this.model.dataset.shapes));
    this.form.dispatchEvent(new CustomEvent("model", { bubbles: true }));
  }

  followShapes(shapes) {
    this.shapes = shapes;
    for (const label of this.querySelectorAll("[data-shape]")) {
      const name = label.dataset.shape;
      label.hidden = name !== "custom" && !(name in shapes);
    }
    this.querySelector("[data-square-only]").hidden = Object.keys(shapes).length !== 1;
    if (this.querySelector("[data-shape]:has(input:checked)")?.hidden) this.pick("square");
    this.followShape();
  }

  followShape() {
    const size = this.shapes?.[this.querySelector('input[name="shape"]:checked')?.value];
    if (size) [this.field("width").value, this.field("height").value] = size;
    this.ratio = this.field("width").value / this.field("height").value;
  }

  pick(shape) {
    this.querySelector(`[data-shape="${shape}"] input`).checked = true;
  }

  // One side typed: with the lock on, the other follows.
  sized(input) {
    this.pick("custom");
    if (this.querySelector("[data-lock-ratio]").getAttribute("aria-pressed") !== "true" || !this.ratio) return;
    const other = this.field(input.name === "width" ? "height" : "width");
    const value = input.name === "width" ? input.value / this.ratio : input.value * this.ratio;
    other.value = Math.max(STEP, Math.round(value / STEP) * STEP);
  }

  swapSides() {
    const [width, height] = [this.field("width"), this.field("height")];
    [width.value, height.value] = [height.value, width.value];
    this.ratio = width.value / height.value;
    this.pick("custom");
  }

  lockRatio(button) {
    this.ratio = this.field("width").value / this.field("height").value;
    button.setAttribute("aria-pressed", button.getAttribute("aria-pressed") !== "true");
  }

  slide(number) {
    const slider = this.querySelector(`[data-slides="${number.name}"]`);
    if (slider) slider.value = number.value;
  }

  // --- Buttons ------------------------------------------------------------------------------------
  clicked(event) {
    const at = (name) => event.target.closest(`[data-${name}]`);
    const seed = this.field("seed");
    if (at("dice")) seed.value = Math.floor(Math.random() * (MAX_SEED + 1));
    if (at("clear-seed")) seed.value = "";
    if (at("last-seed")) this.lastSeed(at("last-seed"));
    if (at("swap-sides")) this.swapSides();
    if (at("lock-ratio")) this.lockRatio(at("lock-ratio"));
    if (at("count")) this.count(Number(at("count").dataset.count));
    if (at("word")) this.addWord(at("word").dataset.word);
    this.keepSoon();
  }

  lastSeed(button) {
    const seed = document.querySelector("#jobs [data-use-seed]")?.dataset.useSeed;
    if (seed) this.field("seed").value = seed;
    else document.getElementById("say").textContent = button.dataset.none;
  }

  count(more) {
    const select = this.field("count");
    select.selectedIndex = Math.min(select.options.length - 1, Math.max(0, select.selectedIndex + more));
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  addWord(word) {
    const prompt = this.field("prompt");
    if (prompt.value.includes(word)) return;
    prompt.value = [prompt.value.trim(), word].filter(Boolean).join(", ");
    prompt.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // --- What is typed survives ---------------------------------------------------------------------
  // Someone who comes by a link wants what the link says; whoever loads the page again wants what they had typed.
  mayRestore() {
    const [{ type = "" } = {}] = performance.getEntriesByType("navigation");
    return !this.refused && document.readyState !== "complete" && (!location.search || type === "reload" || type === "back_forward");
  }

  get kept() {
    return [...this.form.elements].filter((field) => field.name && !field.matches(NOT_KEPT));
  }

  keepSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), KEEP_AFTER);
  }

  keep() {
    const fields = this.kept.map((field) => {
      const isTick = field.type === "radio" || field.type === "checkbox";
      const facts = "touched" in field.dataset || field.dataset.url ? { ...field.dataset } : undefined;
      return [field.name, field.value, isTick ? field.checked : null, facts];
    });
    const rows = this.querySelector("resource-stack")?.kept ?? [];
    try {
      sessionStorage.setItem(this.key, JSON.stringify({ fields, rows }));
    } catch {
      // No room, or storage is shut off: then a reload starts afresh.
    }
  }

  restore() {
    const { fields, rows } = JSON.parse(sessionStorage.getItem(this.key) ?? "{}");
    if (!fields) return;
    const left = [...fields];
    for (const field of this.kept) {
      const isTick = field.type === "radio" || field.type === "checkbox";
      const place = left.findIndex(([name, value]) => name === field.name && (!isTick || value === field.value));
      if (place < 0) continue;
      const [[, value, checked, facts]] = left.splice(place, 1);
      if (isTick) field.checked = checked;
      else if (field.tagName !== "SELECT" || [...field.options].some((option) => option.value === value)) field.value = value;
      Object.assign(field.dataset, facts);
      if (field.dataset.setting) this.slide(field);
    }
    customElements.whenDefined("resource-stack").then(() => setTimeout(() => this.bring(rows)));
  }

  bring(rows) {
    const stack = this.querySelector("resource-stack");
    if (stack && rows.length) stack.kept = rows;
  }

  // --- After sending ------------------------------------------------------------------------------
  // Where the jobs stand below the form, show the new one.
  answered(ctx) {
    const job = document.querySelector("#jobs job-card");
    const below = job && job.getBoundingClientRect().left < this.getBoundingClientRect().right;
    if (ctx.response?.status === 201 && below) job.scrollIntoView({ block: "center", behavior: "smooth" });
  }

  forgetErrors() {
    for (const error of this.querySelectorAll(".field__error[id], .notice--error")) error.remove();
    for (const field of this.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  }

  // The bar counts jobs under way: whenever a card comes, goes or changes, it is asked for again.
  watchQuota() {
    const jobs = document.getElementById("jobs");
    if (!jobs || !this.querySelector("#quota")) return;
    this.jobs = new MutationObserver(() => {
      clearTimeout(this.counting);
      this.counting = setTimeout(() => this.countJobs(), 400);
    });
    this.jobs.observe(jobs, { childList: true, subtree: false });
  }

  async countJobs() {
    const bar = this.querySelector("#quota");
    try {
      const response = await fetch(bar.dataset.address, { redirect: "error" });
      if (response.ok) bar.innerHTML = await response.text();
    } catch {
      // It will be right the next time.
    }
  }
}

// A seed of an earlier job, put into the form.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-use-seed]");
  if (!button) return;
  document.querySelector("generate-form [data-remember]").open = true;
  const seed = document.querySelector('generate-form [name="seed"]');
  seed.value = button.dataset.useSeed;
  seed.focus();
});

customElements.define("generate-form", GenerateForm);
