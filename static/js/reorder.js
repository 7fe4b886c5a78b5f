// Rows put in order by dragging their grip, with a mouse or a finger: the row goes where the pointer is, the others make room.
export class Reorder {
  // rows: what can be moved; dropped(row, keep) is told where it was let go (keep) or that the drag was broken off.
  constructor(host, { rows, dragged, dropped }) {
    Object.assign(this, { host, rows, look: dragged, dropped });
    this.row = null;
    host.addEventListener("pointerdown", (event) => this.grab(event));
  }

  get all() {
    return [...this.host.querySelectorAll(this.rows)];
  }

  grab(event) {
    const row = event.target.closest("[data-grip]")?.closest(this.rows);
    if (!row || event.button || this.row) return;
    event.preventDefault();
    this.row = row;
    this.before = row.nextElementSibling;
    row.classList.add(this.look);
    const gone = new AbortController();
    const { signal } = gone;
    const end = (keep) => {
      gone.abort();
      this.drop(keep);
    };
    addEventListener("pointermove", (moved) => this.drag(moved), { signal });
    addEventListener("pointerup", () => end(true), { signal });
    addEventListener("pointercancel", () => end(false), { signal });
    addEventListener("keydown", (pressed) => {
      if (pressed.key !== "Escape") return;
      pressed.preventDefault();
      end(false);
    }, { signal, capture: true });
  }

  drag(event) {
    const others = this.all.filter((row) => row !== this.row);
    const next = others.find((row) => {
      const { top, height } = row.getBoundingClientRect();
      return event.clientY < top + height / 2;
    });
    // Only when it changes: each move in the document costs a layout.
    if (next && next !== this.row.nextElementSibling) next.before(this.row);
    else if (!next && others.length && others.at(-1).nextElementSibling !== this.row) others.at(-1).after(this.row);
  }

  async drop(keep) {
    const { row } = this;
    row.classList.remove(this.look);
    if (!keep) row.parentElement.insertBefore(row, this.before);
    await this.dropped(row, keep && row.nextElementSibling !== this.before);
    this.row = null;
  }
}
