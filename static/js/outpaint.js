// <outpaint-frame>: how far the picture grows on each side, as numbers and as a frame with handles.
// The sums are those of generation/asking/sizes.py: the source is shrunk to what the model draws, then grown.
const SIDES = ["left", "right", "top", "bottom"];
const STEP = 8;
const LIMITS = [64, 1024]; // of a side, in pixels
const KEYS = { left: { ArrowLeft: 1, ArrowRight: -1 }, right: { ArrowRight: 1, ArrowLeft: -1 }, top: { ArrowUp: 1, ArrowDown: -1 }, bottom: { ArrowDown: 1, ArrowUp: -1 } };

const fill = (words, values) => words.replace(/\{(\w)\}/g, (_whole, name) => values[name]);
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

function shrunk(size, scale) {
  return size.map((side) => clamp(Math.floor((side * scale + 0.001) / STEP) * STEP, ...LIMITS));
}

function fit([width, height], most) {
  return shrunk([width, height], Math.min(1, Math.sqrt(most / (width * height)), LIMITS[1] / Math.max(width, height)));
}

class OutpaintFrame extends HTMLElement {
  connectedCallback() {
    queueMicrotask(() => this.begin());
  }

  begin() {
    if (this.form) return;
    this.form = this.closest("form");
    this.limits = JSON.parse(this.dataset.limits);
    this.gone = new AbortController();
    const { signal } = this.gone;
    this.form.addEventListener("source", (event) => this.sourced(event.detail), { signal });
    for (const name of ["kind", "model", "form-ready"]) this.form.addEventListener(name, () => this.draw(), { signal });
    this.addEventListener("input", () => this.draw());
    this.addEventListener("click", (event) => this.preset(event.target.closest("[data-extend]")));
    this.addEventListener("pointerdown", (event) => this.grab(event));
    this.addEventListener("keydown", (event) => this.pressed(event));
    const field = this.form.querySelector('source-field[data-role="source"]');
    if (field?.value) this.sourced({ role: "source", source: field.value });
    else this.draw();
  }

  disconnectedCallback() {
    this.gone?.abort();
  }

  part(name) {
    return this.querySelector(`[data-part="${name}"]`);
  }

  field(side) {
    return this.querySelector(`[name="outpaint_${side}"]`);
  }

  get sides() {
    return Object.fromEntries(SIDES.map((side) => [side, Math.max(0, Number(this.field(side).value) || 0)]));
  }

  get limit() {
    const family = this.form.querySelector('[name="model"]:checked')?.dataset.family;
    return this.limits[family] ?? this.limits[""];
  }

  sourced({ role, source }) {
    if (role !== "source") return;
    this.source = source;
    if (source) this.part("picture").src = source.url;
    this.draw();
  }

  // {inner, whole} in pixels, or null when it is more than the model draws.
  sizes() {
    const { left, right, top, bottom } = this.sides;
    let inner = fit([this.source.width, this.source.height], this.limit.fit);
    for (;;) {
      const whole = [inner[0] + left + right, inner[1] + top + bottom];
      if (whole[0] * whole[1] <= this.limit.most && Math.max(...whole) <= LIMITS[1]) return { inner, whole };
      const longer = Math.max(...inner) - STEP;
      const smaller = shrunk(inner, longer / Math.max(...inner));
      if (longer < LIMITS[0] || String(smaller) === String(inner)) return null;
      inner = smaller;
    }
  }

  draw() {
    this.part("view").hidden = !this.source;
    const { left, right, top, bottom } = this.sides;
    for (const handle of this.querySelectorAll("[data-side]")) {
      const value = this.field(handle.dataset.side).value || 0;
      for (const [name, words] of Object.entries({ valuemin: 0, valuemax: this.dataset.most, valuenow: value })) handle.setAttribute(`aria-${name}`, words);
    }
    const result = this.part("result");
    if (!this.source) {
      result.textContent = "";
      return;
    }
    const found = this.sizes();
    const inner = found?.inner ?? shrunk([this.source.width, this.source.height], LIMITS[0] / Math.max(this.source.width, this.source.height));
    const whole = found?.whole ?? [inner[0] + left + right, inner[1] + top + bottom];
    const grows = left + right + top + bottom > 0;
    result.classList.toggle("outpaint__result--bad", !found);
    if (!found) result.textContent = fill(this.dataset.tooMuch, { m: this.limit.most });
    else result.textContent = grows ? fill(this.dataset.result, { a: inner[0], b: inner[1], c: whole[0], d: whole[1] }) : this.dataset.none;
    this.frame(inner, whole, { left, top });
  }

  // The frame keeps its place while a handle is dragged; else it fills the box.
  frame(inner, whole, { left, top }) {
    const view = this.part("view");
    const room = [view.clientWidth - 48, view.clientHeight - 48];
    if (room[0] <= 0) return;
    this.scale = Math.min(room[0] / whole[0], room[1] / whole[1]);
    const px = (value) => `${value * this.scale}px`;
    Object.assign(this.part("whole").style, { width: px(whole[0]), height: px(whole[1]) });
    Object.assign(this.part("inner").style, { width: px(inner[0]), height: px(inner[1]), left: px(left), top: px(top) });
  }

  set(side, value) {
    const field = this.field(side);
    field.value = clamp(Math.round(value / STEP) * STEP, 0, Number(this.dataset.most));
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // A quarter of the drawn picture on each side named.
  preset(button) {
    if (!button) return;
    const wanted = button.dataset.extend.split(" ").map(Number);
    const size = this.source ? fit([this.source.width, this.source.height], this.limit.fit) : [512, 512];
    SIDES.forEach((side, i) => this.set(side, (wanted[i] * size[i < 2 ? 0 : 1]) / 4));
  }

  grab(event) {
    const handle = event.target.closest("[data-side]");
    if (!handle || event.button) return;
    event.preventDefault();
    handle.focus();
    handle.setPointerCapture(event.pointerId);
    const { side } = handle.dataset;
    const begun = { value: this.sides[side], x: event.clientX, y: event.clientY, scale: this.scale };
    const way = side === "left" || side === "top" ? -1 : 1;
    const moved = (now) => {
      const along = side === "left" || side === "right" ? now.clientX - begun.x : now.clientY - begun.y;
      this.set(side, begun.value + (way * along) / begun.scale);
    };
    handle.addEventListener("pointermove", moved);
    for (const name of ["pointerup", "pointercancel"]) {
      handle.addEventListener(name, () => handle.removeEventListener("pointermove", moved), { once: true });
    }
  }

  pressed(event) {
    const side = event.target.dataset?.side;
    if (!side) return;
    const step = KEYS[side][event.key];
    const ends = { Home: 0, End: Number(this.dataset.most) };
    if (step === undefined && !(event.key in ends)) return;
    event.preventDefault();
    this.set(side, step ? this.sides[side] + step * STEP * (event.shiftKey ? 4 : 1) : ends[event.key]);
  }
}

customElements.define("outpaint-frame", OutpaintFrame);
