// A model's page: the band of samples turns, long descriptions open, G draws with the model.
function turn(button) {
  const track = button.closest("[data-band]").querySelector("[data-track]");
  track.scrollBy({ left: Number(button.dataset.turnBand) * track.clientWidth * 0.8, behavior: "smooth" });
}

// A button is there only where it leads somewhere.
function ends(band) {
  const track = band.querySelector("[data-track]");
  for (const button of band.querySelectorAll("[data-turn-band]")) {
    const back = button.dataset.turnBand === "-1";
    const left = back ? track.scrollLeft : track.scrollWidth - track.clientWidth - track.scrollLeft;
    button.hidden = left < 8;
  }
}

for (const band of document.querySelectorAll("[data-band]")) {
  const track = band.querySelector("[data-track]");
  track.addEventListener("scroll", () => ends(band), { passive: true });
  new ResizeObserver(() => ends(band)).observe(track);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-turn-band]");
  if (button) turn(button);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (event.key === "g") document.querySelector('[data-key="g"]')?.click();
  if (event.key === "l") document.querySelector(".hub__actions .like")?.click();
});

for (const text of document.querySelectorAll("[data-clamp]")) {
  if (text.scrollHeight < 420) continue;
  text.classList.add("written--clamped");
  const more = document.createElement("button");
  more.type = "button";
  more.className = "button button--small";
  more.textContent = text.dataset.more;
  more.addEventListener("click", () => {
    text.classList.remove("written--clamped");
    more.remove();
  });
  text.after(more);
}
