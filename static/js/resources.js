// <resource-stack>: what is drawn with besides the model, chosen in the dialog of picker.js.
import { openPicker } from "./picker.js";

class ResourceStack extends HTMLElement {
  connectedCallback() {
    queueMicrotask(() => this.begin());
  }

  begin() {
    if (this.list) return;
    this.form = this.closest("form");
    this.list = this.querySelector('[data-part="list"]');
    this.gone = new AbortController();
    const { signal } = this.gone;
    this.addEventListener("click", (event) => this.clicked(event));
    this.addEventListener("input", (event) => this.slid(event.target));
    this.form.addEventListener("model", () => this.check(), { signal });
    this.form.addEventListener("click", (event) => this.asked(event), { signal });
    this.check();
  }

  disconnectedCallback() {
    this.gone?.abort();
  }

  get family() {
    return this.form.querySelector('[name="model"]:checked')?.dataset.family ?? "";
  }

  get items() {
    return [...this.list.children];
  }

  clicked(event) {
    const pick = event.target.closest("[data-pick]");
    const remove = event.target.closest("[data-remove-resource]");
    if (pick) openPicker({ kind: pick.dataset.pick, family: this.family, take: (item) => this.add(item) });
    if (!remove) return;
    remove.closest("li").remove();
    this.changed();
    this.querySelector("[data-pick]").focus();
  }

  // The button that a refusal offers, or the stack itself.
  asked(event) {
    const drop = event.target.closest("[data-drop]");
    if (!drop || drop === this) return;
    const slugs = new Set(drop.dataset.drop.split(" "));
    for (const item of this.items) if (slugs.has(item.dataset.slug)) item.remove();
    for (const select of this.form.querySelectorAll("select[data-fitting]")) if (slugs.has(select.value)) select.value = "";
    drop.closest('[data-part="alert"], [data-part="misfits"]').replaceChildren();
    this.changed();
  }

  // Slider and number beside each other say the same.
  slid(input) {
    const pair = input.closest(".resource__weight");
    if (!pair) return;
    for (const other of pair.children) if (other !== input) other.value = input.value;
  }

  has(kind, slug) {
    return this.items.some((item) => item.dataset.kind === kind && item.dataset.slug === slug);
  }

  // Take in a resource (its <li>). Returns what stands in the way, in words.
  add(item) {
    const { kind, slug } = item.dataset;
    if (this.has(kind, slug)) return "";
    const same = this.items.filter((one) => one.dataset.kind === kind);
    if (kind === "controlnet") for (const one of same) one.remove();
    const most = Number(this.getAttribute(`data-most-${kind}`) ?? 1);
    if (kind !== "controlnet" && same.length >= most) return this.dataset.full;
    this.list.append(item);
    this.changed();
    return "";
  }

  changed() {
    this.check();
    this.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // Mark what does not fit the model, and offer to remove it.
  check() {
    const misfits = this.items.filter((item) => {
      const off = Boolean(this.family) && !item.dataset.fits.split(" ").includes(this.family);
      const words = item.querySelector('[data-part="misfit"]');
      item.classList.toggle("resource--off", off);
      words.hidden = !off;
      words.textContent = off ? this.dataset.misfit.replace("{f}", item.dataset.family) : "";
      return off;
    });
    this.offer(misfits.map((item) => item.dataset.slug));
    for (const option of this.form.querySelectorAll("select[data-fitting] option[data-fits]")) {
      option.disabled = option.hidden = !option.dataset.fits.split(" ").includes(this.family);
      if (option.disabled && option.selected) option.parentElement.value = "";
    }
  }

  offer(slugs) {
    const box = this.querySelector('[data-part="misfits"]');
    box.replaceChildren();
    if (!slugs.length) return;
    const words = Object.assign(document.createElement("p"), { className: "small", textContent: this.dataset.misfits });
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button button--small", textContent: this.dataset.drop });
    button.dataset.drop = slugs.join(" ");
    box.append(words, button);
  }

  // What a reload must bring back: the rows as they stand.
  get kept() {
    return this.items.map((item) => {
      for (const input of item.querySelectorAll("input")) input.setAttribute("value", input.value);
      return item.outerHTML;
    });
  }

  set kept(rows) {
    const fresh = new DOMParser().parseFromString(rows.join(""), "text/html");
    this.list.replaceChildren(...[...fresh.querySelectorAll("li.resource")].map((item) => document.adoptNode(item)));
    this.check();
  }
}

customElements.define("resource-stack", ResourceStack);
