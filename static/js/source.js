// <source-field>: a picture to start from, dropped, pasted, uploaded or chosen on the site. Says `source` when it changes.
import { openCrop } from "./crop.js";

const OFFERED = "picture:"; // a picture of the site that is no source yet
const PICTURE_PAGE = /\/pictures\/([0-9a-f-]{36})\//;

// What the server says is wrong, or nothing when it could not be understood.
function sentence(text) {
  try {
    const { message, detail, error, errors } = JSON.parse(text);
    const said = message ?? detail ?? error?.message ?? error ?? Object.values(errors ?? {}).flat()[0];
    return typeof said === "string" ? said : (said?.message ?? "");
  } catch {
    return "";
  }
}

class SourceField extends HTMLElement {
  connectedCallback() {
    queueMicrotask(() => this.begin());
  }

  begin() {
    if (this.input) return;
    this.input = this.querySelector('input[type="hidden"]');
    this.drop = this.part("drop");
    this.part("file")?.addEventListener("change", (event) => {
      event.stopPropagation();
      this.upload(event.target.files[0]);
      event.target.value = "";
    });
    this.addEventListener("click", (event) => this.clicked(event));
    for (const name of ["dragenter", "dragover"]) this.addEventListener(name, (event) => this.over(event));
    for (const name of ["dragleave", "drop"]) this.addEventListener(name, () => this.classList.remove("source--over"));
    this.addEventListener("drop", (event) => this.dropped(event));
    if (this.input.dataset.url) {
      const { whole } = this;
      this.show({ ...this.input.dataset, id: this.input.value }, false);
      if (whole) this.input.dataset.whole = JSON.stringify(whole);
    }
  }

  part(name) {
    return this.querySelector(`[data-part="${name}"]`);
  }

  // The source held now: {id, url, width, height}, or null.
  get value() {
    const { url, width, height } = this.input?.dataset ?? {};
    return this.input?.value ? { id: this.input.value, url, width: Number(width), height: Number(height) } : null;
  }

  // The picture as it was before it was cropped, or null.
  get whole() {
    return this.input.dataset.whole ? JSON.parse(this.input.dataset.whole) : null;
  }

  // The id of the source; a picture of the site becomes one now. Throws an Error with a `sentence`.
  async stored() {
    if (this.input.value.startsWith(OFFERED)) {
      const { whole } = this;
      this.show(await this.post(this.dataset.upload, { picture: this.input.value.slice(OFFERED.length), role: this.dataset.role }), false);
      if (whole) this.input.dataset.whole = JSON.stringify(whole);
    }
    return this.input.value;
  }

  // A part of the whole picture, cut by the server; `box` is where it was put, for the next time.
  async crop(asked, box) {
    if (!this.whole) await this.stored();
    const whole = this.whole ?? this.value;
    this.show(await this.post(this.dataset.crop.replace("00000000-0000-0000-0000-000000000000", whole.id), asked), true);
    this.input.dataset.whole = JSON.stringify(whole);
    this.box = box;
    say(this.dataset.cropped);
  }

  uncrop() {
    const { whole } = this;
    if (whole) this.show(whole, true);
  }

