// The counter beside the prompt's label, and the line that says what is sent in its place.
const PAUSE = 350; // ms without a change
const WATCHED = new Set(["prompt", "negative_prompt", "model", "styles", "seed"]);

export class Measure {
  constructor(host) {
    this.host = host;
    for (const kind of ["input", "change"]) {
      host.form.addEventListener(kind, (event) => WATCHED.has(event.target.name) && this.later());
    }
    this.later();
  }

  part(name) {
    return this.host.querySelector(`[data-${name}]`);
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  async ask() {
    if (!this.host.isConnected) return;
    this.asking?.abort();
    if (!this.host.box.value.trim()) return this.show({});
    this.asking = new AbortController();
    const all = new FormData(this.host.form);
    const body = new FormData();
    for (const name of [...WATCHED, "csrfmiddlewaretoken"]) for (const value of all.getAll(name)) body.append(name, value);
    try {
      const response = await fetch(this.host.dataset.tokens, { method: "POST", body, signal: this.asking.signal });
      if (response.ok) this.show(await response.json());
    } catch {
      // A newer question is under way, or the site is away: what is shown stays.
    }
  }

  show({ prompt = null, problem = "", sent = "", example = false }) {
    const count = this.part("count");
    count.textContent = prompt?.label ?? "";
    count.classList.toggle("asking__count--over", Boolean(prompt && prompt.tokens > prompt.room && prompt.passages === 1));
    const note = this.part("note");
    const said = problem || prompt?.note || "";
    if (note.textContent !== said) note.textContent = said;
    note.hidden = !said;
    note.classList.toggle("asking__note--fault", Boolean(problem));
    this.part("sent").hidden = !sent;
    this.part("sent-as").hidden = example;
    this.part("sent-like").hidden = !example;
    this.part("sent-text").textContent = sent;
  }
}
