// <picture-compare>: two pictures by a slider, by turns or as their difference, or all of them side by side.
class PictureCompare extends HTMLElement {
  connectedCallback() {
    this.pictures = [...this.querySelectorAll("[data-picture]")];
    this.pair = [0, 1];
    this.front = 0;
    this.range = this.part("range");
    this.addEventListener("change", (event) => this.changed(event.target));
    this.range.addEventListener("input", () => this.slide());
    this.part("flip").querySelector("button").addEventListener("click", () => this.flip());
    this.part("stage").addEventListener("pointerdown", (event) => this.touch(event));
    this.part("stage").addEventListener("pointermove", (event) => event.buttons && this.follow(event));
    document.addEventListener("keydown", (event) => this.key(event));
    this.draw();
  }

  part(name) {
    return this.querySelector(`[data-part="${name}"]`);
  }

  get mode() {
    return this.dataset.mode;
  }

  changed(input) {
    if (input.name === "mode") this.dataset.mode = input.value;
    if (input.dataset.side) this.pair[input.dataset.side === "A" ? 0 : 1] = Number(input.value);
    if (input.name === "mode" || input.dataset.side) this.draw();
  }

  draw() {
    const { mode, pair } = this;
    const alone = mode === "side";
    for (const [index, picture] of this.pictures.entries()) {
      picture.hidden = !alone && !pair.includes(index);
      picture.classList.toggle("compare__picture--over", !alone && index === pair[1]);
      picture.style.clipPath = picture.style.visibility = "";
    }
    this.part("slide").hidden = this.part("line").hidden = mode !== "slider";
    this.part("flip").hidden = mode !== "flip";
    this.part("about").hidden = mode !== "difference";
    const pairs = this.querySelector("[data-pairs]");
    if (pairs) pairs.hidden = alone;
    if (mode === "slider") this.slide();
    if (mode === "flip") this.turn(0);
  }

  slide() {
    const at = `${this.range.value}%`;
    this.pictures[this.pair[1]].style.clipPath = `inset(0 0 0 ${at})`;
    this.part("line").style.left = at;
  }

  flip() {
    this.turn(1 - this.front);
  }

  turn(front) {
    this.front = front;
    this.pictures[this.pair[1]].style.visibility = front ? "" : "hidden";
    this.part("shown").textContent = this.pictures[this.pair[front]].querySelector("figcaption").textContent;
  }

  touch(event) {
    if (this.mode === "flip") this.flip();
    if (this.mode !== "slider") return;
    event.preventDefault();
    this.part("stage").setPointerCapture(event.pointerId);
    this.follow(event);
  }

  follow(event) {
    if (this.mode !== "slider") return;
    const { left, width } = this.part("stage").getBoundingClientRect();
    this.range.value = Math.round(((event.clientX - left) / width) * 100);
    this.slide();
  }

  key(event) {
    if (event.target.closest("input, select, textarea, button, a, summary") && event.target !== this.range) return;
    if (event.key === " " && this.mode === "flip") {
      event.preventDefault();
      this.flip();
    }
    const step = { ArrowLeft: -5, ArrowRight: 5 }[event.key];
    if (step && this.mode === "slider" && event.target !== this.range) {
      this.range.value = Number(this.range.value) + step;
      this.slide();
    }
  }
}

customElements.define("picture-compare", PictureCompare);
