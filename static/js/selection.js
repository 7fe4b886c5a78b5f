// <selection-bar>: what to do with the pictures that are ticked.
class SelectionBar extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.onChange = (event) => event.target.matches?.("[data-tick]") && this.show(event.target);
    document.addEventListener("change", this.onChange);
    document.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && this.set(false));
    this.addEventListener("click", (event) => this.clicked(event));
    this.form.addEventListener("submit", (event) => this.submitted(event));
    this.show();
  }

  get boxes() {
    return [...document.querySelectorAll("[data-tick]")].filter((box) => box.offsetParent);
  }

  get chosen() {
    return [...document.querySelectorAll("[data-tick]:checked")];
  }

  show(last) {
    const most = Number(this.dataset.most);
    if (last?.checked && this.chosen.length > most) {
      last.checked = false;
      this.said(this.dataset.tooMany);
    }
    const chosen = this.chosen;
    for (const tile of document.querySelectorAll(".result")) tile.classList.toggle("result--picked", Boolean(tile.querySelector("[data-tick]:checked")));
    document.documentElement.classList.toggle("selecting", chosen.length > 0);
    this.hidden = !chosen.length && this.querySelector('[data-part="said"]').hidden;
    this.form.hidden = !chosen.length;
    this.querySelector('[data-part="count"]').textContent = this.dataset.one.replace("{n}", chosen.length);
    this.querySelector('[data-part="ids"]').replaceChildren(...chosen.map((box) => hidden("picture", box.value)));
    const compare = this.querySelector('[data-deed="compare"]');
    compare.disabled = chosen.length < 2 || chosen.length > 4;
    if (last?.checked) this.querySelector('[data-part="said"]').hidden = true;
  }

  set(checked) {
    const most = Number(this.dataset.most);
    for (const box of checked ? this.boxes.slice(0, most) : this.chosen) box.checked = checked;
    this.show();
  }

  clicked(event) {
    const select = event.target.closest("[data-select]");
    if (select) this.set(select.dataset.select === "all");
    if (event.target.closest('[data-deed="compare"]')) {
      const address = new URL(this.dataset.compare, location.href);
      for (const box of this.chosen) address.searchParams.append("p", box.value);
      location.assign(address);
    }
  }

  // The ZIP is a download of the browser's own; the others are asked for here, and the page says what was done.
  async submitted(event) {
    const { deed } = event.submitter?.dataset ?? {};
    if (deed === "zip") return;
    event.preventDefault();
    const ids = this.chosen.map((box) => box.value);
    const told = await this.post(event.submitter.formAction, ids);
    if (!told) return;
    if (deed === "trash") for (const id of told.pictures) document.getElementById(`result-${id}`)?.setAttribute("hidden", "");
    this.set(false);
    this.said(told.said, deed === "trash" && (() => this.undo(event.submitter.formAction.replace("/trash/", "/restore/"), told.pictures)));
    if (deed === "publish") document.dispatchEvent(new CustomEvent("pictures:published", { detail: told.pictures }));
  }

  async undo(address, ids) {
    const told = await this.post(address, ids);
    if (!told) return;
    for (const id of told.pictures) document.getElementById(`result-${id}`)?.removeAttribute("hidden");
    this.said(told.said);
  }

  async post(address, ids) {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", this.form.elements.csrfmiddlewaretoken.value);
    for (const id of ids) body.append("picture", id);
    try {
      const response = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } });
      const told = await response.json();
      if (!response.ok) this.said(told.error);
      return response.ok ? told : null;
    } catch {
      const box = document.getElementById("sorry");
      box.hidden = false;
      setTimeout(() => (box.hidden = true), 8000);
      return null;
    }
  }

  said(words, undo) {
    const line = this.querySelector('[data-part="said"]');
    line.replaceChildren(words);
    if (undo) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "button button--small", textContent: this.dataset.undo });
      button.addEventListener("click", undo, { once: true });
      line.append(" ", button);
    }
    line.hidden = false;
    this.hidden = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => ((line.hidden = true), this.show()), 12000);
  }
}

function hidden(name, value) {
  return Object.assign(document.createElement("input"), { type: "hidden", name, value });
}

// A published picture's button must say the opposite now: its card comes afresh.
document.addEventListener("pictures:published", async ({ detail }) => {
  const cards = new Set(detail.map((id) => document.getElementById(`result-${id}`)?.closest("job-card")).filter(Boolean));
  for (const card of cards) {
    const response = await fetch(card.dataset.card);
    if (!response.ok) continue;
    const fresh = document.adoptNode(new DOMParser().parseFromString(await response.text(), "text/html").querySelector("job-card"));
    card.replaceWith(fresh);
    globalThis.htmx?.process(fresh);
  }
});

customElements.define("selection-bar", SelectionBar);
