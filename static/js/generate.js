// <generate-form>: recommended settings follow the chosen model, sliders follow numbers, the seed has its dice.
const MAX_SEED = 2 ** 32 - 1;
const MOST_LORAS = 4;

function chip(word, tip) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "chip", textContent: `+ ${word}`, title: tip });
  button.dataset.word = word;
  return button;
}

class GenerateForm extends HTMLElement {
  connectedCallback() {
    // htmx may put the form in before its children are there.
    queueMicrotask(() => this.begin());
  }

  begin() {
    this.form = this.querySelector("form");
    this.more = this.querySelector("[data-remember]");
    if (sessionStorage.getItem("more") === "1") this.more.open = true;
    this.more.addEventListener("toggle", () => sessionStorage.setItem("more", this.more.open ? "1" : "0"));
    this.addEventListener("input", (event) => this.typed(event.target));
    this.addEventListener("change", (event) => this.chosen(event.target));
    this.addEventListener("click", (event) => this.clicked(event));
    this.addEventListener("htmx:before:request", () => this.forgetErrors());
    this.addEventListener("htmx:finally:request", (event) => this.answered(event.detail.ctx));
    this.followModel();
    this.querySelector('[aria-invalid="true"]')?.focus();
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
      if (input.name === "width" || input.name === "height") this.pick("custom");
    }
  }

  chosen(input) {
    if (input.name === "sampler") input.dataset.touched = "";
    if (input.name === "model") this.followModel();
    if (input.name === "shape") this.followShape();
    if (input.name === "lora") this.offerWords();
  }

  // Recommended settings, where the user has not set their own; shapes and LoRAs that fit.
  followModel() {
    if (!this.model) return;
    const recommended = JSON.parse(this.model.dataset.settings);
    for (const name of ["steps", "guidance", "sampler"]) {
      const field = this.field(name);
      if (recommended[name] === undefined || "touched" in field.dataset || (name === "sampler" && field.value)) continue;
      field.value = name === "sampler" ? "" : recommended[name];
      this.slide(field);
    }
    this.followShapes(JSON.parse(this.model.dataset.shapes));
    for (const option of this.querySelectorAll("[data-loras] option[data-family]")) {
      option.hidden = option.disabled = option.dataset.family !== this.model.dataset.family;
      if (option.disabled && option.selected) option.parentElement.value = "";
    }
    this.offerWords();
  }

  followShapes(shapes) {
    this.shapes = shapes;
    for (const label of this.querySelectorAll("[data-shape]")) {
      const name = label.dataset.shape;
      label.hidden = name === "custom" ? !label.querySelector("input").checked : !(name in shapes);
    }
    this.querySelector("[data-square-only]").hidden = Object.keys(shapes).length !== 1;
    if (this.querySelector('[data-shape]:has(input:checked)')?.hidden) this.pick("square");
    this.followShape();
  }

  followShape() {
    const size = this.shapes?.[this.querySelector('input[name="shape"]:checked')?.value];
    if (!size) return;
    [this.field("width").value, this.field("height").value] = size;
    this.querySelector("[data-custom]").hidden = true;
  }

  // The words that wake the chosen LoRAs, one press away from the prompt.
  offerWords() {
    const box = this.querySelector("[data-words-of-loras]");
    if (!box) return;
    const chosen = [...this.querySelectorAll('select[name="lora"] option:checked')];
    const words = new Set(chosen.flatMap((option) => JSON.parse(option.dataset.words ?? "[]")));
    box.replaceChildren(...[...words].map((word) => chip(word, box.dataset.tip)));
  }

  addWord(word) {
    const prompt = this.field("prompt");
    if (!prompt.value.includes(word)) prompt.value = [prompt.value.trim(), word].filter(Boolean).join(", ");
  }

  pick(shape) {
    const label = this.querySelector(`[data-shape="${shape}"]`);
    label.hidden = false;
    label.querySelector("input").checked = true;
  }

  slide(number) {
    const slider = this.querySelector(`[data-slides="${number.name}"]`);
    if (slider) slider.value = number.value;
  }

  clicked(event) {
    if (event.target.closest("[data-dice]")) this.field("seed").value = Math.floor(Math.random() * (MAX_SEED + 1));
    if (event.target.closest("[data-clear-seed]")) this.field("seed").value = "";
    const word = event.target.closest("[data-word]");
    if (word) this.addWord(word.dataset.word);
    const add = event.target.closest("[data-add-lora]");
    if (add) this.addLora(add);
  }

  addLora(button) {
    const rows = this.querySelectorAll("[data-lora]");
    const row = rows[0].cloneNode(true);
    row.querySelector("select").value = "";
    row.querySelector("input").value = "1";
    button.before(row);
    button.hidden = rows.length + 1 >= MOST_LORAS;
  }

  // Where the jobs stand below the form, show the new one.
  answered(ctx) {
    const job = document.querySelector("#jobs job-card");
    const below = job && job.getBoundingClientRect().left < this.getBoundingClientRect().right;
    if (ctx.response?.status === 201 && below) job.scrollIntoView({ block: "center", behavior: "smooth" });
  }

  forgetErrors() {
    for (const error of this.querySelectorAll(".field__error, .notice--error")) error.remove();
    for (const field of this.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
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
