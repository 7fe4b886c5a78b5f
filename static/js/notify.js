// Tells when a job ends: a note on the page where its card is out of sight, and, if one turned it on in this browser, a
// sound and a notification of the system while the tab is hidden. Listens to the feed of jobs.js.
const OVER = new Set(["done", "failed", "cancelled"]);
const SHOWN = 9000; // ms
const MOST = 3;
const list = document.getElementById("toasts");
const under = new Map(); // job id -> id of its grid, or null

const wants = (what) => localStorage.getItem(`tell-${what}`) === "1";
const fill = (words, values) => words.replace(/\{(\w)\}/g, (_whole, name) => values[name]);

// --- What ends ------------------------------------------------------------------------------------
function snapshot({ jobs }) {
  const now = new Map(jobs.map((state) => [state.job, state.group ?? null]));
  for (const [job, group] of [...under]) if (!now.has(job)) ended(job, group);
  for (const [job, group] of now) under.set(job, group);
}

// The last cell of a grid speaks for all of them.
async function ended(job, group) {
  if (!under.delete(job)) return;
  if (group && [...under.values()].includes(group)) return;
  try {
    const response = await fetch(list.dataset.state.replace(list.dataset.nobody, job), { headers: { Accept: "application/json" }, redirect: "error" });
    const state = response.ok ? await response.json() : null;
    // Whoever cancelled knows it.
    if (state && OVER.has(state.state) && state.state !== "cancelled") tell(state, group);
  } catch {
    // What cannot be asked is not told; the card shows it later.
  }
}

function tell(state, group) {
  const isGood = state.state === "done";
  const words = group ? list.dataset.grid : isGood ? list.dataset.done : list.dataset.failed;
  const said = { words, text: isGood || group ? promptOf(state.job) : state.error?.message || "", picture: group ? "" : state.pictures?.[0]?.small_url ?? "" };
  const address = group ? list.dataset.sheet.replace(list.dataset.nobody, group) : state.url;
  if (document.hidden || !inSight(document.getElementById(`job-${state.job}`))) toast(said, address, isGood);
  if (!document.hidden) return;
  countInTitle();
  if (wants("sound")) ring();
  if (wants("notification")) notice(said, address, state.job);
}

function promptOf(job) {
  return document.querySelector(`#job-${job} .job__prompt`)?.textContent.trim() ?? "";
}

function inSight(card) {
  if (!card?.offsetParent) return false;
  const { top, bottom } = card.getBoundingClientRect();
  return bottom > 60 && top < innerHeight - 60;
}

// --- How it is told -------------------------------------------------------------------------------
function toast({ words, text, picture }, address, isGood) {
  const note = list.querySelector("template").content.firstElementChild.cloneNode(true);
  const part = (name) => note.querySelector(`[data-part="${name}"]`);
  note.classList.toggle("toast--bad", !isGood);
  part("words").textContent = words;
  part("text").textContent = text;
  part("link").href = address;
  if (picture) part("picture").src = picture;
  else part("picture").remove();
  while (list.querySelectorAll(".toast").length >= MOST) list.querySelector(".toast").remove();
  list.append(note);
  // Not while it is read, and not before the tab is looked at.
  const go = () => (note.matches(":hover, :focus-within") || document.hidden ? setTimeout(go, SHOWN / 3) : note.remove());
  setTimeout(go, SHOWN);
}

const title = document.title;
let missed = 0;

function countInTitle() {
  document.title = `(${++missed}) ${title}`;
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden || !missed) return;
  missed = 0;
  document.title = title;
});

// Two soft notes, made here: no file to load, and nothing to hear where the browser allows none.
function ring() {
  try {
    const sound = new AudioContext();
    [[660, 0], [880, 0.14]].forEach(([pitch, at]) => {
      const tone = sound.createOscillator();
      const volume = sound.createGain();
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.12, sound.currentTime + at);
      volume.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + at + 0.35);
      tone.connect(volume).connect(sound.destination);
      tone.start(sound.currentTime + at);
      tone.stop(sound.currentTime + at + 0.4);
    });
    setTimeout(() => sound.close(), 1000);
  } catch {
    // No sound here.
  }
}

function notice({ words, text, picture }, address, job) {
  if (globalThis.Notification?.permission !== "granted") return;
  try {
    const said = new Notification(words, { body: text, icon: picture || undefined, tag: job });
    said.onclick = () => {
      focus();
      location.assign(address);
      said.close();
    };
  } catch {
    // Android wants a service worker for it; the toast is there anyway.
  }
}

// --- What one turns on ----------------------------------------------------------------------------
class TellMe extends HTMLElement {
  connectedCallback() {
    for (const box of this.querySelectorAll("[data-tell]")) {
      box.checked = wants(box.dataset.tell) && (box.dataset.tell === "sound" || globalThis.Notification?.permission === "granted");
    }
    this.addEventListener("change", (event) => event.target.dataset.tell && this.turned(event));
  }

  async turned(event) {
    // It is kept in this browser, and is no part of the form around it.
    event.stopPropagation();
    const box = event.target;
    const what = box.dataset.tell;
    this.say("");
    if (box.checked && what === "notification") box.checked = await this.permitted();
    if (box.checked && what === "sound") ring();
    if (box.checked) localStorage.setItem(`tell-${what}`, "1");
    else localStorage.removeItem(`tell-${what}`);
  }

  async permitted() {
    if (!globalThis.Notification || !isSecureContext) return this.say(this.dataset.insecure);
    if (Notification.permission !== "granted" && (await Notification.requestPermission()) !== "granted") return this.say(this.dataset.denied);
    return true;
  }

  say(words) {
    const line = this.querySelector('[data-part="said"]');
    line.textContent = words;
    line.hidden = !words;
    return false;
  }
}

if (list) {
  document.addEventListener("jobs:snapshot", ({ detail }) => snapshot(detail));
  document.addEventListener("jobs:state", ({ detail }) => OVER.has(detail.state) && ended(detail.job, under.get(detail.job)));
  list.addEventListener("click", (event) => event.target.closest("[data-close]") && event.target.closest(".toast").remove());
}
customElements.define("tell-me", TellMe);
