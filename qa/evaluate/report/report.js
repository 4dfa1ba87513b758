// Filters the questions. Which ones are shown stands in the address after "#", so that a view can be linked.
"use strict";
const root = document.documentElement;
const form = document.getElementById("filters");
const rows = [...document.querySelectorAll(".q")];
const controls = [...form.querySelectorAll("input, select")];
const texts = new Map(); // of a question: all that it shows, made when first searched

function themed(theme) {
  if (theme === "dark" || theme === "light") root.dataset.theme = theme;
}

function textOf(row) {
  if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
  return texts.get(row);
}

function fits(row, wanted) {
  return Object.entries(wanted).every(([name, value]) =>
    name === "text" ? value.toLowerCase().split(/\s+/).every((word) => textOf(row).includes(word))
      : name === "outcome" ? row.dataset.outcome.split(" ").includes(value)
        : row.dataset[name] === value);
}

function wantedNow() {
  return Object.fromEntries(controls.map((c) => [c.name, c.value.trim()]).filter(([, value]) => value));
}

function filter() {
  const wanted = wantedNow();
  let shown = 0;
  for (const row of rows) {
    row.hidden = !fits(row, wanted);
    shown += row.hidden ? 0 : 1;
  }
  document.getElementById("count").textContent = `${shown} of ${rows.length} questions`;
  document.getElementById("nothing").hidden = shown > 0;
  return wanted;
}

function remember() {
  const hash = new URLSearchParams(filter()).toString();
  history.replaceState(null, "", `#${hash || "questions"}`);
}

// From the address to the controls. A plain name such as "#measures" is a place of the page and no filter.
function restore() {
  const hash = location.hash.slice(1);
  if (hash && !hash.includes("=")) return;
  const wanted = new URLSearchParams(hash);
  for (const control of controls) {
    control.value = wanted.get(control.name) ?? "";
    if (control.value !== (wanted.get(control.name) ?? "")) control.value = ""; // a choice that is not offered
  }
  filter();
  if (hash) document.getElementById("questions").scrollIntoView();
}

form.hidden = false;
form.addEventListener("input", remember);
form.addEventListener("submit", (event) => event.preventDefault());
document.getElementById("all").addEventListener("click", () => {
  for (const control of controls) control.value = "";
  remember();
});
addEventListener("hashchange", restore);
addEventListener("message", (event) => event.source === parent && parent !== window && themed(event.data?.theme));
themed(new URLSearchParams(location.search).get("theme"));
filter();
restore();
