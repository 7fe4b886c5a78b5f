// <copy-button data-text data-done>: puts a text on the clipboard and says so.
class CopyButton extends HTMLElement {
  connectedCallback() {
    this.querySelector("button").addEventListener("click", () => this.copy());
  }

  async copy() {
    await write(this.dataset.text);
    const use = this.querySelector("use");
    const icon = use.getAttribute("href");
    use.setAttribute("href", icon.replace("#copy", "#check"));
    document.getElementById("say").textContent = this.dataset.done;
    setTimeout(() => use.setAttribute("href", icon), 1400);
  }
}

// The clipboard API exists on https and localhost only; a home server on plain http has the old way.
async function write(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const box = document.createElement("textarea");
  box.value = text;
  box.className = "sr-only";
  document.body.append(box);
  box.select();
  document.execCommand("copy");
  box.remove();
}

customElements.define("copy-button", CopyButton);
