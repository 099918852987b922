"use strict";

// The table in the order of a column: up, down, and as it was.
const table = document.getElementById("cases");
const body = table.tBodies[0];
const original = [...body.rows];
const headings = [...table.tHead.rows[0].cells];

function compare(column) {
  const key = (row) => row.cells[column].dataset.key;
  return (a, b) => {
    const [left, right] = [key(a), key(b)];
    return column === 0 ? left.localeCompare(right, "en", { numeric: true }) : left - right;
  };
}

function sortBy(column, order) {
  const isKnown = (row) => row.cells[column].dataset.key !== undefined;
  const known = original.filter(isKnown).sort(compare(column));
  if (order === "descending") known.reverse();
  // What has no figure comes last, whatever the order.
  const rows = order === "none" ? original : [...known, ...original.filter((row) => !isKnown(row))];
  body.append(...rows);
  for (const heading of headings) {
    if (heading.hasAttribute("aria-sort")) heading.setAttribute("aria-sort", "none");
  }
  headings[column].setAttribute("aria-sort", order);
}

headings.forEach((heading, column) => {
  const next = { none: "ascending", ascending: "descending", descending: "none" };
  const button = heading.querySelector("button");
  button?.addEventListener("click", () => sortBy(column, next[heading.getAttribute("aria-sort")]));
});

// Rows and charts that have all words of the search.
const search = document.getElementById("search");
const searched = [...document.querySelectorAll("[data-search]")];

function find() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const element of searched) {
    element.hidden = !words.every((word) => element.dataset.search.includes(word));
  }
  const shown = original.filter((row) => !row.hidden).length;
  document.getElementById("nothing").hidden = shown > 0;
  document.getElementById("found").value = words.length ? `${shown} of ${original.length}` : "";
}

search.addEventListener("input", find);
// A browser may have kept what was typed before the page was loaded again.
find();

// A link to a failure opens it.
function openTarget() {
  const target = document.getElementById(location.hash.slice(1));
  if (target?.tagName === "DETAILS") target.open = true;
}

addEventListener("hashchange", openTarget);
openTarget();

// The theme: the system's, until one is chosen.
const theme = document.getElementById("theme");
const prefersDark = matchMedia("(prefers-color-scheme: dark)");

function stored(value) {
  try {
    if (value) localStorage.setItem("hotbench-theme", value);
    return localStorage.getItem("hotbench-theme");
  } catch {
    // Files have no storage in some browsers: the choice holds for this view.
    return value;
  }
}

function showTheme(chosen) {
  if (chosen) document.documentElement.dataset.theme = chosen;
  const isDark = (chosen ?? (prefersDark.matches ? "dark" : "light")) === "dark";
  theme.textContent = isDark ? "Light theme" : "Dark theme";
  theme.onclick = () => showTheme(stored(isDark ? "light" : "dark"));
}

showTheme(stored() ?? undefined);
theme.hidden = false;
