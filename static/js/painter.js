// <mask-painter>: paints a mask over the source picture; white is drawn anew. By mouse, pen (with pressure), touch, keys.
// Coordinates "in the picture" are pixels of the source.
import { Lens } from "./lens.js";
import { clamp, Mask } from "./mask.js";

const KEEP_AFTER = 700; // ms of rest before the mask is sent
const KEYS = { b: "brush", e: "eraser" };
const DEEDS = { i: "invert", "+": "zoomIn", "=": "zoomIn", "-": "zoomOut", 0: "fit" };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const fill = (words, values) => words.replace(/\{(\w)\}/g, (_whole, name) => values[name]);

class MaskPainter extends HTMLElement {
  connectedCallback() {
    queueMicrotask(() => this.begin());
  }

  begin() {
    if (this.input) return;
    this.input = this.querySelector('input[name="mask"]');
    for (const name of ["dialog", "view", "stage", "picture", "overlay", "cursor", "status", "wait", "size", "zoom"]) {
      this[name] = this.querySelector(`[data-part="${name}"]`);
    }
    this.form = this.closest("form");
    this.pointers = new Map();
    this.tool = "brush";
    this.listen();
    const field = this.closest("form").querySelector('source-field[data-role="source"]');
    if (field?.value) this.open(field.value, this.input.dataset.url);
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    this.resized?.disconnect();
    this.gone?.abort();
  }

  listen() {
    this.gone = new AbortController();
    const { signal } = this.gone;
    const on = (target, name, deed, options = {}) => target.addEventListener(name, (event) => deed.call(this, event), { signal, ...options });
    on(this.form, "source", this.sourced);
    on(this.form, "submit", this.submitted, { capture: true });
    on(this, "click", this.clicked);
    on(document, "keydown", this.pressed);
    on(document, "keyup", this.released);
    on(this.size, "input", this.drawCursor);
    on(this.view, "pointerdown", this.down);
    on(this.view, "pointermove", this.move);
    for (const name of ["pointerup", "pointercancel"]) on(this.view, name, this.up);
    on(this.view, "pointerleave", () => !this.byKeys && (this.cursor.hidden = true));
    on(this.view, "wheel", this.wheeled, { passive: false });
    on(this.dialog, "close", this.shrunk);
    this.resized = new ResizeObserver(() => this.picked && this.fit());
    this.resized.observe(this.view);
  }

  sourced(event) {
    if (event.detail.role !== "source") return;
    const { source, chosen } = event.detail;
    if (source?.id === this.picked?.id) return;
    if (chosen) this.forget();
    if (source) this.open(source, this.input.dataset.url);
    else this.close();
  }

  forget() {
    clearTimeout(this.timer);
    this.input.value = "";
    delete this.input.dataset.url;
    this.dirty = false;
  }

  close() {
    this.picked = null;
    this.dialog.hidden = true;
    this.wait.hidden = false;
  }

  open(source, mask) {
    this.picked = source;
    this.width = source.width;
    this.height = source.height;
    this.picture.src = source.url;
    this.mask = new Mask(source.width, source.height, this.overlay);
    this.lens = new Lens(this.view, this.stage, source.width, source.height);
    this.at = { x: source.width / 2, y: source.height / 2 };
    this.dialog.hidden = false;
    this.wait.hidden = true;
    this.view.style.setProperty("--ratio", source.width / source.height);
    this.fit();
    if (mask && this.input.value) this.restore(mask);
    this.refresh();
  }

  // A mask painted before the page was loaded again.
  restore(address) {
    const image = new Image();
    const { picked } = this;
    image.onload = () => {
      if (picked !== this.picked) return;
      this.mask.restore(image);
      this.refresh();
    };
    image.onerror = () => this.forget();
    image.src = address;
  }

  // The brush's diameter in the picture.
  get diameter() {
    return Math.max(1, (Math.max(this.width, this.height) * Number(this.size.value)) / 100);
  }

  // Seeing: all, or a part of it closer.
  fit() {
    this.lens.fit();
    this.seen();
  }

  zoomBy(factor, point) {
    this.lens.zoomBy(factor, point);
    this.seen();
  }

  seen() {
    this.zoom.textContent = `${this.lens.percent} %`;
    this.drawCursor();
  }

  zoomIn() {
    this.zoomBy(1.4);
  }

  zoomOut() {
    this.zoomBy(1 / 1.4);
  }

  wheeled(event) {
    // Until one works in it, the page scrolls past.
    if (!event.ctrlKey && !this.view.matches(":focus") && !this.dialog.matches(":modal")) return;
    event.preventDefault();
    this.zoomBy(Math.exp(-event.deltaY / (event.deltaMode ? 12 : 400)), this.lens.inView(event));
  }

