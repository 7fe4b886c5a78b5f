// The lightbox: pictures of the page large, one after the other. The address has its own hash, so "back" closes it.
const HASH = "#picture-";
const SWIPE = 60; // px
const MOST_ZOOM = 8;
const box = document.getElementById("light");
const part = (name) => box.querySelector(`[data-part="${name}"]`);
const fill = (words, values) => words.replace(/\{(\w)\}/g, (_whole, name) => values[name]);

const light = {
  links: () => [...document.querySelectorAll("a[data-light]")].filter((link) => link.offsetParent),

  get id() {
    return location.hash.startsWith(HASH) ? location.hash.slice(HASH.length) : null;
  },

  // The address decides what is shown.
  follow() {
    const link = light.id && document.querySelector(`a[data-light="${CSS.escape(light.id)}"]`);
    if (link) light.show(link);
    else if (box.open) box.close();
  },

  show(link) {
    const before = box.open ? box.link : document.activeElement;
    box.back ??= box.open ? null : before;
    box.link = link;
    light.reset();
    const image = part("picture");
    image.src = link.querySelector("img").currentSrc || link.querySelector("img").src;
    image.alt = link.querySelector("img").alt;
    const full = new Image();
    full.onload = () => box.link === link && (image.src = full.src);
    full.src = link.dataset.file;
    const all = light.links();
    part("count").textContent = all.length > 1 ? fill(part("count").dataset.words, { k: all.indexOf(link) + 1, n: all.length }) : "";
    for (const turn of box.querySelectorAll(".light__turn")) turn.hidden = all.length < 2;
    if (!box.open) box.showModal();
    light.side(link);
  },

  async side(link) {
    const side = part("side");
    side.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(link.dataset.side, { headers: { "X-Requested-With": "fetch" } });
      if (!response.ok) throw new Error(response.status);
      const html = await response.text();
      if (box.link !== link) return;
      side.innerHTML = html;
      globalThis.htmx?.process(side);
    } catch {
      if (box.link === link) side.replaceChildren();
    } finally {
      side.removeAttribute("aria-busy");
    }
  },

  turn(step) {
    const all = light.links();
    const next = all[(all.indexOf(box.link) + step + all.length) % all.length];
    if (!next || next === box.link) return;
    history.replaceState(history.state, "", HASH + next.dataset.light);
    light.show(next);
  },

  reset() {
    light.scale = 1;
    light.x = light.y = 0;
    light.draw();
  },

  draw() {
    part("picture").style.transform = light.scale === 1 ? "" : `translate(${light.x}px, ${light.y}px) scale(${light.scale})`;
    box.classList.toggle("light--zoomed", light.scale > 1);
  },

  zoom(factor, x = 0, y = 0) {
    const scale = Math.min(MOST_ZOOM, Math.max(1, light.scale * factor));
    const grown = scale / light.scale;
    // What is under the pointer stays there.
    light.x = scale === 1 ? 0 : x - (x - light.x) * grown;
    light.y = scale === 1 ? 0 : y - (y - light.y) * grown;
    light.scale = scale;
    light.draw();
  },

  close() {
    // Opened from this page: back takes the hash away. Opened by its address: there is nothing to go back to.
    if (history.state?.light) history.back();
    else {
      history.replaceState(null, "", location.pathname + location.search);
      box.close();
    }
  },

  full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else box.requestFullscreen?.();
  },

  toggleSide() {
    const hidden = box.classList.toggle("light--bare");
    box.querySelector('[data-light-do="side"]').setAttribute("aria-expanded", String(!hidden));
  },
};

const DO = {
  prev: () => light.turn(-1),
  next: () => light.turn(1),
  close: () => light.close(),
  full: () => light.full(),
  side: () => light.toggleSide(),
  zoom: () => (light.scale > 1 ? light.reset() : light.zoom(2.5)),
};
const KEYS = {
  ArrowLeft: DO.prev, ArrowRight: DO.next, f: DO.full, i: DO.side, z: DO.zoom,
  "+": () => light.zoom(1.5), "=": () => light.zoom(1.5), "-": () => light.zoom(1 / 1.5), 0: () => light.reset(),
  l: () => box.querySelector(".side__actions .like")?.click(),
  r: () => box.querySelector('[data-key="r"]')?.click(),
};

// Fingers and mouse on the stage: swipe turns, drag moves what is zoomed, two fingers zoom.
const fingers = new Map();
function centre(event) {
  const { left, top, width, height } = part("stage").getBoundingClientRect();
  return [event.clientX - left - width / 2, event.clientY - top - height / 2];
}

function spread() {
  const [one, two] = [...fingers.values()];
  return Math.hypot(one.x - two.x, one.y - two.y);
}

function watchStage(stage) {
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    light.zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, ...centre(event));
  }, { passive: false });
  stage.addEventListener("dblclick", (event) => (light.scale > 1 ? light.reset() : light.zoom(2.5, ...centre(event))));
  stage.addEventListener("pointerdown", (event) => {
    stage.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY, startX: event.clientX, startY: event.clientY });
  });
  stage.addEventListener("pointermove", (event) => {
    const finger = fingers.get(event.pointerId);
    if (!finger) return;
    const apart = fingers.size === 2 && spread();
    if (fingers.size === 1 && light.scale > 1) {
      light.x += event.clientX - finger.x;
      light.y += event.clientY - finger.y;
      light.draw();
    }
    Object.assign(finger, { x: event.clientX, y: event.clientY });
    if (apart) light.zoom(spread() / apart, ...centre(event));
  });
  const lift = (event) => {
    const finger = fingers.get(event.pointerId);
    const alone = fingers.size === 1;
    fingers.delete(event.pointerId);
    if (!finger || !alone || light.scale > 1 || event.type !== "pointerup") return;
    const along = event.clientX - finger.startX;
    if (Math.abs(along) > SWIPE && Math.abs(along) > 2 * Math.abs(event.clientY - finger.startY)) light.turn(along < 0 ? 1 : -1);
  };
  stage.addEventListener("pointerup", lift);
  stage.addEventListener("pointercancel", lift);
}

if (box) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-light]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    box.back = link;
    history.pushState({ light: true }, "", HASH + link.dataset.light);
    light.follow();
  });
  box.addEventListener("click", (event) => DO[event.target.closest("[data-light-do]")?.dataset.lightDo]?.());
  box.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  box.addEventListener("cancel", (event) => {
    event.preventDefault();
    light.close();
  });
  box.addEventListener("close", () => {
    box.back?.focus?.();
    box.back = null;
    if (light.id) history.replaceState(null, "", location.pathname + location.search);
  });
  watchStage(part("stage"));
  addEventListener("popstate", () => light.follow());
  addEventListener("hashchange", () => light.follow());
  light.follow();
}
