// <ordered-presets>: one's presets put in order by dragging, by the buttons or by Alt with an arrow; the page stays where it is.
import { Reorder } from "./reorder.js";

const say = (words) => (document.getElementById("say").textContent = words);

class PresetList extends HTMLElement {
  connectedCallback() {
    this.order = new Reorder(this, { rows: "[data-preset]", dragged: "presets__row--dragged", dropped: (row, moved) => moved && this.move(row, this.order.all.indexOf(row)) });
    this.addEventListener("submit", (event) => this.pressed(event));
    this.addEventListener("keydown", (event) => this.keyed(event));
  }

  pressed(event) {
    const way = event.submitter?.dataset.way;
    if (!way) return;
    event.preventDefault();
    this.step(event.target.closest("[data-preset]"), way);
  }

  keyed(event) {
    const way = { ArrowUp: "up", ArrowDown: "down" }[event.key];
    if (!way || !event.altKey || event.ctrlKey || event.target.matches("input")) return;
    event.preventDefault();
    this.step(event.target.closest("[data-preset]"), way);
  }

  step(row, way) {
    const place = this.order.all.indexOf(row) + (way === "up" ? -1 : 1);
    if (place >= 0 && place < this.order.all.length) this.move(row, place, way);
  }

  // The list as the server has it now; the button that was pressed has the focus again, or its neighbour at an end.
  async move(row, place, way) {
    const form = row.querySelector("form[data-move]");
    const body = new FormData(form);
    body.set("deed", "move");
    body.set("place", place);
    this.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(form.action, { method: "POST", body });
      if (!response.ok) throw new Error(response.status);
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      this.replaceChildren(...document.adoptNode(page.querySelector("ordered-presets")).childNodes);
      const moved = this.querySelector(`[data-preset="${row.dataset.preset}"]`);
      const pressed = way && (moved.querySelector(`[data-way="${way}"]:not([disabled])`) ?? moved.querySelector("[data-way]:not([disabled])"));
      pressed?.focus();
      say(this.dataset.moved.replace("{p}", place + 1).replace("{name}", moved.dataset.name));
    } catch {
      location.reload();
    } finally {
      this.removeAttribute("aria-busy");
    }
  }
}

customElements.define("ordered-presets", PresetList);
