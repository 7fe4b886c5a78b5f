// A job that has just been sent often starts within a second: what can only be done to one that waits comes a little later.
const WAIT = 2500; // ms

// Marks `element` as young until its job has waited WAIT; `created` is an ISO moment.
export function young(element, created) {
  const left = WAIT - (Date.now() - Date.parse(created));
  if (!(left > 0)) return;
  element.dataset.young = "";
  setTimeout(() => delete element.dataset.young, Math.min(left, WAIT));
}
