// The menu of a tile (one popover for all), and links that fill the form without leaving the page.
const NOBODY = "00000000-0000-0000-0000-000000000000";
const menu = document.getElementById("tile-menu");
const say = (words) => (document.getElementById("say").textContent = words);
let tile, opener;

function items() {
  return [...menu.querySelectorAll('[role="menuitem"]')];
}

function open(button) {
  opener = button;
  tile = button.closest("[data-tile]");
  for (const item of menu.querySelectorAll("a[data-to]")) {
    item.href = item.dataset.to.replaceAll(NOBODY, tile.dataset.tile).replace("SEED", tile.dataset.seed);
  }
  menu.showPopover();
  place(button.getBoundingClientRect());
  button.setAttribute("aria-expanded", "true");
  items()[0].focus({ preventScroll: true });
}

// Beside the button, within the window.
function place({ left, right, top, bottom }) {
  const { offsetWidth: width, offsetHeight: height } = menu;
  const x = Math.max(8, Math.min(right - width, innerWidth - width - 8));
  const below = bottom + 6 + height <= innerHeight;
  const y = below ? bottom + 6 : Math.max(8, Math.min(top - height - 6, innerHeight - height - 8));
  menu.style.left = `${width > innerWidth - 16 ? left : x}px`;
  menu.style.top = `${y}px`;
}

function close() {
  if (menu.matches(":popover-open")) menu.hidePopover();
}

const DEEDS = {
  compare() {
    const box = tile.querySelector("[data-tick]");
    box.checked = true;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  },
  publish() {
    tile.querySelector('form[action*="publish"] button')?.click();
  },
  async seed() {
    await write(tile.dataset.seed);
    say(menu.dataset.copied);
  },
  async delete(item) {
    const body = new FormData(menu.querySelector("form"));
    body.set("next", location.pathname + location.search);
    const gone = tile;
    const address = item.dataset.to.replace(NOBODY, gone.dataset.tile);
    const response = await fetch(address, { method: "POST", body, headers: { "HX-Request": "true" } });
    if (!response.ok) return;
    gone.innerHTML = await response.text();
    gone.classList.add("result--gone");
    say(menu.dataset.deleted);
  },
};

// The clipboard API exists on https and localhost only; a home server on plain http has the old way.
async function write(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const box = document.createElement("textarea");
  box.value = text;
  box.className = "sr-only";
  document.body.append(box);
  box.select();
  document.execCommand("copy");
  box.remove();
}

menu?.addEventListener("toggle", (event) => {
  if (event.newState === "closed") opener?.setAttribute("aria-expanded", "false");
});

menu?.addEventListener("click", (event) => {
  const item = event.target.closest('[role="menuitem"]');
  if (!item) return;
  const back = opener;
  close();
  if (item.dataset.deed) {
    DEEDS[item.dataset.deed](item);
    if (item.dataset.deed !== "delete") back.focus();
  }
});

menu?.addEventListener("keydown", (event) => {
  const all = items();
  const at = all.indexOf(document.activeElement);
  const wanted = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (wanted !== undefined) {
    event.preventDefault();
    all[(wanted + all.length) % all.length].focus();
  } else if (event.key === "Tab") {
    event.preventDefault();
    close();
    opener.focus();
  } else if (event.key === "Escape") {
    event.stopPropagation();
    close();
    opener.focus();
  }
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-tile-menu]");
  if (button && menu) {
    if (menu.matches(":popover-open") && opener === button) close();
    else open(button);
    return;
  }
  const link = event.target.closest("a[data-fill]");
  const form = document.getElementById("generate-form");
  if (!link || !form || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  fillForm(link.href, form);
});
// The menu stays with its tile, and goes with it.
addEventListener("scroll", () => {
  if (!menu?.matches(":popover-open")) return;
  const at = opener.getBoundingClientRect();
  if (at.bottom < 0 || at.top > innerHeight) close();
  else place(at);
}, { passive: true });

// The form as that address would show it, in the place of this one; the results stay as they are.
async function fillForm(address, form) {
  form.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(address, { redirect: "error" });
    if (!response.ok) throw new Error(response.status);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = document.adoptNode(page.getElementById("generate-form"));
    keepWords(form, fresh);
    form.replaceWith(fresh);
    globalThis.htmx?.process(fresh);
    history.replaceState(history.state, "", address);
    if (menu) say(menu.dataset.loaded);
    document.getElementById("light")?.close();
    fresh.scrollIntoView({ block: "nearest", behavior: "smooth" });
    if (matchMedia("(max-width: 980px)").matches) fresh.scrollIntoView({ block: "start", behavior: "smooth" });
    fresh.querySelector("textarea")?.focus({ preventScroll: true });
  } catch {
    location.assign(address);
  }
}

// Where the new form comes without words of its own, those already typed stay.
function keepWords(form, fresh) {
  if (fresh.querySelector('[name="prompt"]').value) return;
  for (const name of ["prompt", "negative_prompt"]) {
    fresh.querySelector(`[name="${name}"]`).value ||= form.querySelector(`[name="${name}"]`).value;
  }
}

// The example of an axis' values follows what is chosen to change.
document.addEventListener("change", (event) => {
  const pair = event.target.closest?.("[data-axis]");
  if (!pair || !event.target.matches("select")) return;
  const values = pair.querySelector("[data-examples]");
  values.placeholder = JSON.parse(values.dataset.examples)[event.target.value] ?? "";
});
