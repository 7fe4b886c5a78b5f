// How long what the form asks for would take, beside the button; asked for again when the form or the queue changes.
const PAUSE = 700; // ms without a change
// What is typed into these changes nothing.
const IDLE = new Set(["prompt", "negative_prompt", "seed", "publish", "strength", "mask_blur", "lora_weight", "guidance", "styles"]);
let timer;
let asking;
let own = null;

const place = () => document.querySelector("#generate-form [data-part=estimate]");

function later(pause = PAUSE) {
  clearTimeout(timer);
  timer = setTimeout(ask, pause);
}

async function ask() {
  const line = place();
  if (!line || document.hidden) return;
  asking?.abort();
  asking = new AbortController();
  const form = line.closest("form");
  try {
    const response = await fetch(line.dataset.address, { method: "POST", body: new FormData(form), signal: asking.signal, redirect: "error" });
    if (response.ok) show(await response.json());
  } catch {
    // A newer question is under way, or the site is away: nothing is foretold then.
  }
}

function show({ text, detail }) {
  const line = place();
  if (!line) return;
  line.querySelector("[data-part=time]").textContent = text;
  line.querySelector("[data-part=detail]").textContent = detail;
  line.hidden = !text && !detail;
}

document.addEventListener("form-ready", () => later(200));
for (const name of ["input", "change", "kind", "model", "source"]) {
  document.addEventListener(name, (event) => event.target.closest?.("#generate-form form[data-ctrl-enter]") && !IDLE.has(event.target.name) && later());
}
document.addEventListener("click", (event) => event.target.closest("#generate-form [data-count], #generate-form [data-extend], #generate-form [data-swap-sides]") && later());
// Other jobs come and go: what has to wait behind them changes.
document.addEventListener("jobs:snapshot", ({ detail }) => {
  const now = `${detail.own} ${detail.all}`;
  if (own !== null && own !== now) later();
  own = now;
});
document.addEventListener("visibilitychange", () => !document.hidden && later());
later(300);
