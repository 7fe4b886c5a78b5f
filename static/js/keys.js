// The keys of the generator: "?" shows them, "/" goes to the prompt. Whoever types by voice can switch single keys off.
const OFF = "single-keys-off";
const dialog = document.getElementById("keys");
const box = dialog?.querySelector("[data-single-keys]");

const isTyping = ({ target }) => target.closest?.("input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]");

function show() {
  dialog.showModal();
  dialog.querySelector("[data-close]").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event) || localStorage.getItem(OFF)) return;
  // A dialog that is open has keys of its own.
  if (event.key === "?" && dialog && !document.querySelector("dialog:modal")) {
    event.preventDefault();
    show();
  }
  const prompt = document.querySelector("prompt-box textarea");
  if (event.key === "/" && prompt?.offsetParent && !document.querySelector("dialog:modal")) {
    event.preventDefault();
    prompt.focus();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-open-keys]")) show();
});

dialog?.addEventListener("click", (event) => {
  if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
});

if (box) {
  box.checked = !localStorage.getItem(OFF);
  box.addEventListener("change", () => (box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
}
