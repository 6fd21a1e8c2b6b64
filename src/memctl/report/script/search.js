// Finds pages by the words on them. Texts are read from their data when first searched.

class Search {
  /** `dataOf`: a page's data, null where there is none. */
  constructor(pages, dataOf) {
    this.pages = pages;
    this.dataOf = dataOf;
    this.texts = new Map(); // by page
    this.asked = 0;
  }

  /** What is on a page: {text, lower}. */
  textOf(page) {
    let known = this.texts.get(page.id);
    if (!known) {
      const text = this.everythingOn(page).normalize("NFC");
      known = {text, lower: text.toLowerCase()};
      this.texts.set(page.id, known);
    }
    return known;
  }

  /** What is read, what is kept, how the messages begin that begin on it. */
  everythingOn(page) {
    const data = this.dataOf(page);
    if (!data) return visible(page.begins);
    const texts = [data.kept, data.read]
      .filter((item) => item?.parts)
      .map((item) => joined(item).text);
    return [
      ...texts,
      ...data.messages
        .filter((message) => message.pages[0] === page.id)
        .map((message) => `${message.role} ${visible(message.begins)}`),
    ].join("\n");
  }

  /** The pages with all words; null when another question has come in the meantime. */
  async find(words) {
    const question = ++this.asked;
    const found = [];
    let until = performance.now() + 40;
    for (const page of this.pages) {
      if (words.every((word) => this.textOf(page).lower.includes(word))) found.push(page);
      if (performance.now() < until) continue;
      await new Promise((go) => setTimeout(go)); // the page stays alive
      if (question !== this.asked) return null;
      until = performance.now() + 40;
    }
    return question === this.asked ? found : null;
  }

  /** What stands around the first word found. */
  around(page, words) {
    const {text, lower} = this.textOf(page);
    return aroundWords(text.length === lower.length ? text : lower, lower, words);
  }
}
