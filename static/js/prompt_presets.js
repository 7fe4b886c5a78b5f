// <own-presets>: whether the form still is the opened preset, and the drawer with the prompts used before.
const PRIVATE = new Set(["csrfmiddlewaretoken", "publish"]);

class PresetBar extends HTMLElement {
  connectedCallback() {
    queueMicrotask(() => this.begin());
  }

  begin() {
    this.form = document.querySelector("#generate-form form[data-ctrl-enter]");
    this.dirty = this.querySelector("[data-preset-dirty]");
    for (const kind of ["input", "change", "click"]) this.form.addEventListener(kind, () => this.compare());
    // The form has put the recommended settings in by then.
    requestAnimationFrame(() => this.keep());
    this.addEventListener("htmx:after:swap", () => this.saved());
    this.querySelector("[data-open-history]").addEventListener("click", () => drawer().showModal());
  }

  get menu() {
    return this.querySelector("#presets-menu");
  }

  values() {
    const rows = [...new FormData(this.form)].filter(([name, value]) => !PRIVATE.has(name) && typeof value === "string");
    return JSON.stringify(rows);
  }

  keep() {
    this.kept = this.values();
    this.compare();
  }

  compare() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.dirty.hidden = !this.menu.dataset.preset || this.values() === this.kept;
      this.dirty.textContent = this.dirty.hidden ? "" : this.dataset.changed;
    }, 60);
  }

  saved() {
    const { name, said } = this.menu.dataset;
    // Also told of the drawer's swaps: each answer is read once.
    if (!said) return this.menu.querySelector('[aria-invalid="true"]')?.focus();
    delete this.menu.dataset.said;
    this.querySelector("[data-preset-name]").textContent = name;
    this.keep();
  }
}

function drawer() {
  return document.getElementById("prompt-history");
}

function use({ usePrompt, useNegative }) {
  const form = document.querySelector("#generate-form form[data-ctrl-enter]");
  for (const [name, text] of [["prompt", usePrompt], ["negative_prompt", useNegative]]) {
    const field = form.querySelector(`[name="${name}"]`);
    if (!field || (name === "negative_prompt" && !text)) continue;
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  drawer().close();
  form.querySelector('[name="prompt"]').focus();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close-history]") || event.target === drawer()) drawer()?.close();
  const row = event.target.closest("#prompt-history [data-use-prompt]");
  if (!row || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  use(row.dataset);
});

customElements.define("own-presets", PresetBar);
