// The settings' menu on a phone: the section one is in is scrolled into sight.
const menu = document.querySelector("[data-settings-menu]");
const current = menu?.querySelector('[aria-current="page"]');
if (current && menu.scrollWidth > menu.clientWidth) {
  menu.scrollLeft = current.offsetLeft - (menu.clientWidth - current.offsetWidth) / 2;
}

// A picture is sent as soon as it is chosen.
for (const input of document.querySelectorAll("[data-send-when-chosen]")) {
  input.addEventListener("change", () => input.files?.length !== 0 && input.form.requestSubmit());
}
