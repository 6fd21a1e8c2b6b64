// Where the page of a report has a page's data from: all of it stands in the file.

class PageSource {
  constructor(pages) {
    this.search = new Search(pages, (page) => this.textOf(page));
    this.unread = pages.filter((page) => !this.has(page)).length;
  }

  has({id}) {
    return document.getElementById(`text-${id}`) !== null;
  }

  textOf({id}) {
    return dataOf(`text-${id}`);
  }

  /** {text, picture}; null where the report has the page in its list alone. */
  async page(page) {
    return this.has(page) ? {text: this.textOf(page), picture: dataOf(`picture-${page.id}`)} : null;
  }

  /** The pages with all words: {pages, lineOf, note}; null when another question has come meanwhile. */
  async find(query, words) {
    const pages = await this.search.find(words);
    const note =
      this.unread > 0
        ? `Of ${counted(this.unread, "older page")} only the first words are in this report.`
        : "";
    return pages && {pages, lineOf: (page) => this.search.around(page, words), note};
  }

  /** What the list shows of a page of which no word is known. */
  get wordless() {
    return "(its text is not in this report)";
  }

  /** Why there is no plan. */
  offerPlan() {
    return make("p", {}, "Not part of this report (--no-plan).");
  }
}
