// Where the page of memctl view has a page's data from: it asks the server when it needs it.

const kKeptPages = 30; // that were open

async function ask(path) {
  const response = await fetch(path).catch(() => null);
  if (!response) throw new Error("memctl view does not answer; it may have ended.");
  const data = await response.json().catch(() => null);
  if (!data || !response.ok) throw new Error(data?.error ?? `The answer (${response.status}) is broken.`);
  return data;
}

class PageSource {
  constructor(pages) {
    this.byId = new Map(pages.map((page) => [page.id, page]));
    this.kept = new Map(); // by id, promises
  }

  /** {text, picture} */
  page({id}) {
    if (!this.kept.has(id)) {
      const asked = ask(`pages/${id}`);
      asked.catch(() => this.kept.delete(id)); // the next time may go well
      this.kept.set(id, asked);
      if (this.kept.size > kKeptPages) this.kept.delete(this.kept.keys().next().value);
    }
    return this.kept.get(id);
  }

  /** The pages that memctl search finds, best first: {pages, lineOf, note}. */
  async find(query, words) {
    const {hits, note, verbatim_snippet} = await ask(`search?q=${encodeURIComponent(query)}`);
    const lines = new Map(hits.map(({id, snippet}) => [this.byId.get(id), snippet]));
    lines.delete(undefined); // newer than this list
    const rest = verbatim_snippet ? `On no page yet: ${oneLine(verbatim_snippet)}` : "";
    return {
      pages: [...lines.keys()],
      lineOf: (page) => aroundWords(lines.get(page), lines.get(page).toLowerCase(), words),
      note: [visible(note), rest].filter(Boolean).join(" "),
    };
  }

  get wordless() {
    return "(read from its vision tokens when it is opened)";
  }

  /** A button that has the plan measured; `show` gets it. */
  offerPlan(show) {
    const told = make("p", {}, "What would fade is measured: pages are drawn, encoded and read back.");
    told.setAttribute("role", "status");
    const button = make("button", {type: "button"}, "Plan the next ageing");
    button.addEventListener("click", async () => {
      button.disabled = true;
      told.textContent = "Measuring. This may take minutes; nothing in the store changes.";
      try {
        show(await ask("plan"));
      } catch (error) {
        told.replaceChildren("There is no plan: ", isolated(error.message));
        button.disabled = false;
      }
    });
    return make("div", {}, told, button);
  }
}
