// Endless scroll, and the way back to the same place. Without script the link "More pictures" does it.
const KEPT = `wall:${location.pathname}${location.search}`;

class EndlessFeed extends HTMLElement {
  connectedCallback() {
    if (cameBack()) this.restore();
    this.watch();
    addEventListener("pagehide", () => this.keep());
  }

  get more() {
    return this.querySelector("[data-more]");
  }

  watch() {
    this.watcher?.disconnect();
    if (!this.more) return;
    this.watcher = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && this.load(),
      { rootMargin: "900px" },
    );
    this.watcher.observe(this.more);
  }

  async load() {
    const link = this.more;
    if (!link || this.loading) return;
    this.loading = true;
    link.setAttribute("aria-busy", "true");
    try {
      const address = new URL(link.href);
      address.searchParams.set("part", "1");
      const response = await fetch(address);
      if (!response.ok) throw new Error(response.status);
      this.append_(new DOMParser().parseFromString(await response.text(), "text/html"));
    } catch {
      // The link stays: pressing it tries again.
    } finally {
      this.loading = false;
      link.removeAttribute("aria-busy");
    }
  }

  append_(page) {
    const wall = this.querySelector("[data-wall]");
    for (const tile of page.querySelectorAll("[data-wall] > li")) {
      // A picture may have moved up in the meantime: none is shown twice.
      if (document.getElementById(tile.id)) continue;
      wall.append(document.adoptNode(tile));
      globalThis.htmx?.process(tile);
    }
    const next = page.querySelector(".feed__more");
    this.querySelector(".feed__more").remove();
    if (next) this.append(document.adoptNode(next));
    this.watch();
  }

  keep() {
    const state = { html: this.innerHTML, top: scrollY };
    try {
      sessionStorage.setItem(KEPT, JSON.stringify(state));
    } catch {
      sessionStorage.removeItem(KEPT);
    }
  }

  restore() {
    const state = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
    if (!state) return;
    this.innerHTML = state.html;
    globalThis.htmx?.process(this);
    history.scrollRestoration = "manual";
    requestAnimationFrame(() => scrollTo({ top: state.top, behavior: "instant" }));
  }
}

function cameBack() {
  return performance.getEntriesByType("navigation")[0]?.type === "back_forward";
}

customElements.define("endless-feed", EndlessFeed);

document.querySelector("[data-filters]")?.addEventListener("change", (event) => event.currentTarget.requestSubmit());
