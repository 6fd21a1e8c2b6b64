// Shows the summary, then the page that the address names.

function start() {
  const summary = dataOf("summary");
  showHeading(summary);
  showFigures(summary.stats);
  showLevels(summary.stats.levels);
  showRest(summary.rest);
  showHistory(summary.history, summary.pages);
  const source = new PageSource(summary.pages);
  const list = new PageList(summary.pages, source);
  const view = new PageView(summary, list, source);
  const timeLine = new TimeLine(summary.pages, (time) => list.chooseTime(time));
  byId("all-times").addEventListener("click", () => timeLine.press(null));
  showPlan(summary, source, (plan) => {
    summary.plan = plan;
    showPlan(summary, source);
    byId("ageing").focus();
    view.refresh();
  });
  followAddress(summary.pages, list, view);
}

/** "#page-12" opens page 12 and takes the focus there. At first the newest is open. */
function followAddress(pages, list, view) {
  const named = () => pages.find((page) => `#page-${page.id}` === location.hash);
  const follow = () => {
    const page = named();
    const wasReading = document.body.classList.contains("reading");
    document.body.classList.toggle("reading", Boolean(page));
    list.draw(); // it may have been out of sight
    if (page) {
      view.open(page);
      byId("page-title").focus({preventScroll: wasReading});
    } else if (wasReading && location.hash === "#pages") {
      list.focusRow();
    } else {
      document.getElementById(location.hash.slice(1))?.scrollIntoView();
    }
  };
  addEventListener("hashchange", follow);
  if (named()) follow();
  else if (pages.length > 0) view.open(pages[0]);
}

start();
