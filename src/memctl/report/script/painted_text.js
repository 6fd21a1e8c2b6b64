// A text with marks: where it differs, how sure its reader was, what a search looks for.

/** A text and its stretches of the same origin: {text, stretches: [{begin, end, name, title}]}. */
function joined(item) {
  let text = "";
  const stretches = [];
  for (const [part, origin, confidence] of item.parts) {
    const begin = text.length;
    text += visible(part);
    stretches.push({begin, end: text.length, name: nameOf(origin, confidence)});
  }
  return {text, stretches};
}

/** The class of a stretch, by how sure its reader was. */
function nameOf(origin, confidence) {
  if (origin === "corrected" || origin === "anchor") return "kept";
  if (origin !== "decoded" || confidence >= 0.99) return "";
  return confidence >= 0.9 ? "doubt-1" : confidence >= 0.6 ? "doubt-2" : "doubt-3";
}

/** What `visible` wrote for a sign that cannot be seen. */
function unseenIn(text) {
  return Array.from(text.matchAll(/\[U\+[0-9A-F]{4,6}\]/g), (match) => [
    match.index,
    match.index + match[0].length,
  ]);
}

/** The words of a question, without the marks of phrases and prefixes. */
function wordsOf(query) {
  return query.normalize("NFC").toLowerCase().split(/[\s"*]+/).filter(Boolean);
}

/** A line's worth of a text around the first of the words in it. `lower`: the same, in lower case. */
function aroundWords(text, lower, words) {
  const places = words.map((word) => lower.indexOf(word)).filter((place) => place !== -1);
  const at = places.length > 0 ? Math.min(...places) : 0;
  return (at > 30 ? "… " : "") + text.slice(Math.max(0, at - 30), at + 120);
}

function hitsIn(text, words) {
  if (words.length === 0) return [];
  const pattern = words.map((word) => word.replace(/[.*+?^${}()|[\]\\\/-]/g, "\\$&")).join("|");
  return Array.from(text.matchAll(new RegExp(pattern, "giu")), (match) => [
    match.index,
    match.index + match[0].length,
  ]);
}

/**
 * Puts a text into an element. `layers`: {element, name, ranges: [[begin, end, number]]} from the
 * outermost to the innermost, the ranges of each in order; a number may say which one it is.
 */
function paint(parent, text, layers) {
  const borders = new Set([0, text.length]);
  for (const {ranges} of layers) ranges.forEach(([begin, end]) => borders.add(begin).add(end));
  const places = [...borders].sort((a, b) => a - b);
  const next = layers.map(() => 0);
  for (let i = 0; i + 1 < places.length; ++i) {
    let node = document.createTextNode(text.slice(places[i], places[i + 1]));
    for (let j = layers.length - 1; j >= 0; --j) {
      const {ranges, element, name} = layers[j];
      while (next[j] < ranges.length && ranges[next[j]][1] <= places[i]) ++next[j];
      const [begin, , number] = ranges[next[j]] ?? [Infinity];
      if (begin > places[i]) continue;
      node = make(element, {className: name}, node);
      if (number !== undefined) node.dataset.number = number;
    }
    parent.append(node);
  }
}

/** The layers of how sure a reader was, one for each class. */
function layersOf(stretches) {
  const names = [...new Set(stretches.map((stretch) => stretch.name))].filter(Boolean);
  return names.map((name) => ({
    element: "span",
    name,
    ranges: stretches
      .filter((stretch) => stretch.name === name)
      .map(({begin, end}) => [begin, end]),
  }));
}
