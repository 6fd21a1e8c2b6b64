// One page: what it is, its picture, its texts, what has happened to it and what will.

class PageView {
  constructor(summary, list, source) {
    this.summary = summary;
    this.list = list;
    this.source = source;
    this.page = null;
    byId("newer").addEventListener("click", () => this.turn(-1));
    byId("older").addEventListener("click", () => this.turn(1));
    document.addEventListener("narrowed", () => this.refresh());
  }

  /** After a search, or a plan, it shows other marks and another future. */
  refresh() {
    if (this.page) this.open(this.page);
  }

  turn(step) {
    const next = this.list.neighbour(this.page.id, step);
    if (next) location.hash = `page-${next.id}`;
  }

  async open(page) {
    const isNew = this.page !== page;
    this.page = page;
    this.list.choose(page.id);
    byId("page").hidden = false;
    byId("page-title").textContent = `Page ${page.id}`;
    byId("newer").disabled = !this.list.neighbour(page.id, -1);
    byId("older").disabled = !this.list.neighbour(page.id, 1);
    if (isNew) this.show(page, [this.reading()]);
    const contents = await this.contentsOf(page);
    if (this.page !== page) return; // another was opened meanwhile
    this.show(page, contents);
    byId("page-body").querySelector("pre mark")?.scrollIntoView({block: "nearest"});
  }

  show(page, contents) {
    byId("page-body").replaceChildren(
      this.factsOf(page),
      ...contents,
      this.pastOf(page),
      this.futureOf(page),
    );
  }

  reading() {
    const told = make("p", {className: "note"}, "Reading it ...");
    told.setAttribute("role", "status");
    return told;
  }

  async contentsOf(page) {
    try {
      const data = await this.source.page(page);
      if (!data) return [this.notShown()];
      const {text, picture} = data;
      return [this.pictureOf(page, picture), textsOf(text, this.list.words), this.messagesOf(text)];
    } catch (error) {
      return [fault("It cannot be shown", error.message)];
    }
  }

  notShown() {
    return make(
      "p",
      {className: "note"},
      "This report has pictures and texts of newer pages alone; memctl report --pages N has more.",
    );
  }

  factsOf(page) {
    const facts = [
      ["Level", make("span", {}, swatch(page.level), page.level)],
      [
        "Dates",
        page.first_time && page.first_time !== page.time
          ? `${dateText(page.first_time)} to ${dateText(page.time)} UTC`
          : page.time
            ? `${dateText(page.time)} UTC`
            : "no date",
      ],
      [
        "Costs",
        `${counted(page.vision_tokens, "vision token")} for ` +
          `${grouped(page.text_tokens)} of text; ` +
          `${bytesText(page.token_bytes)} for ${bytesText(page.text_bytes)}`,
      ],
      ["Read back", page.fidelity === null ? "not measured" : fidelityText(page)],
      [
        "Exact text",
        page.has_archive ? "kept" : page.keeps_text ? "kept where it cannot be read" : "not kept",
      ],
      page.pinned ? ["Pinned", "it keeps its level"] : null,
      page.last_recalled ? ["Last recalled", `${dateText(page.last_recalled)} UTC`] : null,
      page.expires ? ["Expires", `${dateText(page.expires)} UTC`] : null,
    ];
    return make(
      "dl",
      {},
      ...facts
        .filter(Boolean)
        .flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]),
    );
  }

  pictureOf(page, picture) {
    if (!picture)
      return make(
        "p",
        {className: "note"},
        "No picture: it would have to be read from the vision tokens.",
      );
    if (picture.error)
      return make("p", {className: "note"}, "No picture: ", isolated(picture.error));
    const image = make("img", {
      loading: "lazy",
      decoding: "async",
      width: picture.side,
      height: picture.side,
      alt: `Page ${page.id} as it is remembered at level ${page.level}`,
    });
    image.src = picture.png;
    return make(
      "figure",
      {},
      image,
      make(
        "figcaption",
        {className: "quiet"},
        `As it is remembered: ${picture.side} × ${picture.side} pixels, ` +
          counted(page.vision_tokens, "vision token"),
      ),
    );
  }

  messagesOf(data) {
    if (data.messages.length === 0) return make("span");
    return make(
      "section",
      {},
      make("h4", {}, `Messages (${grouped(data.messages.length)})`),
      longList(
        data.messages,
        (message) =>
          make(
            "li",
            {},
            `${dateText(message.time)} `,
            isolated(message.role),
            message.pages[0] === data.id ? ": " : ", which began on an earlier page: ",
            make("bdi", {dir: "auto"}, visible(message.begins) || "(the text is not kept)"),
          ),
        20,
      ),
    );
  }

  pastOf(page) {
    const past = this.summary.history.filter((entry) => entry.page === page.id);
    return make(
      "section",
      {},
      make("h4", {}, "What happened to it"),
      past.length > 0
        ? longList(past, (entry) => make("li", {}, ...eventParts(entry)))
        : make("p", {}, "Nothing since it was written."),
    );
  }

  futureOf(page) {
    const {plan} = this.summary;
    if (!plan || plan.error) return make("span");
    const step = plan.steps.find(({id}) => id === page.id);
    const refusal = plan.refused.find(({id}) => id === page.id);
    const told = step
      ? stepParts(step)
      : refusal
        ? ["It stays: ", isolated(refusal.reason)]
        : ["It stays as it is."];
    return make(
      "section",
      {},
      make("h4", {}, "What the next ageing would do"),
      make("div", {}, ...told),
    );
  }
}
