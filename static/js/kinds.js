// What belongs to other kinds of work is hidden by the stylesheet; here it is also kept from being sent.
function follow(form) {
  const kind = form.querySelector('[name="kind"]:checked')?.value;
  if (!kind) return;
  for (const part of form.querySelectorAll("[data-kinds]")) {
    const applies = part.dataset.kinds.split(" ").includes(kind) && !part.parentElement.closest("[data-kinds][data-off]");
    part.toggleAttribute("data-off", !applies);
    for (const field of part.querySelectorAll("input, select, textarea")) {
      if (field.closest("[data-kinds]") === part) field.disabled = !applies;
    }
  }
  recommend(form, kind);
  form.dispatchEvent(new CustomEvent("kind", { bubbles: true, detail: { kind } }));
}

// The strength that suits the kind, until the user has set their own.
function recommend(form, kind) {
  const strength = form.querySelector('[name="strength"]');
  const value = JSON.parse(form.querySelector("[data-strengths]").dataset.strengths)[kind];
  if (value === undefined || "touched" in strength.dataset) return;
  strength.value = value;
  form.querySelector('[data-slides="strength"]').value = value;
}

document.addEventListener("change", (event) => {
  if (event.target.name === "kind" && event.target.form) follow(event.target.form);
});
// Sent by generate.js when a form has been filled in.
document.addEventListener("form-ready", (event) => follow(event.target));

// The form may be ready before this file is.
for (const form of document.querySelectorAll("generate-form form[data-ctrl-enter]")) follow(form);
