// <resource-stack>: what is drawn with besides the model, and the dialog in which it is chosen.
const SEARCH_AFTER = 250; // ms of rest

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
    if (pick) openPicker(this, pick.dataset.pick);
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

// --- The dialog -----------------------------------------------------------------------------------
let stack = null;
let waiting;

const picker = () => document.querySelector('[data-picker="resources"]');
const part = (name) => picker().querySelector(`[data-part="${name}"]`);

function openPicker(asking, kind) {
  stack = asking;
  picker().dataset.kind = kind;
  part("title").textContent = part("title").dataset[kind];
  part("search").value = "";
  picker().showModal();
  const last = localStorage.getItem("picker-tab");
  showTab(picker().querySelector(`[data-tab="${last}"]`) ? last : "all");
}

function showTab(tab) {
  localStorage.setItem("picker-tab", tab);
  picker().dataset.tab = tab;
  for (const button of picker().querySelectorAll("[data-tab]")) button.setAttribute("aria-pressed", button.dataset.tab === tab);
  search();
}

function search() {
  const { kind, tab, address } = picker().dataset;
  const query = new URLSearchParams({ kind, tab, family: stack.family, q: part("search").value });
  load(`${address}?${query}`, true);
}

async function load(address, afresh) {
  const asked = (load.latest = {});
  const response = await fetch(address, { redirect: "error" });
  if (load.latest !== asked || !response.ok) return;
  if (afresh) part("list").replaceChildren();
  part("list").insertAdjacentHTML("beforeend", await response.text());
}

function choose(button) {
  const item = button.closest(".choose").querySelector("template").content.firstElementChild.cloneNode(true);
  const trouble = stack.add(item);
  document.getElementById("say").textContent = trouble;
  if (!trouble) picker().close();
}

document.addEventListener("click", (event) => {
  const dialog = event.target.closest('[data-picker="resources"]');
  if (!dialog) return;
  const at = (selector) => event.target.closest(selector);
  if (event.target === dialog || at("[data-close]")) dialog.close();
  if (at("[data-tab]")) showTab(at("[data-tab]").dataset.tab);
  if (at("[data-add]")) choose(at("[data-add]"));
  const more = at("[data-more]");
  if (!more) return;
  more.remove();
  load(more.dataset.more, false);
});

document.addEventListener("input", (event) => {
  if (!event.target.closest('[data-picker="resources"]')) return;
  clearTimeout(waiting);
  waiting = setTimeout(search, SEARCH_AFTER);
});

customElements.define("resource-stack", ResourceStack);
