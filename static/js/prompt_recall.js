// Alt+Up and Alt+Down: the prompts used before, as a shell recalls its commands; what was being typed waits below.
export class Recall {
  constructor(host) {
    this.host = host;
    this.place = -1;
    host.box.addEventListener("input", (event) => event.isTrusted && this.forget());
    document.addEventListener("htmx:finally:request", (event) => {
      // A new job is the newest prompt.
      if (event.target === host.form || event.detail?.ctx?.sourceElement === host.form) this.rows = null;
    });
  }

  forget() {
    this.place = -1;
  }

  async load() {
    if (this.rows) return this.rows;
    const response = await fetch(this.host.dataset.history, { headers: { Accept: "application/json" } });
    this.rows = response.ok ? (await response.json()).results : null;
    return this.rows ?? [];
  }

  async step(by) {
    if (!this.host.dataset.history) return;
    const rows = await this.load().catch(() => []);
    const { box } = this.host;
    if (this.place < 0) this.typed = box.value;
    // Skip what stands in the box already.
    let place = this.place + by;
    if (by > 0 && this.place < 0 && rows[place]?.text === box.value) place += by;
    if (place < -1 || place >= rows.length) return;
    this.place = place;
    box.value = place < 0 ? this.typed : rows[place].text;
    box.setSelectionRange(box.value.length, box.value.length);
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
