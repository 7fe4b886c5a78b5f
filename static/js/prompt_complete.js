// Suggestions below the prompt, as the combobox pattern of the ARIA Authoring Practices has it: the caret stays in
// the text, arrows move through the list, Tab or Enter takes what is marked, Escape closes.
const PAUSE = 160; // ms without a key
// What ends a fragment: the text after the last of these is looked for.
const FRAGMENT = /[^,，、。;；:：()（）[\]{}|\n]*$/;

export class Completion {
  constructor(host) {
    this.host = host;
    this.box = host.box;
    this.list = host.querySelector("[data-suggestions]");
    this.marked = -1;
    Object.entries({
      role: "combobox", "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-expanded": "false",
      "aria-controls": this.list.id, autocomplete: "off",
    }).forEach(([name, value]) => this.box.setAttribute(name, value));
    this.box.addEventListener("input", (event) => !event.isComposing && event.isTrusted && this.later());
    this.box.addEventListener("compositionend", () => this.later());
    this.box.addEventListener("blur", () => this.close());
    this.box.addEventListener("click", () => this.close());
    // Ctrl+Enter leaves the focus in the box, and the results should not wait behind suggestions.
    this.host.form.addEventListener("submit", () => this.close());
    // Not a click: the text must keep the focus.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.take(event.target.closest("[role=option]")));
  }

  get isOpen() {
    return !this.list.hidden;
  }

  get options() {
    return [...this.list.children];
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  get fragment() {
    const before = this.box.value.slice(0, this.box.selectionStart);
    const lora = before.match(/<[^<>]*$/);
    return (lora ? lora[0] : before.match(FRAGMENT)[0]).trimStart();
  }

  async ask() {
    const fragment = this.fragment;
    this.asking?.abort();
    if (!fragment.trim() || this.box.selectionStart !== this.box.selectionEnd) return this.close();
    this.asking = new AbortController();
    const query = new URLSearchParams({ q: fragment.slice(-60) });
    for (const name of ["model", "lora", "embeddings"]) {
      for (const slug of new FormData(this.host.form).getAll(name)) if (slug) query.append("model", slug);
    }
    try {
      const response = await fetch(`${this.host.dataset.complete}?${query}`, { signal: this.asking.signal });
      const found = response.ok ? (await response.json()).results : [];
      if (fragment === this.fragment && document.activeElement === this.box) this.show(found);
    } catch {
      // Typing went on, or the site is away: there is nothing to suggest.
    }
  }

  show(found) {
    if (!found.length) return this.close();
    this.list.replaceChildren(...found.map((one, place) => option(one, `${this.list.id}-${place}`)));
    this.list.hidden = false;
    this.box.setAttribute("aria-expanded", "true");
    this.mark(-1);
    document.getElementById("say").textContent = this.host.dataset.found.replace("%(number)s", found.length);
  }

  close() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.list.hidden = true;
    this.box.setAttribute("aria-expanded", "false");
    this.mark(-1);
  }

  mark(place) {
    this.marked = place;
    this.options.forEach((one, index) => one.setAttribute("aria-selected", String(index === place)));
    const chosen = this.options[place];
    if (chosen) this.box.setAttribute("aria-activedescendant", chosen.id);
    else this.box.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  }

  // Whether the key was for the list. Enter makes a new line until something is marked.
  pressed(event) {
    if (!this.isOpen || event.ctrlKey || event.metaKey || event.altKey) return false;
    const last = this.options.length - 1;
    if (event.key === "ArrowDown") this.mark(this.marked >= last ? 0 : this.marked + 1);
    else if (event.key === "ArrowUp" && this.marked >= 0) this.mark(this.marked - 1);
    else if (event.key === "Escape") this.close();
    else if (event.key === "Tab" && !event.shiftKey) this.take(this.options[Math.max(0, this.marked)]);
    else if (event.key === "Enter" && this.marked >= 0) this.take(this.options[this.marked]);
    else return false;
    event.stopPropagation();
    return true;
  }

  take(chosen) {
    if (!chosen) return;
    const { insert, kind, length } = chosen.dataset;
    const end = this.box.selectionStart;
    this.close();
    this.box.setRangeText(kind === "style" ? "" : insert, end - Number(length), end, "end");
    if (kind === "style") this.host.tick(insert);
    this.box.focus();
    this.box.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function option(one, id) {
  const row = document.createElement("li");
  Object.assign(row, { id, role: "option", className: "suggestion" });
  Object.assign(row.dataset, { insert: one.insert, kind: one.kind, length: one.length });
  row.append(part("label", one.label), part("hint", one.hint), part("kind", one.kind_label));
  return row;
}

function part(name, text) {
  const span = document.createElement("span");
  span.className = `suggestion__${name}`;
  span.textContent = text;
  return span;
}
