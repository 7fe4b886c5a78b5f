// What every page needs: theme switch, menus that close, Ctrl+Enter, examples into the box.
const root = document.documentElement;
root.classList.add("js");

function isDark() {
  const chosen = root.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function switchTheme() {
  root.dataset.theme = isDark() ? "light" : "dark";
  // A cookie, so that the server sends the next page in this theme and nothing flashes.
  document.cookie = `theme=${root.dataset.theme};path=/;max-age=31536000;samesite=lax`;
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!except || !menu.contains(except)) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  closeMenus(event.target);
  if (event.target.closest("[data-theme-switch]")) switchTheme();
  const example = event.target.closest("[data-example]");
  const box = document.querySelector(".prompt-box textarea, #id_prompt");
  if (example && box && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    box.value = example.dataset.example;
    box.focus();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus();
  const form = event.target.closest?.("form[data-ctrl-enter]");
  if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  }
  if (form && event.key === "Enter" && !event.shiftKey && event.target.matches(".prompt-box textarea") && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});

// One press of a button, one request: a plain form goes grey until the next page has come.
document.addEventListener("submit", (event) => {
  if (event.target.hasAttribute("hx-post") || event.defaultPrevented) return;
  const button = event.submitter;
  setTimeout(() => button?.setAttribute("aria-disabled", "true"));
});
// What htmx must not swap in: the sign-in page in the middle of another, and pages that say an error.
document.addEventListener("htmx:before:response", (event) => {
  const response = event.detail.ctx.response.raw;
  if (response.redirected) {
    event.preventDefault();
    location.assign(response.url);
  }
});

function sorry() {
  const box = document.getElementById("sorry");
  box.hidden = false;
  clearTimeout(sorry.timer);
  sorry.timer = setTimeout(() => (box.hidden = true), 8000);
}
document.addEventListener("htmx:error", sorry);
document.addEventListener("htmx:response:error", (event) => {
  const { status, headers } = event.detail.ctx.response;
  // A form that comes back says itself what is wrong.
  if (status >= 500 && !headers.has("HX-Retarget")) sorry();
});

addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll('button[aria-disabled="true"]')) button.removeAttribute("aria-disabled");
});