  drawCursor() {
    if (!this.picked) return;
    const { scale, shift } = this.lens;
    const size = this.diameter * scale;
    const [x, y] = [this.at.x * scale + shift.x, this.at.y * scale + shift.y];
    Object.assign(this.cursor.style, { width: `${size}px`, height: `${size}px`, transform: `translate(${x - size / 2}px, ${y - size / 2}px)` });
    this.cursor.classList.toggle("painter__brush--erase", this.tool === "eraser");
  }

  enlarge() {
    if (this.dialog.matches(":modal")) {
      this.dialog.close();
      return;
    }
    this.dialog.removeAttribute("open");
    this.dialog.showModal();
    this.querySelector('[data-do="enlarge"]').setAttribute("aria-pressed", "true");
    this.view.focus();
  }

  shrunk() {
    this.dialog.setAttribute("open", "");
    this.querySelector('[data-do="enlarge"]').setAttribute("aria-pressed", "false");
    this.view.focus({ preventScroll: true });
  }

  down(event) {
    if (!this.picked) return;
    this.byKeys = false;
    this.view.focus({ preventScroll: true });
    event.preventDefault();
    this.view.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, this.lens.inView(event));
    if (this.pointers.size === 2) this.startPinch();
    else if (this.space || event.button === 1) this.panning = this.lens.inView(event);
    else if (this.pointers.size === 1 && event.button === 0) this.startStroke(this.lens.inPicture(event), this.widthOf(event));
  }

  move(event) {
    if (!this.picked) return;
    this.at = this.lens.inPicture(event);
    this.cursor.hidden = event.pointerType === "touch" && !this.mask.stroke;
    this.drawCursor();
    if (!this.pointers.has(event.pointerId)) return;
    const was = this.pointers.get(event.pointerId);
    const now = this.lens.inView(event);
    this.pointers.set(event.pointerId, now);
    if (this.pinch) this.pinched();
    else if (this.panning) this.panBy(now.x - was.x, now.y - was.y);
    else if (this.mask.stroke) this.paint(event);
  }

  // The browser puts several moves into one event; a fast line needs them all.
  paint(event) {
    const moves = event.getCoalescedEvents?.() ?? [];
    for (const one of moves.length ? moves : [event]) this.mask.lineTo(this.lens.inPicture(one), this.widthOf(one));
  }

  up(event) {
    this.pointers.delete(event.pointerId);
    if (event.pointerType === "touch") this.cursor.hidden = true;
    if (this.pointers.size < 2) this.pinch = null;
    if (!this.pointers.size) {
      this.panning = null;
      this.endStroke();
    }
  }

  widthOf(event) {
    return this.diameter * (event.pointerType === "pen" ? 0.25 + 0.75 * event.pressure : 1);
  }

  panBy(x, y) {
    this.lens.panBy(x, y);
    this.drawCursor();
  }

  // The second finger turns what the first had begun into moving about.
  startPinch() {
    this.mask.drop();
    this.pinch = this.fingers();
  }

  fingers() {
    const [a, b] = this.pointers.values();
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, apart: Math.max(1, Math.hypot(a.x - b.x, a.y - b.y)) };
  }

  pinched() {
    if (this.pointers.size < 2) return;
    const now = this.fingers();
    this.panBy(now.x - this.pinch.x, now.y - this.pinch.y);
    this.zoomBy(now.apart / this.pinch.apart, now);
    this.pinch = now;
  }

  startStroke(point, width) {
    this.mask.begin(point, width, this.tool === "eraser");
  }

  endStroke() {
    if (this.mask.end()) this.changed();
  }

  // What the buttons do.
  undo() {
    if (this.mask.undo()) this.changed(this.dataset.undone);
  }

  redo() {
    if (this.mask.redo()) this.changed(this.dataset.redone);
  }

  invert() {
    this.mask.invert();
    this.changed(this.dataset.inverted);
  }

  clear() {
    this.mask.clear();
    this.changed(this.dataset.cleared);
  }

  changed(words = "") {
    this.dirty = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), KEEP_AFTER);
    this.refresh(words);
  }

  // Buttons and the sentence below the picture.
  refresh(words = "") {
    this.querySelector('[data-do="undo"]').disabled = !this.mask.history.length;
    this.querySelector('[data-do="redo"]').disabled = !this.mask.undone.length;
    const share = this.mask.share();
    const painted = share ? fill(this.dataset.painted, { n: share < 0.01 ? "< 1" : Math.round(share * 100) }) : this.dataset.empty;
    this.status.textContent = [words, painted].filter(Boolean).join(" ");
  }

  pressed(event) {
    const here = this.contains(document.activeElement) || this.matches(":hover");
    const typing = event.target.closest?.("input:not([type=range]), textarea, select, [contenteditable]");
    if (!this.picked || !here || typing || this.closest("[data-off]") || event.altKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if ((event.ctrlKey || event.metaKey) && (key === "z" || key === "y")) {
      event.preventDefault();
      if (key === "y" || event.shiftKey) this.redo();
      else this.undo();
    } else if (!event.ctrlKey && !event.metaKey && this.plain(key, event)) event.preventDefault();
  }

  // Whether the key did something.
  plain(key, event) {
    if (KEYS[key]) this.choose(KEYS[key]);
    else if (DEEDS[key]) this[DEEDS[key]]();
    else if (key === "[" || key === "]") this.resize(key === "]" ? 1.25 : 0.8);
    else if (document.activeElement !== this.view) return key === " " && this.matches(":hover") && !event.target.closest("button, a") && this.arm();
    else if (ARROWS[key]) this.moveCursor(ARROWS[key], event.shiftKey ? 4 : 1);
    else if (key === " ") this.arm(event.repeat);
    else return false;
    return true;
  }

  // Space paints where the keys have put the brush; under the mouse it takes hold of the picture.
  arm(repeated) {
    this.space = true;
    this.view.classList.add("painter__view--hold");
    if (!this.byKeys || repeated || this.mask.stroke) return true;
    this.startStroke({ ...this.at }, this.diameter);
    return true;
  }

  released(event) {
    if (event.key !== " " || !this.space) return;
    this.space = false;
    this.view.classList.remove("painter__view--hold");
    if (this.byKeys) this.endStroke();
  }

  moveCursor([x, y], times) {
    const step = Math.max(1, this.diameter / 4) * times;
    this.byKeys = true;
    this.at = { x: clamp(this.at.x + x * step, 0, this.width), y: clamp(this.at.y + y * step, 0, this.height) };
    this.cursor.hidden = false;
    if (this.mask.stroke) this.mask.lineTo({ ...this.at }, this.diameter);
    this.lens.bring(this.at);
    this.drawCursor();
    this.status.textContent = fill(this.dataset.cursor, { x: Math.round((this.at.x / this.width) * 100), y: Math.round((this.at.y / this.height) * 100) });
  }

  resize(factor) {
    const value = Number(this.size.value);
    this.size.value = factor > 1 ? Math.max(value + 1, Math.round(value * factor)) : Math.min(value - 1, Math.round(value * factor));
    this.drawCursor();
  }

  choose(tool) {
    this.tool = tool;
    for (const button of this.querySelectorAll("[data-tool]")) button.setAttribute("aria-pressed", button.dataset.tool === tool);
    this.drawCursor();
    this.status.textContent = this.dataset[tool];
  }

  clicked(event) {
    const tool = event.target.closest("[data-tool]");
    const deed = event.target.closest("[data-do]");
    if (tool) this.choose(tool.dataset.tool);
    if (deed && this.picked) this[deed.dataset.do]();
  }

  // Send the mask; it comes back when the page is loaded again. Resolves to whether it was kept.
  async keep() {
    clearTimeout(this.timer);
    this.dirty = false;
    if (!this.mask.share()) {
      this.forget();
      this.input.dispatchEvent(new Event("change", { bubbles: true }));
      return true;
    }
    const body = new FormData();
    body.append("role", "mask");
    body.append("source", this.picked.id);
    body.append("file", await this.mask.blob(), "mask.png");
    const headers = { "X-CSRFToken": this.form.querySelector('[name="csrfmiddlewaretoken"]').value, Accept: "application/json" };
    try {
      const response = await fetch(this.dataset.upload, { method: "POST", body, headers, redirect: "error" });
      if (!response.ok) throw new Error(response.status);
      const { id, url } = await response.json();
      this.input.value = id;
      this.input.dataset.url = url;
      this.input.dispatchEvent(new Event("change", { bubbles: true }));
      return true;
    } catch {
      this.dirty = true;
      this.status.textContent = this.dataset.failed;
      return false;
    }
  }

  // What was painted in the last moment goes along.
  async submitted(event) {
    if (this.closest("[data-off]") || !this.picked) return;
    if (!this.dirty && !this.keeping) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (this.keeping) return;
    this.endStroke();
    this.status.textContent = this.dataset.saving;
    this.keeping = this.keep();
    const kept = await this.keeping;
    this.keeping = null;
    if (kept) this.form.requestSubmit();
  }
}

customElements.define("mask-painter", MaskPainter);
