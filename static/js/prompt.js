// <prompt-box>: completion, weights by keys, recall of earlier prompts, how long the prompt is.
import { Completion } from "./prompt_complete.js";
import { Measure } from "./prompt_measure.js";
import { Recall } from "./prompt_recall.js";
import { changeWeight } from "./prompt_weights.js";
import "./prompt_presets.js";

class PromptBox extends HTMLElement {
  connectedCallback() {
    // htmx may put the form in before its children are there.
    queueMicrotask(() => this.begin());
  }

  begin() {
    this.box = this.querySelector("textarea");
    this.form = this.closest("form");
    this.completion = new Completion(this);
    this.recall = new Recall(this);
    this.measure = new Measure(this);
    this.box.addEventListener("keydown", (event) => this.pressed(event));
    this.form.addEventListener("change", (event) => event.target.name === "styles" && this.showStyles());
    this.showStyles();
  }

  // While an input method composes, every key is its own.
  pressed(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (this.completion.pressed(event)) return event.preventDefault();
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    const up = event.key === "ArrowUp";
    if ((event.ctrlKey || event.metaKey) && !event.altKey) {
      event.preventDefault();
      changeWeight(this.box, up ? 1 : -1);
    } else if (event.altKey && !event.ctrlKey) {
      event.preventDefault();
      this.recall.step(up ? 1 : -1);
    }
  }

  showStyles() {
    const chosen = this.querySelector("[data-styles-chosen]");
    if (!chosen) return;
    const ticked = [...this.querySelectorAll('input[name="styles"]:checked')];
    chosen.textContent = ticked.map((one) => one.parentElement.textContent.trim()).join(" · ") || chosen.dataset.none;
    chosen.classList.toggle("styles__chosen--some", ticked.length > 0);
  }

  tick(slug) {
    const style = this.querySelector(`input[name="styles"][value="${CSS.escape(slug)}"]`);
    if (!style) return;
    style.checked = true;
    style.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

customElements.define("prompt-box", PromptBox);
