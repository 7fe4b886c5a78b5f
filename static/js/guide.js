// <guide-preview>: what the ControlNet would read of the guide picture. The small-jobs worker draws it; here it is asked
// for, waited for, and thrown away when the picture or the preprocessor changes.
const EVERY = 700; // ms
const TRIES = 90;
const NOBODY = "00000000-0000-0000-0000-000000000000";

class GuidePreview extends HTMLElement {
  connectedCallback() {
    queueMicrotask(() => this.begin());
  }

  begin() {
    if (this.form) return;
    this.form = this.closest("form");
    this.gone = new AbortController();
    const { signal } = this.gone;
    this.form.addEventListener("source", () => this.changed(), { signal });
    this.form.addEventListener("change", (event) => event.target.name === "preprocessor" && this.changed(), { signal });
    this.part("ask").addEventListener("click", () => this.ask());
    this.changed();
  }

  disconnectedCallback() {
    this.gone?.abort();
    clearTimeout(this.timer);
  }

  part(name) {
    return this.querySelector(`[data-part="${name}"]`);
  }

  get preprocessor() {
    return this.form.querySelector('[name="preprocessor"]').value;
  }

  // Without a guide picture of its own the ControlNet reads the source.
  get field() {
    return ["guide", "source"].map((role) => this.form.querySelector(`source-field[data-role="${role}"]`)).find((field) => field?.value);
  }

  changed() {
    clearTimeout(this.timer);
    this.asked = null;
    const can = this.preprocessor && this.preprocessor !== "none";
    this.hidden = !can;
    this.part("ask").disabled = !this.field;
    this.part("hint").hidden = Boolean(this.field);
    this.part("figure").hidden = true;
    this.busy(false);
    this.say("");
  }

  async ask() {
    const asked = (this.asked = {});
    this.busy(true);
    this.say("");
    try {
      const { field } = this;
      const source = await field.stored();
      const address = this.dataset.address.replace(NOBODY, source).replace("/edges/", `/${this.preprocessor}/`);
      // Storing the picture says "source", which starts afresh.
      this.asked = asked;
      this.busy(true);
      this.told(asked, address, await field.post(address, {}), field.value.url, 0);
    } catch (error) {
      if (this.asked === asked) this.failed(error.sentence);
    }
  }

  told(asked, address, { state, message, url }, source, tries) {
    if (this.asked !== asked) return;
    if (state === "done") return this.show(url, source);
    if (state === "failed" || tries >= TRIES) return this.failed(message);
    this.timer = setTimeout(async () => {
      try {
        const response = await fetch(address, { headers: { Accept: "application/json" }, redirect: "error" });
        if (!response.ok) throw new Error(response.status);
        this.told(asked, address, await response.json(), source, tries + 1);
      } catch {
        if (this.asked === asked) this.failed("");
      }
    }, EVERY);
  }

  show(url, source) {
    this.part("guide").src = url;
    this.part("source").src = source;
    this.part("figure").hidden = false;
    this.part("figure").scrollIntoView({ block: "nearest" });
    this.busy(false);
    document.getElementById("say").textContent = this.dataset.ready;
  }

  failed(message) {
    this.busy(false);
    this.say(message || this.dataset.failed);
  }

  busy(is) {
    this.toggleAttribute("data-busy", is);
    this.part("ask").setAttribute("aria-disabled", String(is));
    this.part("wait").hidden = !is;
  }

  say(words) {
    this.part("error").textContent = words;
    this.part("error").hidden = !words;
  }
}

customElements.define("guide-preview", GuidePreview);