  async post(address, asked) {
    const body = new FormData();
    for (const [name, value] of Object.entries(asked)) body.append(name, value);
    body.append("csrfmiddlewaretoken", document.querySelector('[name="csrfmiddlewaretoken"]').value);
    const response = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "error" });
    if (response.ok) return response.json();
    throw Object.assign(new Error(response.status), { sentence: sentence(await response.text()) });
  }

  get applies() {
    return this.drop && !this.closest("[data-off]") && this.getClientRects().length > 0;
  }

  over(event) {
    if (!this.drop) return;
    event.preventDefault();
    this.classList.add("source--over");
  }

  dropped(event) {
    if (!this.drop) return;
    event.preventDefault();
    const file = event.dataTransfer.files[0];
    const page = PICTURE_PAGE.exec(event.dataTransfer.getData("text/uri-list"));
    if (file && !page) this.upload(file);
    else if (page) this.take(page[1]);
    else this.complain(this.dataset.noPicture);
  }

  clicked(event) {
    const choose = event.target.closest("[data-choose]");
    if (choose) openPictures(this, choose.dataset.choose);
    if (event.target.closest("[data-remove]")) this.clear();
    if (event.target.closest("[data-open-crop]")) openCrop(this);
    if (event.target.closest("[data-replace]")) {
      this.drop.hidden = false;
      this.drop.querySelector("input, button").focus();
    }
  }

  upload(file) {
    if (!file) return;
    if (!file.type.startsWith("image/")) this.complain(this.dataset.noPicture);
    else if (file.size > Number(this.dataset.most)) this.complain(this.dataset.tooBig);
    else this.send({ file }, this.dataset.uploading);
  }

  // A copy of a picture of the site.
  take(picture) {
    this.send({ picture }, this.dataset.taking);
  }

  send(what, words) {
    const body = new FormData();
    for (const [name, value] of Object.entries({ ...what, role: this.dataset.role })) body.append(name, value);
    this.request?.abort();
    const request = (this.request = new XMLHttpRequest());
    const progress = this.part("progress");
    request.open("POST", this.dataset.upload);
    request.setRequestHeader("X-CSRFToken", document.querySelector('[name="csrfmiddlewaretoken"]').value);
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = (event) => event.lengthComputable && (progress.value = event.loaded / event.total);
    request.onload = () => this.answered(request);
    request.onerror = () => this.complain(this.dataset.failed);
    request.onloadend = () => (progress.hidden = true);
    progress.value = 0;
    progress.hidden = false;
    this.complain("");
    say(words);
    request.send(body);
  }

  answered(request) {
    if (request.status >= 400 || request.responseURL.includes("/login/")) {
      this.complain(sentence(request.responseText) || this.dataset.failed);
      return;
    }
    this.show(JSON.parse(request.responseText), true);
    say(this.dataset.ready);
  }

  show({ id, url, width, height }, told) {
    this.input.value = id;
    Object.assign(this.input.dataset, { url, width, height });
    delete this.input.dataset.whole;
    this.box = null;
    this.part("thumb").src = url;
    this.part("size").textContent = `${width} × ${height}`;
    this.part("chosen").hidden = false;
    if (this.drop) this.drop.hidden = true;
    this.tell(told);
  }

  clear() {
    this.input.value = "";
    for (const name of ["url", "width", "height", "whole"]) delete this.input.dataset[name];
    this.part("chosen").hidden = true;
    this.part("size").textContent = "";
    if (this.drop) this.drop.hidden = false;
    say(this.dataset.removed);
    this.tell(true);
    this.drop?.querySelector("input, button")?.focus();
  }

  tell(chosen) {
    this.dispatchEvent(new CustomEvent("source", { bubbles: true, detail: { role: this.dataset.role, source: this.value, chosen } }));
  }

  complain(words) {
    const error = this.part("error");
    error.hidden = !words;
    const said = error.querySelector("span") ?? error.appendChild(document.createElement("span"));
    said.textContent = words;
  }
}

function say(words) {
  document.getElementById("say").textContent = words;
}

// The dialog with pictures of the site; one for the whole page.
let asking = null;

function openPictures(field, tab) {
  const dialog = document.querySelector('[data-picker="pictures"]');
  asking = field;
  dialog.showModal();
  showTab(dialog, tab);
}

function showTab(dialog, tab) {
  for (const button of dialog.querySelectorAll("[data-tab]")) button.setAttribute("aria-pressed", button.dataset.tab === tab);
  dialog.querySelector('[data-part="list"]').replaceChildren();
  load(dialog, `${dialog.dataset.address}?of=${tab}`);
}

async function load(dialog, address) {
  const list = dialog.querySelector('[data-part="list"]');
  const asked = (dialog.asked = {});
  dialog.address = address;
  list.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(address, { redirect: "error" });
    if (!response.ok) throw new Error(response.status);
    const rows = await response.text();
    if (dialog.asked === asked) list.insertAdjacentHTML("beforeend", rows);
  } catch {
    if (dialog.asked === asked) list.append(dialog.querySelector('[data-part="broken"]').content.cloneNode(true));
  } finally {
    if (dialog.asked === asked) list.removeAttribute("aria-busy");
  }
}

document.addEventListener("click", (event) => {
  const dialog = event.target.closest('[data-picker="pictures"]');
  if (!dialog) return;
  const tab = event.target.closest("[data-tab]");
  const more = event.target.closest("[data-more]");
  const picture = event.target.closest("[data-picture]");
  if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  if (tab) showTab(dialog, tab.dataset.tab);
  const again = event.target.closest("[data-again]");
  if (again) {
    again.closest("p").remove();
    load(dialog, dialog.address);
  }
  if (more) {
    more.remove();
    load(dialog, more.dataset.more);
  }
  if (picture) {
    dialog.close();
    asking?.take(picture.dataset.picture);
  }
});

// A picture on the clipboard goes where one is wanted.
document.addEventListener("paste", (event) => {
  const file = [...(event.clipboardData?.files ?? [])].find((one) => one.type.startsWith("image/"));
  const fields = [...document.querySelectorAll("source-field")].filter((field) => field.applies);
  const field = fields.find((one) => one.contains(event.target)) ?? fields.find((one) => !one.value) ?? fields[0];
  if (!file || !field) return;
  event.preventDefault();
  field.upload(file);
});

customElements.define("source-field", SourceField);
