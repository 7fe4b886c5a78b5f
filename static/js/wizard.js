// Steps that change without leaving the page while files are being sent, and pictures that go at once when chosen.
const place = document.getElementById("wizard");
const dock = document.querySelector("upload-dock");

async function visit(address, options = {}) {
  const answer = await fetch(address, options);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("wizard");
  // Signed out, or gone: the whole page says so.
  if (!fresh) return location.assign(answer.url);
  place.replaceChildren(...fresh.childNodes);
  document.title = page.title;
  window.htmx?.process(place);
  place.focus({ preventScroll: true });
  scrollTo({ top: 0 });
  document.dispatchEvent(new Event("wizard:shown"));
  return answer.url;
}

async function go(address, options) {
  const form = document.querySelector("form[data-autosave]");
  if (form && !options) await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } });
  const arrived = await visit(address, options);
  if (arrived) history.pushState({}, "", arrived);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-step]");
  if (!link || !dock?.isBusy || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(link.href);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!dock?.isBusy || !place?.contains(form) || form.hasAttribute("hx-post") && !form.hasAttribute("data-autosave")) return;
  event.preventDefault();
  go(form.action, { method: "POST", body: new FormData(form, event.submitter) });
});
addEventListener("popstate", () => (dock?.isBusy ? visit(location.href) : location.reload()));

// The pictures' zone: what is dropped or chosen is sent at once.
document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-send-on-choose]");
  if (!form || !event.target.files?.length) return;
  form.requestSubmit();
  // The same picture may be chosen again; what is being sent has been read already.
  setTimeout(() => form.reset());
});
document.addEventListener("dragover", (event) => {
  const zone = event.target.closest?.("[data-drop]");
  if (!zone) return;
  event.preventDefault();
  zone.classList.add("drop--over");
});
document.addEventListener("dragleave", (event) => event.target.closest?.("[data-drop]")?.classList.remove("drop--over"));
document.addEventListener("drop", (event) => {
  const zone = event.target.closest?.("[data-drop]");
  if (!zone) return;
  event.preventDefault();
  zone.classList.remove("drop--over");
  const input = zone.querySelector("input[type=file]");
  input.files = event.dataTransfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
});
