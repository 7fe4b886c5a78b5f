// The dialog that crops a source: a box of a chosen shape over the picture, moved and resized by mouse, finger and keys.
// The box {x, y, w, h} is in pixels of the picture. The server cuts, so that nothing is lost and the origin is known.
const LEAST = 16; // pixels of a side
const dialog = document.getElementById("crop");
const part = (name) => dialog.querySelector(`[data-part="${name}"]`);
const clamp = (value, low, high) => Math.min(Math.max(value, low), Math.max(low, high));
const fill = (words, values) => words.replace(/\{(\w)\}/g, (_whole, name) => values[name]);
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

let field, whole, box, shape;

export function openCrop(asking) {
  field = asking;
  whole = field.whole ?? field.value;
  part("picture").src = whole.url;
  part("stage").style.aspectRatio = `${whole.width} / ${whole.height}`;
  part("stage").style.setProperty("--ratio", whole.width / whole.height);
  part("error").hidden = true;
  pick(field.whole ? "free" : "1");
  if (field.box) box = { ...field.box };
  draw();
  dialog.showModal();
}

const ratio = () => (shape === "free" || shape === "whole" ? null : Number(shape));

// The largest part of a shape, in the middle.
function pick(name) {
  shape = name;
  dialog.querySelector(`input[value="${name}"]`).checked = true;
  const { width, height } = whole;
  const want = ratio() ?? width / height;
  const w = Math.min(width, height * want);
  box = { w, h: w / want, x: (width - w) / 2, y: (height - w / want) / 2 };
  draw();
}

function draw() {
  const { width, height } = whole;
  const frame = part("box");
  Object.entries({ left: box.x / width, top: box.y / height, width: box.w / width, height: box.h / height }).forEach(([name, share]) => (frame.style[name] = `${share * 100}%`));
  const { w, h } = rounded();
  part("size").textContent = fill(dialog.dataset.chosen, { w, h, a: width, b: height });
}

function rounded() {
  const [x, y] = [Math.round(box.x), Math.round(box.y)];
  return { x, y, w: Math.min(Math.round(box.w), whole.width - x), h: Math.min(Math.round(box.h), whole.height - y) };
}

// A box that was moved or resized is no longer the whole picture.
function touched() {
  if (shape === "whole") {
    shape = "free";
    dialog.querySelector('input[value="free"]').checked = true;
  }
}

function moveTo(x, y) {
  touched();
  box.x = clamp(x, 0, whole.width - box.w);
  box.y = clamp(y, 0, whole.height - box.h);
  draw();
}

// From a corner that stays to a point; the shape is kept.
function stretch(anchor, to) {
  touched();
  const [right, down] = [to.x >= anchor.x, to.y >= anchor.y];
  const room = { w: right ? whole.width - anchor.x : anchor.x, h: down ? whole.height - anchor.y : anchor.y };
  let w = clamp(Math.abs(to.x - anchor.x), LEAST, room.w);
  let h = clamp(Math.abs(to.y - anchor.y), LEAST, room.h);
  const want = ratio();
  if (want) {
    w = Math.min(Math.max(w, h * want), room.w, room.h * want);
    h = w / want;
  }
  box = { w, h, x: right ? anchor.x : anchor.x - w, y: down ? anchor.y : anchor.y - h };
  draw();
}

function grow(factor) {
  touched();
  const [middleX, middleY, want] = [box.x + box.w / 2, box.y + box.h / 2, box.w / box.h];
  const w = Math.min(clamp(box.w * factor, LEAST * Math.max(1, want), whole.width), whole.height * want);
  box.w = w;
  box.h = w / want;
  moveTo(middleX - box.w / 2, middleY - box.h / 2);
}

function point(event) {
  const { left, top, width, height } = part("stage").getBoundingClientRect();
  return { x: clamp(((event.clientX - left) / width) * whole.width, 0, whole.width), y: clamp(((event.clientY - top) / height) * whole.height, 0, whole.height) };
}

function down(event) {
  if (event.button) return;
  event.preventDefault();
  const start = point(event);
  const corner = event.target.closest("[data-corner]")?.dataset.corner;
  const inside = event.target.closest('[data-part="box"]');
  const at = { ...box };
  const anchor = corner ? { x: "13".includes(corner) ? at.x + at.w : at.x, y: "12".includes(corner) ? at.y + at.h : at.y } : start;
  const gone = new AbortController();
  const { signal } = gone;
  addEventListener("pointermove", (moved) => {
    const now = point(moved);
    if (corner || !inside) stretch(anchor, now);
    else moveTo(at.x + now.x - start.x, at.y + now.y - start.y);
  }, { signal });
  for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => gone.abort(), { signal });
  part("box").focus({ preventScroll: true });
}

function pressed(event) {
  const step = event.shiftKey ? 10 : 1;
  const way = MOVES[event.key];
  const factor = { "+": 1.05, "=": 1.05, "-": 1 / 1.05 }[event.key];
  if (!way && !factor) return;
  event.preventDefault();
  if (way) moveTo(box.x + way[0] * step, box.y + way[1] * step);
  else grow(factor);
}

async function apply(button) {
  button.disabled = true;
  try {
    const { x, y, w, h } = rounded();
    if (shape === "whole" || (w === whole.width && h === whole.height)) field.uncrop();
    else await field.crop({ left: x, top: y, width: w, height: h }, { ...box });
    dialog.close();
  } catch (error) {
    part("error").textContent = error.sentence || dialog.dataset.failed;
    part("error").hidden = false;
  } finally {
    button.disabled = false;
  }
}

dialog?.addEventListener("change", (event) => event.target.name === "crop" && pick(event.target.value));
dialog?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-apply]");
  if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  if (button) apply(button);
});
if (dialog) {
  part("stage").addEventListener("pointerdown", down);
  part("box").addEventListener("keydown", pressed);
}
