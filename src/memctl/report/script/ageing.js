// What has faded and why, and what would fade next.

const kEvents = {
  fade: "stepped down",
  promote: "made sharper again",
  migrate: "encoded anew for another checkpoint",
  pin: "pinned",
  unpin: "unpinned",
  drop_archive: "its exact text was dropped",
  erase: "erased",
  erase_part: "a part was erased",
  gone: "erased, as old as the policy keeps pages",
  expire: "expired and was erased",
};

/** What an entry of the history says, without the page that it is about. */
function eventParts(entry) {
  const parts = [`${dateText(entry.time)} UTC: ${kEvents[entry.event] ?? entry.event}`];
  if (entry.from && entry.to && entry.from !== entry.to)
    parts.push(` from ${entry.from} to ${entry.to}`);
  if (entry.fidelity !== null) parts.push(`, read back ${percent(entry.fidelity)}`);
  if (entry.tokens_saved > 0) parts.push(`, ${counted(entry.tokens_saved, "token")} saved`);
  if (entry.tokens_saved < 0) parts.push(`, ${counted(-entry.tokens_saved, "token")} more`);
  if (entry.reason) parts.push(", ", isolated(entry.reason));
  return parts;
}

/** What a step of the plan says, without its page. */
function stepParts(step) {
  const told =
    `${step.from} to ${step.to ?? "gone"}, ` +
    (step.fidelity === null ? "" : `read back ${fidelityText(step)}, `) +
    `${counted(step.tokens_saved, "token")} saved, `;
  const parts = [told, isolated(step.reason)];
  if (step.lost_words.length > 0) parts.push(lostWords(step.lost_words));
  return parts;
}

function lostWords(words) {
  const list = make("p", {className: "words"});
  const details = make(
    "details",
    {},
    make("summary", {}, `Loses ${counted(words.length, "word")}`),
    list,
  );
  details.addEventListener("toggle", () => {
    if (list.childElementCount === 0) list.append(...words.map((word) => isolated(word)));
  });
  return details;
}

/** `show`: gets a plan that is made later. */
function showPlan({plan, policy}, source, show) {
  byId("plan").replaceChildren(
    ...(!plan
      ? [source.offerPlan(show)]
      : plan.error
        ? [make("p", {className: "note"}, "It cannot be planned: ", isolated(plan.error))]
        : planParts(plan)),
    make(
      "details",
      {},
      make("summary", {}, "The policy"),
      make("pre", {tabIndex: 0}, visible(JSON.stringify(policy, null, 2))),
    ),
  );
}

function planParts(plan) {
  const saved = plan.steps.reduce((sum, step) => sum + step.tokens_saved, 0);
  const parts = [
    make(
      "p",
      {},
      `If memctl age ran now, ${counted(plan.steps.length, "page")} would fade and save ` +
        `${counted(saved, "vision token")}; ${grouped(plan.vision_tokens)} would be left.`,
    ),
  ];
  if (plan.expired_messages > 0)
    parts.push(
      make(
        "p",
        {},
        `${counted(plan.expired_messages, "message")} would be erased, with ` +
          `${counted(plan.expired_pages.length, "page")}, as their date has come.`,
      ),
    );
  if (plan.archives.length > 0)
    parts.push(
      make("p", {}, `The exact text of ${counted(plan.archives.length, "page")} would be dropped.`),
    );
  if (plan.steps.length > 0)
    parts.push(
      longList(plan.steps, (step) => make("li", {}, pageLink(step.id), ": ", ...stepParts(step))),
    );
  if (plan.refused.length > 0)
    parts.push(
      make(
        "details",
        {},
        make(
          "summary",
          {},
          `${counted(plan.refused.length, "page")} old enough to fade, kept as read worse below`,
        ),
        longList(plan.refused, ({id, reason}) =>
          make("li", {}, pageLink(id), ": ", isolated(reason)),
        ),
      ),
    );
  return parts;
}

function showHistory(history, pages) {
  const known = new Set(pages.map((page) => page.id));
  const about = ({page}) =>
    page === 0 ? "the scope" : known.has(page) ? pageLink(page) : `page ${page}`;
  const newest = history.slice().reverse();
  byId("events").append(
    newest.length === 0
      ? make("p", {}, "Nothing has faded, been pinned or erased.")
      : longList(newest, (entry) => make("li", {}, about(entry), ", ", ...eventParts(entry))),
  );
}
