// Bars of what is held, by the date of its pages; each bar is a button that chooses its pages.

const kHour = 3600,
  kDay = 24 * kHour;

/** Times in a stretch of one hour, day, week, month or year, so that there are not too many. */
const kStretches = [
  {
    most: 2 * kDay,
    begin: (date) => date.setUTCMinutes(0, 0, 0),
    next: (date) => date.setUTCHours(date.getUTCHours() + 1),
    label: (date) => isoText(date, 13) + ":00",
  },
  {
    most: 60 * kDay,
    begin: (date) => date.setUTCHours(0, 0, 0, 0),
    next: (date) => date.setUTCDate(date.getUTCDate() + 1),
    label: (date) => isoText(date, 10),
  },
  {
    most: 400 * kDay,
    begin: mondayOf,
    next: (date) => date.setUTCDate(date.getUTCDate() + 7),
    label: (date) => `week of ${isoText(date, 10)}`,
  },
  {
    most: 1900 * kDay,
    begin: (date) => firstOf(date, date.getUTCMonth()),
    next: (date) => date.setUTCMonth(date.getUTCMonth() + 1),
    label: (date) => isoText(date, 7),
  },
  {
    most: Infinity,
    begin: (date) => firstOf(date, 0),
    next: (date) => date.setUTCFullYear(date.getUTCFullYear() + 1),
    label: (date) => isoText(date, 4),
  },
];

function isoText(date, length) {
  return date.toISOString().slice(0, length).replace("T", " ");
}

function mondayOf(date) {
  date.setUTCHours(0, 0, 0, 0);
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
}

function firstOf(date, month) {
  date.setUTCHours(0, 0, 0, 0);
  date.setUTCMonth(month, 1);
}

/** Stretches of time in order: {label, begin, end, pages}; the pages without a date come last. */
function stretchesOfTime(pages) {
  const dated = pages.filter((page) => page.time > 0).sort((a, b) => a.time - b.time);
  const bins = [];
  if (dated.length > 0) {
    const last = dated.at(-1).time;
    const kind = kStretches.find(({most}) => last - dated[0].time <= most);
    const date = new Date(dated[0].time * 1000);
    kind.begin(date);
    while (date.getTime() / 1000 <= last) {
      const [label, begin] = [kind.label(date), date.getTime() / 1000];
      kind.next(date);
      bins.push({label, begin, end: date.getTime() / 1000, pages: []});
    }
  }
  let at = 0;
  for (const page of dated) {
    while (bins[at].end <= page.time) ++at;
    bins[at].pages.push(page);
  }
  const undated = pages.filter((page) => page.time === 0);
  return undated.length > 0
    ? [...bins, {label: "no date", begin: 0, end: 0, pages: undated}]
    : bins;
}

const heightOf = (page, measure) => (measure === "pages" ? 1 : page[measure]);
const sumOf = (pages, measure) => pages.reduce((sum, page) => sum + heightOf(page, measure), 0);

/** `choose`: called with a stretch of time, or null for all. */
class TimeLine {
  constructor(pages, choose) {
    this.bins = stretchesOfTime(pages);
    this.choose = choose;
    this.buttons = [];
    this.bins.forEach((bin, index) => byId("bars").append(this.barOf(bin, index)));
    byId("height").addEventListener("change", () => this.draw());
    for (const level of levelsOf(pages))
      byId("legend").append(make("span", {}, swatch(level), level));
    this.draw();
  }

  barOf(bin, index) {
    const tokens = sumOf(bin.pages, "vision_tokens");
    const told =
      `${bin.label}: ${counted(bin.pages.length, "page")}, ` +
      `${counted(tokens, "vision token")} for ${grouped(sumOf(bin.pages, "text_tokens"))} of text`;
    const button = make("button", {type: "button", title: told});
    button.setAttribute("aria-label", told);
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => this.press(index));
    this.buttons.push(button);
    const dates = Math.ceil(this.bins.length / 8); // no more than fit beside each other
    const date = make(
      "span",
      {className: "date"},
      index % dates === 0 ? bin.label.replace("week of ", "") : "",
    );
    date.setAttribute("aria-hidden", "true");
    return make("li", {}, button, date);
  }

  draw() {
    const measure = byId("height").value;
    const most = Math.max(1, ...this.bins.map((bin) => sumOf(bin.pages, measure)));
    this.bins.forEach((bin, index) => {
      this.buttons[index].replaceChildren(
        ...kLevels.map((level) => {
          const part = make("span", {className: level});
          const height = sumOf(
            bin.pages.filter((page) => page.level === level),
            measure,
          );
          part.style.height = `${(height / most) * 100}%`;
          part.hidden = height === 0;
          return part;
        }),
      );
    });
  }

  press(index) {
    const chosen = index !== null && this.buttons[index].getAttribute("aria-pressed") === "false";
    this.buttons.forEach((button, i) =>
      button.setAttribute("aria-pressed", String(chosen && i === index)),
    );
    this.choose(chosen ? this.bins[index] : null);
  }
}
