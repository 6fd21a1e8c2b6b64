// What the scope holds, and what it saves.

function showHeading({scope, store, made}) {
  byId("scope").textContent = visible(scope);
  document.title = `What ${visible(scope)} remembers`;
  byId("made").append(
    "As of ",
    make("time", {dateTime: new Date(made * 1000).toISOString()}, `${dateText(made)} UTC`),
    ", from the store ",
    isolated(store),
    ".",
  );
}

function figure(name, value, remark = "") {
  return make(
    "div",
    {},
    make("dt", {}, name),
    make("dd", {}, value, remark && make("span", {className: "quiet"}, remark)),
  );
}

function showFigures(stats) {
  const saved = stats.text_tokens - stats.vision_tokens;
  const times =
    stats.vision_tokens > 0 ? (stats.text_tokens / stats.vision_tokens).toFixed(1) : "0";
  byId("figures").append(
    figure("Pages", grouped(stats.pages), `of ${counted(stats.messages, "message")}`),
    figure("Vision tokens", grouped(stats.vision_tokens), `${times} times fewer than the text`),
    figure("Tokens saved", grouped(saved), `of about ${grouped(stats.text_tokens)} as text`),
    figure("Bytes of vision tokens", bytesText(stats.token_bytes), sizeRemark(stats)),
    figure(
      "Exact text",
      bytesText(stats.archive_bytes),
      "compressed, where it is kept" +
        (stats.kept_bytes > 0 ? `; ${bytesText(stats.kept_bytes)} of anchors and corrections` : ""),
    ),
    figure(
      "On no page yet",
      counted(stats.verbatim_characters, "character"),
      `the store: ${bytesText(stats.file_bytes)}`,
    ),
  );
}

function sizeRemark({token_bytes, text_bytes}) {
  const saved = text_bytes - token_bytes;
  const difference = `${bytesText(Math.abs(saved))} ${saved >= 0 ? "saved" : "more"}`;
  return `the text has ${bytesText(text_bytes)}: ${difference}`;
}

function showLevels(levels) {
  const number = (text) => make("td", {className: "number"}, text);
  for (const {level, pages, vision_tokens, fidelity} of levels) {
    const name = make("th", {scope: "row"}, swatch(level), level);
    byId("levels").tBodies[0].append(
      make(
        "tr",
        {},
        name,
        number(grouped(pages)),
        number(grouped(vision_tokens)),
        number(fidelity === null ? "not measured" : percent(fidelity)),
      ),
    );
  }
  byId("levels").parentElement.hidden = levels.length === 0;
}

function showRest(rest) {
  const {text} = joined(rest);
  byId("rest").hidden = text === "";
  const pre = make("pre", {dir: "auto", tabIndex: 0});
  pre.setAttribute("role", "region");
  pre.setAttribute("aria-label", "Text on no page yet");
  paint(pre, text, [{element: "span", name: "unseen", ranges: unseenIn(text)}]);
  byId("rest-text").append(pre);
}
