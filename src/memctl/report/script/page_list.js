// The list of pages, newest first, and what narrows it: words, a level, a stretch of time. Only the
// rows in view are elements, so that a long list is as fast as a short one.

const kRowsAround = 10; // above and below those in view

class PageList {
  constructor(pages, source) {
    this.pages = pages;
    this.source = source;
    this.all = {pages, lineOf: (page) => page.begins, note: ""};
    this.found = this.all; // what the search gave
    this.shown = pages; // those of them that fit the filters
    this.words = []; // that are searched for
    this.asked = 0; // questions
    this.time = null;
    this.open = 0; // the id of the page that is open
    this.at = 0; // the row that Tab comes to
    this.view = byId("list-view");
    this.list = byId("list");
    this.list.addEventListener("keydown", (event) => this.move(event));
    this.view.addEventListener("scroll", () => this.draw());
    addEventListener("resize", () => this.draw());
    this.prepareFilters();
    this.narrow();
  }

  prepareFilters() {
    for (const level of levelsOf(this.pages)) byId("level").append(make("option", {}, level));
    byId("level").addEventListener("change", () => this.narrow());
    byId("filters").addEventListener("submit", (event) => event.preventDefault());
    let waiting = 0;
    byId("query").addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => this.narrow(), 150);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "/" || event.target.matches("input, select, textarea")) return;
      event.preventDefault();
      byId("query").focus();
    });
  }

  // Which pages

  /** `time`: {begin, end, label}, or null for all. */
  chooseTime(time) {
    this.time = time;
    byId("all-times").hidden = !time;
    this.narrow();
  }

  async narrow() {
    const question = ++this.asked;
    const words = wordsOf(byId("query").value);
    if (words.length > 0) byId("found").textContent = "Searching ...";
    try {
      const found = words.length > 0 ? await this.source.find(byId("query").value, words) : this.all;
      if (question !== this.asked) return; // there is a newer one
      this.found = found;
    } catch (error) {
      if (question !== this.asked) return;
      byId("found").replaceChildren("It cannot be searched: ", isolated(error.message));
      return;
    }
    this.words = words;
    const level = byId("level").value;
    this.shown = this.found.pages.filter(
      (page) => (!level || page.level === level) && this.isOfTime(page),
    );
    byId("found").textContent = this.told(level);
    this.at = Math.max(0, this.placeOf(this.open));
    this.list.replaceChildren();
    this.draw();
    document.dispatchEvent(new CustomEvent("narrowed"));
  }

  isOfTime({time}) {
    if (!this.time) return true;
    return this.time.end === 0 ? time === 0 : time >= this.time.begin && time < this.time.end;
  }

  told(level) {
    if (this.words.length === 0 && !level && !this.time)
      return `${counted(this.pages.length, "page")}, newest first.`;
    const conditions = [
      this.words.length > 0 ? `with “${this.words.join(" ")}”` : "",
      level ? `at level ${level}` : "",
      this.time ? `of ${this.time.label}` : "",
    ];
    return (
      `${grouped(this.shown.length)} of ${counted(this.pages.length, "page")} ` +
      `${conditions.filter(Boolean).join(", ")}. ${this.found.note}`.trimEnd()
    );
  }

  placeOf(id) {
    return this.shown.findIndex((page) => page.id === id);
  }

  /** The page before or after one among those shown; undefined where there is none. */
  neighbour(id, step) {
    const place = this.placeOf(id);
    return place === -1 ? undefined : this.shown[place + step];
  }

  // What is in view

  /** Makes elements of the rows in view. */
  draw() {
    const height = this.rowHeight();
    const inView = Math.ceil(this.view.clientHeight / height);
    const top = Math.floor(this.view.scrollTop / height);
    const first = Math.max(0, Math.min(top, this.shown.length - inView) - kRowsAround);
    const last = Math.min(this.shown.length, top + inView + kRowsAround);
    const hadFocus = this.list.contains(document.activeElement);
    this.keepRows(first, last);
    this.list.style.paddingBlockStart = `${first * height}px`;
    this.list.style.paddingBlockEnd = `${(this.shown.length - last) * height}px`;
    if (this.at < first || this.at >= last) this.at = Math.min(Math.max(top, first), last - 1);
    this.markRows();
    if (hadFocus && !this.list.contains(document.activeElement)) this.focusRow();
  }

  rowHeight() {
    if (!this.list.firstElementChild && this.shown.length > 0) this.list.append(this.rowOf(0));
    return this.list.firstElementChild?.getBoundingClientRect().height || 64;
  }

  /** Leaves elements alone that stay: one of them may have the focus. */
  keepRows(first, last) {
    for (const row of Array.from(this.list.children)) {
      if (row.place < first || row.place >= last) row.remove();
    }
    const begin = this.list.firstElementChild?.place ?? last;
    const end = this.list.lastElementChild ? this.list.lastElementChild.place + 1 : last;
    const rows = (from, to) =>
      Array.from({length: Math.max(0, to - from)}, (_, i) => this.rowOf(from + i));
    this.list.prepend(...rows(first, begin));
    this.list.append(...rows(end, last));
  }

  rowOf(place) {
    const page = this.shown[place];
    const title = make(
      "span",
      {className: "title"},
      make("b", {}, `Page ${page.id}`),
      make("span", {}, swatch(page.level), page.level),
      make("span", {className: "quiet"}, dateText(page.time)),
    );
    const begins = make("bdi", {className: "begins", dir: "auto"});
    const line = oneLine(this.found.lineOf(page)) || this.source.wordless;
    paint(begins, line, [{element: "mark", name: "", ranges: hitsIn(line, this.words)}]);
    const row = make("li", {place}, make("a", {href: `#page-${page.id}`}, title, begins));
    row.setAttribute("aria-setsize", this.shown.length);
    row.setAttribute("aria-posinset", place + 1);
    return row;
  }

  /** One row is reached by Tab, the arrow keys lead to the others; the open page is marked. */
  markRows() {
    for (const row of this.list.children) {
      const link = row.firstElementChild;
      link.tabIndex = row.place === this.at ? 0 : -1;
      if (this.shown[row.place].id === this.open) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  move(event) {
    const steps = {ArrowUp: -1, ArrowDown: 1, PageUp: -10, PageDown: 10};
    const ends = {Home: 0, End: this.shown.length - 1};
    const to = ends[event.key] ?? this.at + steps[event.key];
    if (Number.isNaN(to) || this.shown.length === 0) return;
    event.preventDefault();
    this.at = Math.min(Math.max(to, 0), this.shown.length - 1);
    this.focusRow();
  }

  focusRow() {
    this.scrollToRow();
    const row = Array.from(this.list.children).find(({place}) => place === this.at);
    row?.firstElementChild.focus({preventScroll: true});
  }

  scrollToRow() {
    const height = this.rowHeight();
    const [top, bottom] = [this.at * height, (this.at + 1) * height];
    const {scrollTop, clientHeight} = this.view;
    if (top < scrollTop) this.view.scrollTop = top;
    else if (bottom > scrollTop + clientHeight) this.view.scrollTop = bottom - clientHeight;
    this.draw();
  }

  /** Marks a page as open and brings its row into view. */
  choose(id) {
    this.open = id;
    const place = this.placeOf(id);
    if (place !== -1) this.at = place;
    if (place !== -1) this.scrollToRow();
    this.markRows();
  }
}
