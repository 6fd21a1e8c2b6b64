// The text read from a page beside the exact one, with marks where they differ.

/** `words`: that a search looks for. */
function textsOf(data, words) {
  const read = data.read?.parts ? joined(data.read) : null;
  const kept = data.kept?.parts ? joined(data.kept) : null;
  const differences = read && kept ? differencesOf(read.text, kept.text) : null;
  const rangesIn = (side) =>
    (differences ?? [])
      .map((pair, number) => [...pair[side], number])
      .filter(([begin, end]) => begin < end);
  const panes = make("div", {className: "panes differ shaded"});
  if (data.read?.error) panes.append(fault("It cannot be read", data.read.error));
  if (read)
    panes.append(
      textPane(readTitle(data.read), read, {element: "del", ranges: rangesIn("read")}, words),
    );
  if (data.kept?.error) panes.append(fault("Its exact text cannot be read", data.kept.error));
  if (kept)
    panes.append(
      textPane(keptTitle(data.kept), kept, {element: "ins", ranges: rangesIn("kept")}, words),
    );
  const tools = make("div", {className: "tools"});
  if (read) tools.append(toggle(panes, "shaded", "Shade what the reader doubts"));
  if (read && kept) tools.append(...differenceTools(panes, read, kept, differences));
  return make("section", {}, make("h4", {}, "Text"), tools, panes);
}

function fault(what, error) {
  return make("p", {className: "note"}, `${what}: `, isolated(error));
}

function readTitle(read) {
  const end = read.complete ? "" : "; the model did not reach an end";
  return ["Read from its vision tokens", `Confidence ${percent(read.confidence)}${end}`];
}

function keptTitle(kept) {
  return kept.source === "archive"
    ? ["Exact text", "As it was written"]
    : ["As a recall gives it", "With the anchors, corrections and rows kept beside the tokens"];
}

function textPane([title, remark], {text, stretches}, differences, words) {
  const pre = make("pre", {dir: "auto", tabIndex: 0});
  pre.setAttribute("role", "region");
  pre.setAttribute("aria-label", title);
  paint(pre, text, [
    {...differences, name: ""},
    ...layersOf(stretches),
    {element: "mark", name: "", ranges: hitsIn(text, words)},
    {element: "span", name: "unseen", ranges: unseenIn(text)},
  ]);
  const heading = make("h5", {}, title);
  return make("section", {}, heading, make("p", {className: "quiet"}, remark), pre);
}

/** A box that turns a class on and off. */
function toggle(panes, name, label) {
  const box = make("input", {type: "checkbox", checked: true});
  box.addEventListener("change", () => panes.classList.toggle(name, box.checked));
  return make("label", {}, box, ` ${label}`);
}

/** How many differences there are, and buttons that lead from one to the next. */
function differenceTools(panes, read, kept, differences) {
  const told = make("span");
  told.setAttribute("role", "status");
  told.textContent = !differences
    ? "The two texts differ too much to compare."
    : differences.length === 0
      ? "The two texts are the same."
      : `${counted(differences.length, "difference")}.`;
  if (!differences?.length) return [told];
  let at = -1;
  const go = (step) => {
    at = at === -1 && step < 0 ? differences.length - 1 : at + step;
    at = (at + differences.length) % differences.length;
    showDifference(panes, at);
    const [wrong, right] = [
      ["read", read],
      ["kept", kept],
    ].map(([side, {text}]) => isolated(text.slice(...differences[at][side]) || "nothing"));
    const which = `Difference ${grouped(at + 1)} of ${grouped(differences.length)}: `;
    told.replaceChildren(which, wrong, " was read for ", right);
  };
  const button = (label, step) => {
    const made = make("button", {type: "button"}, label);
    made.addEventListener("click", () => go(step));
    return made;
  };
  return [
    toggle(panes, "differ", "Mark differences"),
    button("Previous difference", -1),
    button("Next difference", 1),
    told,
  ];
}

/** Brings a difference into view on both sides. */
function showDifference(panes, number) {
  panes.querySelectorAll(".chosen").forEach((mark) => mark.classList.remove("chosen"));
  for (const pre of panes.querySelectorAll("pre")) {
    const marks = pre.querySelectorAll(`[data-number="${number}"]`);
    marks.forEach((mark) => mark.classList.add("chosen"));
    if (marks.length > 0) pre.scrollTop = marks[0].offsetTop - pre.clientHeight / 2;
  }
  panes.scrollIntoView({block: "nearest"});
}
