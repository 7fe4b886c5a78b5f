// The keys of a picture's page: arrows turn the page, R remixes, L likes.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
  const press = (selector) => document.querySelector(selector)?.click();
  if (event.key === "ArrowLeft") press('[data-turn="prev"]');
  if (event.key === "ArrowRight") press('[data-turn="next"]');
  if (event.key === "r") press('[data-key="r"]');
  if (event.key === "l") press(".side__actions .like");
});
