// Sending files by the tus protocol (vendor/tus.min.js). <upload-dock> holds what is being sent from this tab and stays
// while the wizard's steps change; <drop-zone> and [data-replaces] buttons choose files. The server's own list of
// unfinished uploads ([data-open-uploads]) says where a file that is chosen again continues.
const CHUNK = 8 * 1024 * 1024;
// Lost connections and a restarted server are waited for: two minutes in all before a person is asked.
const RETRIES = [0, 1000, 3000, 5000, 10000, 15000, 20000, 30000, 30000];
const SMOOTH = 0.25;

function readable(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const value = bytes / 1000 ** power;
  return `${value.toLocaleString(undefined, { maximumFractionDigits: value < 10 && power ? 1 : 0 })} ${units[power]}`;
}

function clock(seconds) {
  if (!Number.isFinite(seconds)) return "…";
  const whole = Math.ceil(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  const rest = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

function fill(words, values) {
  return words.replace(/\{(\w)\}/g, (_whole, name) => values[name]);
}

// One file on its way, with its row.
class Sending {
  constructor(dock, file, told, known) {
    Object.assign(this, { dock, file, told });
    this.row = dock.row();
    this.row.querySelector(".sending__name").textContent = file.name;
    this.bar = this.row.querySelector("progress");
    this.bar.setAttribute("aria-label", file.name);
    this.row.addEventListener("click", (event) => this.deed(event.target.closest("[data-deed]")?.dataset.deed));
    this.upload = new tus.Upload(file, this.options(known));
    this.begin(known);
  }

  options(known) {
    const { endpoint, csrf, version, user } = this.dock.dataset;
    return {
      endpoint,
      uploadUrl: known?.dataset.url ?? null,
      chunkSize: CHUNK,
      retryDelays: RETRIES,
      headers: { "X-CSRFToken": csrf },
      metadata: { name: this.file.name, version, ...this.told },
      removeFingerprintOnSuccess: true,
      // Not the library's own: the same file may belong to another version, or another person at this machine.
      fingerprint: async (file) => ["visionary", user, version, file.name, file.size, file.lastModified].join(":"),
      onProgress: (sent, total) => this.progress(sent, total),
      onSuccess: () => this.done(),
      onError: (error) => this.failed(error),
      onShouldRetry: (error) => this.mayRetry(error),
      onUploadUrlAvailable: () => this.dock.hideKnown(),
    };
  }

  async begin(known) {
    this.say(known ? "again" : "starting");
    if (!known) {
      const before = await this.upload.findPreviousUploads().catch(() => []);
      if (before.length) this.upload.resumeFromPreviousUpload(before[0]);
    }
    this.start();
  }

  start() {
    this.state = "sending";
    this.at = null;
    this.speed = 0;
    this.upload.start();
    this.show();
  }

  get key() {
    return this.upload.url?.split("/").filter(Boolean).pop();
  }

  mayRetry(error) {
    const status = error.originalResponse?.getStatus() ?? 0;
    const again = status === 0 || status >= 500 || [409, 423, 460].includes(status);
    if (again && status !== 507) this.say("waiting");
    return again && status !== 507;
  }

  progress(sent, total) {
    const now = performance.now();
    if (this.at && now > this.at.time) {
      const speed = ((sent - this.at.sent) * 1000) / (now - this.at.time);
      this.speed = this.speed ? this.speed + SMOOTH * (Math.max(speed, 0) - this.speed) : Math.max(speed, 0);
    }
    this.at = { time: now, sent };
    this.bar.value = (100 * sent) / total;
    if (this.state !== "sending") return;
    const values = { p: Math.floor(this.bar.value), s: readable(this.speed), t: clock((total - sent) / this.speed) };
    this.row.querySelector(".sending__says").textContent = fill(this.dock.dataset.sending, values);
  }

  say(name, more = "") {
    const words = fill(this.dock.dataset[name], { p: Math.floor(this.bar.value) });
    this.row.querySelector(".sending__says").textContent = more ? `${words} ${more}` : words;
  }

  show() {
    const shown = { sending: ["pause"], paused: ["resume"], failed: ["retry"], done: [] }[this.state];
    for (const button of this.row.querySelectorAll("[data-deed]")) {
      button.hidden = ![...shown, this.state === "done" ? "" : "remove"].includes(button.dataset.deed);
    }
    this.row.classList.toggle("sending--failed", this.state === "failed");
    this.dock.changed();
  }

  async deed(name) {
    if (name === "pause") {
      this.state = "paused";
      await this.upload.abort();
      this.say("paused");
      this.show();
    } else if (name === "resume" || name === "retry") {
      this.say("starting");
      this.start();
    } else if (name === "remove") {
      await this.upload.abort(true).catch(() => {});
      this.dock.drop(this);
    }
  }

  failed(error) {
    this.state = "failed";
    const response = error.originalResponse;
    let sentence = "";
    try {
      sentence = JSON.parse(response.getBody()).message;
    } catch {
      // No answer, or none of ours.
    }
    if (response && sentence) this.say("failed", sentence);
    else this.say("offline");
    this.show();
  }

  done() {
    this.state = "done";
    this.bar.value = 100;
    this.say("done");
    this.show();
    this.dock.drop(this);
  }
}

class UploadDock extends HTMLElement {
  connectedCallback() {
    this.all = new Set();
    document.addEventListener("uploads:files", (event) => this.take(event.detail));
    document.addEventListener("htmx:after:swap", () => this.hideKnown());
    document.addEventListener("wizard:shown", () => this.hideKnown());
    addEventListener("beforeunload", (event) => this.isBusy && event.preventDefault());
    addEventListener("online", () => this.all.forEach((one) => one.state === "failed" && one.deed("retry")));
  }

  get isBusy() {
    return [...this.all].some((one) => one.state !== "done");
  }

  row() {
    const row = this.querySelector("template").content.firstElementChild.cloneNode(true);
    this.querySelector(".dock__list").append(row);
    return row;
  }

  take({ files, role, replaces }) {
    for (const file of files) {
      if ([...this.all].some((one) => one.file.name === file.name && one.file.size === file.size)) continue;
      const told = { role, ...(replaces ? { replaces } : {}) };
      this.all.add(new Sending(this, file, told, this.known(file)));
    }
    this.changed();
  }

  // The server's row for a file that was begun before, here or on another machine.
  known(file) {
    const rows = document.querySelectorAll("[data-open-uploads] [data-upload]");
    return [...rows].find((row) => row.dataset.name === file.name.normalize("NFC") && Number(row.dataset.length) === file.size);
  }

  hideKnown() {
    const mine = new Set([...this.all].map((one) => one.key));
    for (const row of document.querySelectorAll("[data-upload]")) row.hidden = mine.has(row.dataset.upload);
  }

  drop(one) {
    this.all.delete(one);
    one.row.remove();
    this.changed();
    document.getElementById("file-list")?.dispatchEvent(new CustomEvent("refresh"));
  }

  changed() {
    this.querySelector(".dock__panel").hidden = this.all.size === 0;
    this.hideKnown();
  }
}

let replaced = null;

function chosen(files, role) {
  if (!files.length) return;
  const list = replaced ? [files[0]] : [...files];
  const detail = { files: list, role: replaced?.role ?? role, replaces: replaced?.id };
  replaced = null;
  document.dispatchEvent(new CustomEvent("uploads:files", { detail }));
}

class DropZone extends HTMLElement {
  connectedCallback() {
    const input = this.querySelector("input[type=file]");
    const role = () => this.querySelector("select").value;
    input.addEventListener("change", () => {
      chosen(input.files, role());
      input.value = "";
    });
    input.addEventListener("cancel", () => (replaced = null));
    this.addEventListener("dragover", (event) => {
      event.preventDefault();
      this.classList.add("drop--over");
    });
    this.addEventListener("dragleave", () => this.classList.remove("drop--over"));
    this.addEventListener("drop", (event) => {
      event.preventDefault();
      this.classList.remove("drop--over");
      chosen(event.dataTransfer.files, role());
    });
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("label[for=files]");
  if (button) replaced = button.dataset.replaces ? { id: button.dataset.replaces, role: button.dataset.role } : null;
});
document.addEventListener("keydown", (event) => {
  const label = event.target.closest?.("label[role=button]");
  if (label && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    label.click();
  }
});

customElements.define("upload-dock", UploadDock);
customElements.define("drop-zone", DropZone);
