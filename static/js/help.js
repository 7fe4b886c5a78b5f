// <help-bubble>: the browser opens and closes the popover; here it is put beside its button, within the window.
const GAP = 8;

function place(bubble, button) {
  const at = button.getBoundingClientRect();
  const size = bubble.getBoundingClientRect();
  const left = Math.min(Math.max(GAP, at.left + at.width / 2 - size.width / 2), innerWidth - size.width - GAP);
  const below = at.bottom + GAP;
  const top = below + size.height > innerHeight - GAP ? Math.max(GAP, at.top - GAP - size.height) : below;
  bubble.style.left = `${left}px`;
  bubble.style.top = `${top}px`;
}

class HelpBubble extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button");
    this.bubble = this.querySelector("[popover]");
    this.bubble?.addEventListener("toggle", (event) => {
      const open = event.newState === "open";
      this.button.setAttribute("aria-expanded", open);
      if (open) place(this.bubble, this.button);
    });
    // A picture that comes late changes the height.
    this.bubble?.querySelector("img")?.addEventListener("load", () => this.bubble.matches(":popover-open") && place(this.bubble, this.button));
  }
}

// The bubble goes along with its button; what scrolls out of the window says nothing any more.
addEventListener("scroll", () => {
  const bubble = document.querySelector("help-bubble [popover]:popover-open");
  const button = bubble?.previousElementSibling;
  if (!bubble) return;
  const { top, bottom } = button.getBoundingClientRect();
  if (bottom < 0 || top > innerHeight) bubble.hidePopover();
  else place(bubble, button);
}, { capture: true, passive: true });

customElements.define("help-bubble", HelpBubble);
