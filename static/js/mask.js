// A mask being painted: its pixels, its strokes, its undo. Coordinates are pixels of the source picture.
const MOST_UNDO = 50;
const UNDO_BYTES = 48 * 2 ** 20;

export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

// A canvas out of sight. `willReadFrequently` keeps it in memory: undo reads it after every stroke.
function canvas(width, height) {
  return Object.assign(document.createElement("canvas"), { width, height }).getContext("2d", { willReadFrequently: true });
}

// The alpha of a rectangle, a byte a pixel: a quarter of what ImageData takes.
function alphaOf(context, { x, y, w, h }) {
  const { data } = context.getImageData(x, y, w, h);
  return Uint8Array.from({ length: w * h }, (_none, i) => data[4 * i + 3]);
}

function putAlpha(context, { x, y, w, h }, alpha) {
  const image = context.createImageData(w, h);
  image.data.fill(255);
  for (let i = 0; i < alpha.length; i++) image.data[4 * i + 3] = alpha[i];
  context.putImageData(image, x, y);
}

// Two tones in stripes: whatever the picture's colours, one of them stands out.
function stripes(tile) {
  const context = canvas(tile, tile);
  context.fillStyle = "#7c2cff";
  context.fillRect(0, 0, tile, tile);
  Object.assign(context, { strokeStyle: "#ffd21f", lineWidth: tile / 4 });
  for (const shift of [-tile, 0, tile]) {
    context.beginPath();
    context.moveTo(shift - 1, tile + 1);
    context.lineTo(shift + tile + 1, -1);
    context.stroke();
  }
  return context.canvas;
}

function joined(a, b) {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  return { x, y, w: Math.max(a.x + a.w, b.x + b.w) - x, h: Math.max(a.y + a.h, b.y + b.h) - y };
}

export class Mask {
  // `overlay` is the canvas over the picture that shows what is painted.
  constructor(width, height, overlay) {
    Object.assign(this, { width, height, history: [], undone: [], stroke: null });
    Object.assign(overlay, { width, height });
    this.overlay = overlay.getContext("2d");
    this.pixels = canvas(width, height);
    this.before = canvas(width, height); // as it was before the stroke being made
    this.pattern = this.overlay.createPattern(stripes(Math.max(4, Math.round(Math.max(width, height) / 48))), "repeat");
  }

  get whole() {
    return { x: 0, y: 0, w: this.width, h: this.height };
  }

  begin(point, width, erases) {
    this.stroke = { last: point, box: null, erases };
    this.lineTo(point, width);
  }

  lineTo(point, width) {
    const { last, erases } = this.stroke;
    this.pixels.globalCompositeOperation = erases ? "destination-out" : "source-over";
    Object.assign(this.pixels, { strokeStyle: "#fff", lineCap: "round", lineJoin: "round", lineWidth: width });
    this.pixels.beginPath();
    this.pixels.moveTo(last.x, last.y);
    // A line of no length has no caps in some browsers.
    this.pixels.lineTo(point.x + 0.01, point.y);
    this.pixels.stroke();
    this.stroke.last = point;
    const touched = this.around(last, point, width / 2 + 2);
    if (!touched) return;
    this.stroke.box = this.stroke.box ? joined(this.stroke.box, touched) : touched;
    this.draw(touched);
  }

  // The rectangle of whole pixels around a line, or null outside the picture.
  around(a, b, margin) {
    const x = clamp(Math.floor(Math.min(a.x, b.x) - margin), 0, this.width);
    const y = clamp(Math.floor(Math.min(a.y, b.y) - margin), 0, this.height);
    const w = clamp(Math.ceil(Math.max(a.x, b.x) + margin), 0, this.width) - x;
    const h = clamp(Math.ceil(Math.max(a.y, b.y) + margin), 0, this.height) - y;
    return w > 0 && h > 0 ? { x, y, w, h } : null;
  }

  // Whether the stroke changed anything.
  end() {
    const box = this.stroke?.box;
    this.stroke = null;
    if (box) this.remember(box);
    return Boolean(box);
  }

  // Take the unfinished stroke back.
  drop() {
    const box = this.stroke?.box;
    this.stroke = null;
    if (!box) return;
    putAlpha(this.pixels, box, alphaOf(this.before, box));
    this.draw(box);
  }

  draw({ x, y, w, h }) {
    const { overlay } = this;
    overlay.clearRect(x, y, w, h);
    overlay.drawImage(this.pixels.canvas, x, y, w, h, x, y, w, h);
    overlay.save();
    overlay.beginPath();
    overlay.rect(x, y, w, h);
    overlay.clip();
    overlay.globalCompositeOperation = "source-in";
    overlay.fillStyle = this.pattern;
    overlay.fillRect(x, y, w, h);
    overlay.restore();
  }

  remember(box) {
    const change = { box, was: alphaOf(this.before, box), is: alphaOf(this.pixels, box) };
    this.history.push(change);
    this.undone = [];
    let bytes = this.history.reduce((sum, one) => sum + 2 * one.was.length, 0);
    while (this.history.length > 1 && (this.history.length > MOST_UNDO || bytes > UNDO_BYTES)) {
      bytes -= 2 * this.history.shift().was.length;
    }
    putAlpha(this.before, box, change.is);
  }

  undo() {
    return this.step(this.history, this.undone, "was");
  }

  redo() {
    return this.step(this.undone, this.history, "is");
  }

  step(from, to, which) {
    const change = from.pop();
    if (!change) return false;
    to.push(change);
    this.put(change.box, change[which]);
    return true;
  }

  put(box, alpha) {
    for (const context of [this.pixels, this.before]) putAlpha(context, box, alpha);
    this.draw(box);
  }

  invert() {
    this.replace(alphaOf(this.pixels, this.whole).map((value) => 255 - value));
  }

  clear() {
    this.replace(new Uint8Array(this.width * this.height));
  }

  replace(alpha) {
    putAlpha(this.pixels, this.whole, alpha);
    this.remember(this.whole);
    this.draw(this.whole);
  }

  // Take over a mask that was kept: an image, white where it is painted.
  restore(image) {
    const read = canvas(this.width, this.height);
    read.drawImage(image, 0, 0, this.width, this.height);
    const { data } = read.getImageData(0, 0, this.width, this.height);
    this.put(this.whole, Uint8Array.from({ length: this.width * this.height }, (_none, i) => data[4 * i]));
  }

  // How much of the picture is painted, from 0 to 1.
  share() {
    const { data } = this.pixels.getImageData(0, 0, this.width, this.height);
    let painted = 0;
    for (let i = 3; i < data.length; i += 4) painted += data[i] > 127;
    return (painted * 4) / data.length;
  }

  // A PNG, white where it is painted, on black.
  blob() {
    const flat = canvas(this.width, this.height);
    flat.fillRect(0, 0, this.width, this.height);
    flat.drawImage(this.pixels.canvas, 0, 0);
    return new Promise((resolve) => flat.canvas.toBlob(resolve, "image/png"));
  }
}
