// The dialog in which models and additions are chosen; <model-choices> is the model of the form.
const SEARCH_AFTER = 250; // ms of rest
const MODEL = "checkpoint";

const picker = () => document.querySelector('[data-picker="resources"]');
const part = (name) => picker().querySelector(`[data-part="${name}"]`);
let asking = null;
let waiting;

// kind: of what; family: of the model it must fit; take(element): has it now, and says what stands in the way, if anything.
export function openPicker({ kind, family, take }) {
  asking = { family, take };
  const dialog = picker();
  dialog.dataset.kind = kind;
  part("title").textContent = part("title").dataset[kind];
  part("search").value = part("of").value = "";
  part("of").hidden = kind !== MODEL || part("of").options.length < 3;
  part("said").textContent = "";
  dialog.showModal();
  const last = localStorage.getItem("picker-tab");
  showTab(dialog.querySelector(`[data-tab="${last}"]`) ? last : "all");
}

function showTab(tab) {
  localStorage.setItem("picker-tab", tab);
  picker().dataset.tab = tab;
  for (const button of picker().querySelectorAll("[data-tab]")) button.setAttribute("aria-pressed", button.dataset.tab === tab);
  search();
}

function search() {
  const { kind, tab, address } = picker().dataset;
  const query = new URLSearchParams({ kind, tab, family: asking.family, q: part("search").value, of: part("of").value });
  load(`${address}?${query}`, true);
}

// While it is asked for, the list shows that it is busy; what failed says so and can be tried again.
async function load(address, afresh) {
  const asked = (load.latest = {});
  const list = part("list");
  list.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(address, { redirect: "error" });
    if (!response.ok) throw new Error(response.status);
    const rows = await response.text();
    if (load.latest !== asked) return;
    if (afresh) list.replaceChildren();
    list.insertAdjacentHTML("beforeend", rows);
  } catch {
    if (load.latest === asked) list.replaceChildren(picker().querySelector('[data-part="broken"]').content.cloneNode(true));
  } finally {
    if (load.latest === asked) list.removeAttribute("aria-busy");
  }
}

function choose(button) {
  const item = button.closest(".choose").querySelector("template").content.firstElementChild.cloneNode(true);
  const trouble = asking.take(item);
  part("said").textContent = trouble;
  if (!trouble) picker().close();
}

document.addEventListener("click", (event) => {
  const dialog = event.target.closest('[data-picker="resources"]');
  if (!dialog) return;
  const at = (selector) => event.target.closest(selector);
  if (event.target === dialog || at("[data-close]")) dialog.close();
  if (at("[data-tab]")) showTab(at("[data-tab]").dataset.tab);
  if (at("[data-again]")) search();
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

class ModelChoices extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      if (event.target.closest("[data-pick-model]")) openPicker({ kind: MODEL, family: "", take: (item) => this.take(item) });
    });
  }

  // The card of the chosen model, first among the form's.
  take(card) {
    const list = this.querySelector(".choices");
    const wanted = card.querySelector("input").value;
    const known = [...list.querySelectorAll('input[name="model"]')].find((input) => input.value === wanted);
    if (!known) list.prepend(card);
    const input = known ?? card.querySelector("input");
    input.checked = true;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    input.closest(".choice").scrollIntoView({ block: "nearest" });
    return "";
  }
}

customElements.define("model-choices", ModelChoices);
