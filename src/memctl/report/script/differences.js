// What two texts do not have in common, by words: the shortest script of edits (Myers 1986).

const kMostEdits = 2000; // beyond that two texts have little in common, and it would take long
const kLetter = "[\\p{scx=Han}\\p{scx=Hiragana}\\p{scx=Katakana}\\p{scx=Thai}]"; // a word by itself
const kWords = new RegExp(`\\[U\\+[0-9A-F]+\\]|${kLetter}|[\\p{L}\\p{M}\\p{N}_]+|[^]`, "gu");

/**
 * Where two texts differ, in order: {read: [begin, end], kept: [begin, end]}, one of which may be
 * empty. Null where they differ too much.
 */
function differencesOf(read, kept) {
  const a = read.match(kWords) ?? [];
  const b = kept.match(kWords) ?? [];
  const edits = editsOf(a, b);
  return edits && pairsOf(a, b, edits);
}

/** The places in `a` that `b` lacks, and the other way round; null beyond kMostEdits. */
function editsOf(a, b) {
  let begin = 0;
  while (begin < a.length && begin < b.length && a[begin] === b[begin]) ++begin;
  let [endA, endB] = [a.length, b.length];
  while (endA > begin && endB > begin && a[endA - 1] === b[endB - 1])
    [endA, endB] = [endA - 1, endB - 1];
  const steps = furthestPaths(a.slice(begin, endA), b.slice(begin, endB));
  return steps && tracedBack(steps, endA - begin, endB - begin, begin);
}

/** By number of edits, how far each diagonal reached before that edit. */
function furthestPaths(a, b) {
  const most = Math.min(a.length + b.length, kMostEdits);
  const middle = most + 1;
  const reached = new Int32Array(2 * most + 3);
  const steps = [];
  for (let edits = 0; edits <= most; ++edits) {
    steps.push(reached.slice(middle - edits - 1, middle + edits + 2));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const below = reached[middle + diagonal - 1];
      const above = reached[middle + diagonal + 1];
      let x = comesFromAbove(diagonal, edits, below, above) ? above : below + 1;
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) ++x;
      reached[middle + diagonal] = x;
      if (x >= a.length && x - diagonal >= b.length) return steps;
    }
  }
  return null;
}

function comesFromAbove(diagonal, edits, below, above) {
  return diagonal === -edits || (diagonal !== edits && below < above);
}

function tracedBack(steps, x, y, offset) {
  const lackedByA = new Set();
  const lackedByB = new Set();
  for (let edits = steps.length - 1; edits > 0; --edits) {
    const at = (diagonal) => steps[edits][diagonal + edits + 1];
    const diagonal = x - y;
    const above = comesFromAbove(diagonal, edits, at(diagonal - 1), at(diagonal + 1));
    x = at(above ? diagonal + 1 : diagonal - 1);
    y = x - (above ? diagonal + 1 : diagonal - 1);
    if (above) lackedByA.add(offset + y);
    else lackedByB.add(offset + x);
  }
  return {lackedByA, lackedByB};
}

/** What stands in one text for what stands in the other. */
function pairsOf(a, b, {lackedByA, lackedByB}) {
  const pairs = [];
  let [i, j, read, kept] = [0, 0, 0, 0];
  while (i < a.length || j < b.length) {
    const pair = {read: [read, read], kept: [kept, kept]};
    while (lackedByB.has(i)) read += a[i++].length;
    while (lackedByA.has(j)) kept += b[j++].length;
    pair.read[1] = read;
    pair.kept[1] = kept;
    if (read > pair.read[0] || kept > pair.kept[0]) pairs.push(pair);
    if (i < a.length) read += a[i++].length;
    if (j < b.length) kept += b[j++].length;
  }
  return pairs;
}
