// Zoom and pan: which part of a picture a box shows. The stage that holds the picture is moved by a transform.
import { clamp } from "./mask.js";

const CLOSEST = 16; // times the size at which the whole picture fits

export class Lens {
  constructor(view, stage, width, height) {
    Object.assign(this, { view, stage, width, height, scale: 1, shift: { x: 0, y: 0 } });
    Object.assign(stage.style, { width: `${width}px`, height: `${height}px` });
  }

  get least() {
    return Math.min(this.view.clientWidth / this.width, this.view.clientHeight / this.height);
  }

  // How much closer than the whole picture, in percent.
  get percent() {
    return Math.round((this.scale / this.least) * 100);
  }

  fit() {
    this.scale = this.least;
    this.shift = { x: 0, y: 0 };
    this.show();
  }

  show() {
    const { clientWidth, clientHeight } = this.view;
    if (!clientWidth) return;
    this.scale = clamp(this.scale, this.least, this.least * CLOSEST);
    const space = { x: clientWidth - this.width * this.scale, y: clientHeight - this.height * this.scale };
    for (const axis of ["x", "y"]) {
      this.shift[axis] = space[axis] > 0 ? space[axis] / 2 : clamp(this.shift[axis], space[axis], 0);
    }
    this.stage.style.transform = `translate(${this.shift.x}px, ${this.shift.y}px) scale(${this.scale})`;
  }

  // Zoom around a point of the box, its middle unless told.
  zoomBy(factor, point = { x: this.view.clientWidth / 2, y: this.view.clientHeight / 2 }) {
    const scale = clamp(this.scale * factor, this.least, this.least * CLOSEST);
    for (const axis of ["x", "y"]) this.shift[axis] = point[axis] - ((point[axis] - this.shift[axis]) * scale) / this.scale;
    this.scale = scale;
    this.show();
  }

  panBy(x, y) {
    this.shift = { x: this.shift.x + x, y: this.shift.y + y };
    this.show();
  }

  // Move as little as needed to see a point of the picture.
  bring(point) {
    const sizes = { x: this.view.clientWidth, y: this.view.clientHeight };
    for (const axis of ["x", "y"]) {
      const place = point[axis] * this.scale + this.shift[axis];
      this.shift[axis] += clamp(place, 0, sizes[axis]) - place;
    }
    this.show();
  }

  inView(event) {
    const box = this.view.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  inPicture(event) {
    const at = this.inView(event);
    return { x: (at.x - this.shift.x) / this.scale, y: (at.y - this.shift.y) / this.scale };
  }
}
