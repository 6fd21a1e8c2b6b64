"use strict";

// Data that stands in the page, and elements made of it. Texts are set as text and never as markup.

const kLevels = ["large", "base", "small", "tiny", "faint", "trace"];

/** What a data element holds; null where there is none. */
function dataOf(id) {
  const element = document.getElementById(id);
  return element ? JSON.parse(element.textContent) : null;
}

/** An element with properties and children, which are elements or texts. */
function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

/** A text of the memory within a sentence: its direction stays within it. */
function isolated(text) {
  return make("bdi", {}, visible(text));
}

const byId = (id) => document.getElementById(id);
const grouped = (number) => number.toLocaleString("en");
const percent = (share) => `${(share * 100).toFixed(2)} %`;
/** Of a page of which only some rows were read, with how far off that may be. */
const fidelityText = ({fidelity, fidelity_error: error}) =>
  percent(fidelity) + (error > 0 ? ` (give or take ${percent(error)})` : "");
const counted = (number, thing) => `${grouped(number)} ${thing}${number === 1 ? "" : "s"}`;

/** "2026-05-15 10:00" in UTC; "no date" for 0. */
function dateText(seconds) {
  return seconds
    ? new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ")
    : "no date";
}

function bytesText(bytes) {
  if (bytes < 10_000) return counted(bytes, "byte");
  return bytes < 10_000_000
    ? `${grouped(Math.round(bytes / 1000))} kB`
    : `${grouped(Math.round(bytes / 1_000_000))} MB`;
}

/** The levels of pages, sharpest first. */
function levelsOf(pages) {
  const found = new Set(pages.map((page) => page.level));
  return kLevels.filter((level) => found.has(level));
}

/** A link to a page of the list. */
function pageLink(id) {
  return make("a", {href: `#page-${id}`}, `page ${id}`);
}

function swatch(level) {
  const square = make("span", {className: `swatch ${level}`});
  square.setAttribute("aria-hidden", "true");
  return square;
}

/** A list that begins with some items and has a button for more. */
function longList(items, itemOf, step = 50) {
  const list = make("ul", {className: "events"});
  const more = make("button", {type: "button"});
  let shown = 0;
  const show = () => {
    const first = shown;
    for (const item of items.slice(shown, shown + step)) list.append(itemOf(item));
    shown = Math.min(items.length, shown + step);
    more.textContent = `Show more of the other ${grouped(items.length - shown)}`;
    more.hidden = shown === items.length;
    if (first > 0 && more.hidden) list.children[first].tabIndex = -1;
    if (first > 0 && more.hidden) list.children[first].focus();
  };
  more.addEventListener("click", show);
  show();
  return make("div", {}, list, more);
}
