// <chip-field> around a text input with commas: the words stand as chips before a small input. The text input stays the
// form's value, so the form works the same without script.
class ChipField extends HTMLElement {
  connectedCallback() {
    this.source = this.querySelector("input");
    if (!this.source || this.box) return;
    this.words = this.read(this.source.value);
    this.build();
    this.draw();
  }

  read(text) {
    return [...new Set(text.split(/[,，\n]/).map((word) => word.trim().replace(/\s+/g, " ")).filter(Boolean))];
  }

  build() {
    this.box = document.createElement("div");
    this.box.className = "chip-field";
    this.list = document.createElement("ul");
    this.list.className = "chip-field__list";
    this.entry = document.createElement("input");
    Object.assign(this.entry, { className: "chip-field__entry", placeholder: this.dataset.hint, type: "text", autocomplete: "off" });
    this.entry.id = this.source.id;
    this.source.removeAttribute("id");
    this.source.type = "hidden";
    this.box.append(this.list, this.entry);
    this.append(this.box);
    this.entry.addEventListener("keydown", (event) => this.key(event));
    this.entry.addEventListener("input", () => /[,，\n]/.test(this.entry.value) && this.take());
    // Its own change is not the form's: the words are what is saved.
    this.entry.addEventListener("change", (event) => event.stopPropagation());
    this.entry.addEventListener("blur", () => this.take());
    this.box.addEventListener("click", () => this.entry.focus());
  }

  key(event) {
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      this.take();
    } else if (event.key === "Backspace" && !this.entry.value && this.words.length) {
      this.change(this.words.slice(0, -1));
    }
  }

  take() {
    const more = this.read(this.entry.value);
    this.entry.value = "";
    if (more.length) this.change([...new Set([...this.words, ...more])]);
  }

  change(words) {
    this.words = words;
    this.draw();
    this.source.value = words.join(", ");
    this.source.dispatchEvent(new Event("change", { bubbles: true }));
  }

  draw() {
    this.list.replaceChildren(...this.words.map((word) => this.chip(word)));
  }

  chip(word) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "×";
    button.setAttribute("aria-label", this.dataset.remove.replace("{w}", word));
    button.addEventListener("click", () => {
      this.change(this.words.filter((one) => one !== word));
      this.entry.focus();
    });
    item.append(word, button);
    return item;
  }
}

customElements.define("chip-field", ChipField);
