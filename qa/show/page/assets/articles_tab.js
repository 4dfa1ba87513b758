// The articles: listed, searched, sorted, chosen, taken in and taken out.
// Words that come from articles or files reach the page as text nodes only, each isolated in a bdi.
const root = document.documentElement;
const find = (selector) => element.querySelector(selector);
const STEP = 200; // rows drawn at once; more are a button away
const MOST = 200; // files taken at one time
const AT_ONCE = 3; // uploads side by side; a browser has six connections to a server, and asking needs some
const STORE = "qa.articles";
const body = find("tbody");
const search = find("#articles-search");
const picker = find("input[type=file]");

let articles = new Map(); // id -> article, as the server lists them
let drawn = new Map(); // id -> its <tr>
let shown = []; // what the search leaves, in order
let limit = STEP;
let sorted = { key: "added", down: true };
let chosen = stored(); // null: all; else the Set of ids that are asked
let may = true;
let mostBytes = Infinity;
let loaded = false;

// ── Small things ─────────────────────────────────────────────────────────────────────────────────────

function make(tag, name, ...children) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (tag === "button") made.type = "button";
  made.append(...children);
  return made;
}

function words(text) {
  const isolated = make("bdi", "", text);
  isolated.dir = "auto";
  return isolated;
}

let named = 0;
function withId(node) {
  node.id = `articles-${++named}`;
  return node;
}

const number = (value) => value.toLocaleString("en");
const counted = (value, noun) => `${number(value)} ${noun}${value === 1 ? "" : "s"}`;
const megabytes = (bytes) => `${Number((bytes / 1e6).toPrecision(3))} MB`;
const fileOf = (article) => article.name.split("/").pop();
const nameOf = (article) => article.title ?? fileOf(article);
const sentence = (text) => (text ? text[0].toUpperCase() + text.slice(1) + (/[.!?…]$/.test(text) ? "" : ".") : "");
const say = (text) => { find(".spoken-files").textContent = text; };
const remark = (...text) => find(".remark").replaceChildren(...text);
const show = (selector, wanted) => { find(selector).hidden = !wanted; };

// The answer of the server, or {problem, remedy}.
async function ask(path, sent) {
  const options = sent && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(sent) };
  try {
    const response = await fetch(path, options);
    const said = await response.json();
    if (response.ok || said.problem) return said;
    return { problem: `the server refused this (${response.status})`, remedy: "load the page anew" };
  } catch {
    return { problem: "the server cannot be reached", remedy: "try again when it runs" };
  }
}

// ── The list ─────────────────────────────────────────────────────────────────────────────────────────

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

function keep(article) {
  const known = articles.get(article.id);
  if (known && known.seen === JSON.stringify(article)) return known;
  const seen = JSON.stringify(article);
  const since = Date.parse(article.added) || 0; // of different offsets from UTC, as summer time has it
  return { ...article, seen, since, sought: folded([article.title, article.source, article.name].join("\n")) };
}

function before(a, b) {
  const value = (article) => (sorted.key === "title" ? nameOf(article) : sorted.key === "added" ? article.since : article[sorted.key]);
  const [left, right] = [value(a), value(b)];
  if ((left === null) !== (right === null)) return left === null ? 1 : -1; // what is not stated comes last either way
  const order = typeof left === "number" ? left - right : collator.compare(left ?? "", right ?? "");
  return (sorted.down ? -order : order) || collator.compare(nameOf(a), nameOf(b)) || (a.id < b.id ? -1 : 1);
}

function matching() {
  const sought = folded(search.value).split(/\s+/).filter(Boolean);
  return [...articles.values()].filter((article) => sought.every((word) => article.sought.includes(word))).sort(before);
}

let edits = 0; // changes made here: a list that was asked for before one may not know of it
async function refresh() {
  const asked = edits;
  const [listed, access] = await Promise.all([ask("/articles"), permission()]);
  if (asked !== edits) return refresh();
  show(".loading", false);
  show(".unread", Boolean(listed.problem));
  if (listed.problem) {
    find(".why").textContent = `${sentence(listed.problem)} ${sentence(listed.remedy)}`;
    return;
  }
  const was = [...articles.keys()].join("\n");
  may = listed.may_change && access?.may_change !== false;
  find(".closed").textContent = may ? "" : access?.why || listed.why_not;
  mostBytes = listed.max_bytes;
  articles = new Map(listed.articles.map((article) => [article.id, keep(article)]));
  if (loaded && was !== [...articles.keys()].join("\n")) tell();
  loaded = true;
  forgetGone();
  draw();
}

// What whoever looks may do; a server that has no such address allows everything.
async function permission() {
  try {
    const response = await fetch("/access");
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

let telling = 0;
function changed() {
  edits += 1;
  tell();
}

// The rest of the page is told a few times a second at most, however many files come.
function tell() {
  if (telling) return;
  telling = setTimeout(() => { telling = 0; document.dispatchEvent(new CustomEvent("qa:corpus")); }, 300);
}

// ── Drawing ──────────────────────────────────────────────────────────────────────────────────────────

function draw() {
  shown = matching();
  const rows = shown.slice(0, limit).map(rowOf);
  const focused = body.contains(document.activeElement) && placeOf(document.activeElement);
  body.replaceChildren(...(rows.length || !articles.size ? rows : [nothingFound()]));
  if (focused) (drawn.get(focused.id)?.querySelector(focused.what) ?? search).focus({ preventScroll: true });
  const all = articles.size;
  const some = loaded && all > 0;
  show("table", some);
  find("table").classList.toggle("closed-to-changes", !may);
  show(".foot", some);
  show(".choice", some);
  show(".find", some);
  show(".add", may && some);
  show(".empty", loaded && !all);
  show(".closed", !may);
  show(".footnote", may && shown.slice(0, limit).some((article) => !article.deletable));
  for (const node of element.querySelectorAll(".empty .choose, .empty .way, .empty .hint")) node.hidden = !may;
  if (mostBytes < Infinity) find(".kinds").textContent = `Text, Markdown, web pages, PDF and Word, up to ${megabytes(mostBytes)} each`;
  drawCount();
  drawChoice();
  drawHeads();
}

function placeOf(node) {
  const id = [...drawn].find(([, row]) => row.contains(node))?.[0];
  return { id, what: node.matches("input") ? "input" : node.matches(".remove") ? ".remove" : ".open" };
}

function drawCount() {
  const [all, left] = [articles.size, shown.length];
  const found = search.value.trim() ? `${number(left)} of ${counted(all, "article")} found` : counted(all, "article");
  find(".count").textContent = left > limit ? `${found}; the first ${number(limit)} are shown` : found;
  find(".spoken-count").textContent = loaded ? find(".count").textContent : "";
  const more = Math.min(STEP, left - limit);
  show(".more", more > 0);
  find(".more").textContent = `Show ${number(more)} more`;
}

function drawHeads() {
  for (const head of element.querySelectorAll("th[data-sort]")) {
    const here = head.dataset.sort === sorted.key;
    if (here) head.setAttribute("aria-sort", sorted.down ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
    head.querySelector(".arrow").textContent = here ? (sorted.down ? "↓" : "↑") : "";
  }
}

function rowOf(article) {
  const known = drawn.get(article.id);
  const state = `${may} ${article.seen}`;
  if (known && known.state === state) return known;
  const row = make("tr", "", askCell(article), titleCell(article), factCell("source", article.source),
    factCell("date", article.date), numberCell("words", article.words), numberCell("passages", article.passages),
    addedCell(article), deleteCell(article));
  row.setAttribute("role", "row");
  row.state = state;
  row.article = article.id;
  const title = row.querySelector(".open");
  row.querySelector("input").setAttribute("aria-labelledby", `articles-ask ${title.id}`);
  row.querySelector(".remove")?.setAttribute("aria-labelledby", `${row.querySelector(".remove").id} ${title.id}`);
  drawn.set(article.id, row);
  return row;
}

function cell(name, ...children) {
  const made = make("td", name, ...children);
  made.setAttribute("role", "cell");
  return made;
}

function askCell() {
  const box = make("input");
  box.type = "checkbox";
  return cell("ask", make("label", "", box));
}

function titleCell(article) {
  const open = withId(make("button", article.title === null ? "open untitled" : "open", words(nameOf(article))));
  const made = make("th", "title", open, make("span", "file", words(article.name)));
  made.scope = "row";
  made.setAttribute("role", "rowheader");
  return made;
}

function factCell(name, value) {
  if (value) return cell(name, words(value));
  const dash = make("span", "dash", "–");
  dash.setAttribute("aria-hidden", "true");
  return cell(`${name} unstated`, dash, make("span", "unseen", "not stated"));
}

function numberCell(name, value) {
  return cell(name, number(value), make("span", "unit", ` ${name.slice(0, value === 1 ? -1 : undefined)}`));
}

function addedCell(article) {
  const [day, time] = (article.added ?? "").split("T");
  const when = make("time", "", day, make("span", "clock", ` ${(time ?? "").slice(0, 5)}`));
  if (day) when.dateTime = article.added;
  return cell("added", make("span", "unit", "added "), when);
}

function deleteCell(article) {
  if (!article.deletable) {
    const where = make("span", "elsewhere", "in the folder");
    where.title = "Not added on this page: its file lies in the articles folder, under the name shown with its title";
    return cell("delete", where);
  }
  return may ? cell("delete", withId(make("button", "plain remove", "Delete"))) : cell("delete");
}

function nothingFound() {
  const clear = make("button", "plain clear", "Show all articles");
  const none = cell("nothing", make("p", "", "Nothing found for ", words(search.value.trim()), "."), clear);
  none.colSpan = 8;
  const row = make("tr", "", none);
  row.setAttribute("role", "row");
  return row;
}

// ── Which are asked ──────────────────────────────────────────────────────────────────────────────────

function stored() {
  try {
    const list = JSON.parse(localStorage.getItem(STORE));
    return Array.isArray(list) && list.length ? new Set(list) : null;
  } catch {
    return null; // nothing there, not ours, or a browser that keeps nothing
  }
}

let telltale = false; // whether it is we who announce
function announce() {
  telltale = true;
  document.dispatchEvent(new CustomEvent("qa:asked", { detail: { articles: chosen && [...chosen] } }));
  telltale = false;
}

function choose(ids) {
  const wanted = new Set(ids);
  remark();
  if (!wanted.size) remark("At least one article must stay chosen.");
  else settle(wanted);
  drawChoice();
}

function settle(wanted) {
  chosen = wanted && [...articles.keys()].every((id) => wanted.has(id)) ? null : wanted;
  try {
    localStorage.setItem(STORE, JSON.stringify(chosen && [...chosen]));
  } catch { /* a browser that keeps nothing: the choice holds until the page closes */ }
  announce();
}

function drawChoice() {
  const count = chosen ? [...articles.keys()].filter((id) => chosen.has(id)).length : articles.size;
  const all = count === articles.size;
  find(".asked").textContent = all ? `All ${counted(articles.size, "article")} ${articles.size === 1 ? "is" : "are"} asked`
    .replace("All 1 ", "The 1 ") : `${number(count)} of ${number(articles.size)} ${count === 1 ? "is" : "are"} asked`;
  for (const row of body.rows) {
    const box = row.querySelector("input");
    if (box) box.checked = !chosen || chosen.has(row.article);
  }
}

// An article that is gone is asked no more; where none is left of the choice, all are.
function forgetGone() {
  if (!chosen) return;
  const left = [...chosen].filter((id) => articles.has(id));
  if (left.length === chosen.size) return settle(chosen);
  settle(left.length ? new Set(left) : null);
  if (!left.length && articles.size) remark("The articles that were chosen are gone: all are asked again.");
}

const CHOICES = {
  all: () => [...articles.keys()],
  only: () => shown.map((article) => article.id),
  none: () => [...articles.keys()].filter((id) => (!chosen || chosen.has(id)) && !shown.some((s) => s.id === id)),
};

// ── Taking files in ──────────────────────────────────────────────────────────────────────────────────

const lines = find(".files .lines");
const entries = new Map(); // <li> -> {file, state}; states: waiting, sending, working, done, refused, lost
let running = 0;
const inState = (...states) => [...entries.values()].filter((entry) => states.includes(entry.state));

function take(files, folders = []) {
  if (!may) return remark(find(".closed").textContent);
  for (const folder of folders) refuse(line(folder), "is a folder", "open it and add the files in it");
  for (const file of files.slice(0, MOST)) {
    const entry = line(file.name, file);
    if (file.size > mostBytes) refuse(entry, `has ${megabytes(file.size)}, more than ${megabytes(mostBytes)}`, "split it, or raise max_file_bytes in [ingest] of the settings");
  }
  const rest = files.length - MOST;
  if (rest > 0) refuse(line(""), `${counted(rest, "file")} of ${number(files.length)} ${rest === 1 ? "was" : "were"} not taken: at most ${MOST} at a time`, "add the rest when these are done");
  pump();
}

function line(name, file) {
  const label = withId(make("span", "name", words(name)));
  const bar = make("progress");
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-labelledby", label.id);
  const item = make("li", "line", make("p", "what", label, make("span", "status", "waiting")), bar);
  const entry = { name, file, item, bar, state: "waiting" };
  entries.set(item, entry);
  lines.append(item);
  mark(entry, "waiting");
  return entry;
}

function mark(entry, state, status) {
  entry.state = state;
  entry.item.dataset.state = state;
  const words = entry.item.querySelector(".status");
  if (words && status !== undefined) words.textContent = status;
  entry.bar.hidden = state !== "sending";
  drawTally();
}

function drawTally() {
  const [added, refused, open] = [inState("done").length, inState("refused", "lost").length, inState("waiting", "sending", "working").length];
  const parts = [added && `${counted(added, "file")} added`, refused && `${number(refused)} not added`].filter(Boolean).join(", ");
  find(".tally").textContent = open ? `Adding ${counted(open, "file")}${parts && `; ${parts}`}` : sentence(parts);
  show(".files", entries.size);
  show(".dismiss-all", added + refused > 1);
}

function pump() {
  while (running < AT_ONCE) {
    const [next] = inState("waiting");
    if (!next) break;
    running += 1;
    send(next);
  }
}

function send(entry) {
  const request = new XMLHttpRequest(); // fetch cannot say how much of a body it has sent
  let read = 0;
  let last = {};
  const take = () => {
    const whole = request.responseText.slice(read, request.responseText.lastIndexOf("\n") + 1);
    read += whole.length;
    for (const text of whole.split("\n").filter(Boolean)) {
      last = parsed(text);
      if (last.stage) mark(entry, "working", stageOf(last));
    }
  };
  const name = entry.name.toWellFormed?.() ?? entry.name;
  request.open("POST", `/articles?name=${encodeURIComponent(name)}`);
  request.upload.onprogress = ({ loaded: sent, total }) => {
    entry.bar.value = total ? sent / total : 1;
    mark(entry, "sending", `sending, ${Math.floor(entry.bar.value * 100)} %`);
  };
  request.upload.onload = () => mark(entry, "working", "received");
  request.onprogress = take;
  request.onloadend = () => {
    take();
    running -= 1;
    ended(entry, last.done || last.problem ? last : parsed(request.responseText), request.status);
    pump();
    if (!inState("waiting", "sending", "working").length) allEnded();
  };
  mark(entry, "sending", "sending");
  request.send(entry.file);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

const STAGES = { waiting: "waiting: another process is indexing" };
const stageOf = ({ stage, at, of }) => (of > 1 ? `${stage}, ${number(at)} of ${number(of)}` : STAGES[stage] ?? stage);

function ended(entry, said, status) {
  if (said.done) return taken(entry, said.done);
  if (said.problem) return refuse(entry, said.problem, said.remedy);
  const reason = status && status !== 200 ? `was not taken: the server refused it (${status})`
    : "was not taken: the connection was lost, or the file could not be read";
  refuse(entry, reason, "", "lost");
}

function allEnded() {
  const text = find(".tally").textContent;
  say(text);
  refresh();
}

function taken(entry, article) {
  const { removed, notes, ...row } = article;
  articles.set(row.id, keep(row));
  if (chosen) settle(new Set([...chosen, row.id])); // whoever adds an article wants to ask it
  entry.id = row.id;
  const open = make("button", "plain open", words(nameOf(row)));
  open.onclick = () => openArticle(row.id);
  const facts = `added: ${counted(row.words, "word")} in ${counted(row.passages, "passage")}`;
  entry.item.querySelector(".what").replaceChildren(open, make("span", "status", facts));
  const cleaning = removed ? removedLines(row.id, removed) : make("span", "", "nothing removed by cleaning");
  entry.item.append(make("div", "from", ...(row.title === null ? [] : [words(entry.name)]), cleaning));
  for (const note of notes) entry.item.append(make("p", "from", words(note)));
  entry.item.append(dismissal());
  mark(entry, "done");
  if (!loaded || inState("waiting", "sending", "working").length < 20 || !telling) draw();
  changed();
}

function removedLines(id, count) {
  const list = make("ul");
  const fold = make("details", "removed", make("summary", "", `${counted(count, "line")} removed by cleaning`), list);
  fold.addEventListener("toggle", async () => {
    if (!fold.open || list.childElementCount) return;
    const said = await ask(`/articles/removed?id=${encodeURIComponent(id)}`);
    if (said.problem) list.replaceChildren(make("li", "", `${sentence(said.problem)} ${sentence(said.remedy)}`));
    else list.replaceChildren(...said.lines.map(({ line: at, kind, text }) =>
      make("li", "", make("span", "kind", `Line ${number(at)}, ${kind}`), make("span", "words", words(text)))));
  });
  return fold;
}

// A refusal names the file once, wherever its reason does.
function refuse(entry, problem, remedy, state = "refused") {
  const at = entry.name ? problem.indexOf(entry.name) : -1;
  const name = make("span", "name", words(entry.name));
  const reason = at < 0
    ? [...(entry.name ? [name, problem.startsWith("has ") || problem.startsWith("is ") || problem.startsWith("was ") ? " " : ": "] : []), problem]
    : [problem.slice(0, at), name, problem.slice(at + entry.name.length)];
  const text = make("span", "reason", ...reason, ". ", sentence(remedy ?? ""));
  entry.item.replaceChildren(make("p", "what", text));
  if (state === "lost") {
    const again = make("button", "plain again", "Try again");
    again.onclick = () => retry(entry);
    entry.item.append(again);
  }
  entry.item.append(dismissal());
  mark(entry, state);
  lines.prepend(entry.item); // above the lines of those that went well, where it is seen
  say(entry.item.querySelector(".what").textContent);
}

function retry(entry) {
  const fresh = line(entry.name, entry.file);
  fresh.item.tabIndex = -1;
  entry.item.replaceWith(fresh.item);
  entries.delete(entry.item);
  fresh.item.focus();
  drawTally();
  pump();
}

function dismissal() {
  const button = make("button", "dismiss", "×");
  button.setAttribute("aria-label", "Dismiss");
  return button;
}

function dismiss(items) {
  const at = [...lines.children].indexOf(items[0]);
  for (const item of items) {
    entries.delete(item);
    item.remove();
  }
  drawTally();
  const next = lines.children[at] ?? lines.lastElementChild;
  (next?.querySelector(".dismiss") ?? (find(".add").hidden ? find(".empty .choose") : find(".add .choose"))).focus();
}

// ── Taking articles out ──────────────────────────────────────────────────────────────────────────────

const undone = new Map(); // token -> {item, gone: [article], asked: [id]}

async function remove(row) {
  const button = row.querySelector(".remove");
  if (button.getAttribute("aria-disabled")) return;
  button.setAttribute("aria-disabled", "true"); // not disabled: that would throw the focus to nowhere
  button.textContent = "Deleting…";
  remark();
  const said = await ask("/articles/remove", { ids: [row.article] });
  drawn.delete(row.article); // drawn anew, with a button that can be pressed
  if (said.problem) {
    remark(`${sentence(said.problem)} ${sentence(said.remedy)}`);
    return refresh();
  }
  const focused = row.contains(document.activeElement) || document.activeElement === document.body;
  const gone = said.articles.map((id) => articles.get(id)).filter(Boolean);
  const asked = chosen ? said.articles.filter((id) => chosen.has(id)) : [];
  for (const { id } of gone) drop(id);
  const undo = offerUndo(said.token, gone, asked);
  forgetGone();
  draw();
  changed();
  if (focused) undo.focus();
}

function drop(id) {
  articles.delete(id);
  drawn.delete(id);
  for (const [item, entry] of entries) {
    if (entry.id !== id) continue;
    entries.delete(item); // "added" would not be true any more
    item.remove();
  }
  drawTally();
}

function offerUndo(token, gone, asked) {
  const undo = make("button", "plain undo", "Undo");
  const name = withId(make("span", "title", ...gone.map((article) => words(nameOf(article)))));
  withId(undo).setAttribute("aria-labelledby", `${undo.id} ${name.id}`);
  const item = make("li", "line", name, undo);
  undone.set(token, { item, gone, asked });
  undo.onclick = () => restore(token, undo);
  find(".deleted .lines").prepend(item);
  show(".deleted", true);
  say(find(".deleted .head").textContent);
  return undo;
}

async function restore(token, undo) {
  if (undo.getAttribute("aria-disabled")) return;
  undo.setAttribute("aria-disabled", "true");
  undo.textContent = "Undoing…";
  const said = await ask("/articles/restore", { token });
  if (said.problem) {
    undo.removeAttribute("aria-disabled");
    undo.textContent = "Undo";
    remark(`${sentence(said.problem)} ${sentence(said.remedy)}`);
    return refresh(); // of several, some may be back
  }
  const { item, gone, asked } = undone.get(token);
  undone.delete(token);
  for (const article of gone) articles.set(article.id, article);
  if (chosen) settle(new Set([...chosen, ...asked]));
  draw();
  (drawn.get(gone[0]?.id)?.querySelector(".open") ?? search).focus();
  item.remove();
  show(".deleted", undone.size);
  say("The article is back.");
  changed();
  refresh();
}

// ── What people do ───────────────────────────────────────────────────────────────────────────────────

const openArticle = (article) => document.dispatchEvent(new CustomEvent("qa:open", { detail: { article } }));

function showMore() {
  const first = limit;
  limit += STEP;
  draw();
  body.rows[first]?.querySelector(".open").focus({ preventScroll: true });
}

function sortBy(key) {
  const down = sorted.key === key ? !sorted.down : ["words", "passages", "added", "date"].includes(key);
  sorted = { key, down };
  limit = STEP;
  draw();
}

element.addEventListener("click", (event) => {
  const hit = (selector) => event.target.closest(selector);
  const row = hit("tbody tr");
  if (hit(".choose")) picker.click();
  else if (hit("th[data-sort] button")) sortBy(hit("th").dataset.sort);
  else if (hit("[data-choose]")) choose(CHOICES[hit("[data-choose]").dataset.choose]());
  else if (hit(".dismiss")) dismiss([hit("li")]);
  else if (hit(".dismiss-all")) dismiss([...entries].filter(([, e]) => ["done", "refused", "lost"].includes(e.state)).map(([item]) => item));
  else if (hit(".more")) showMore();
  else if (hit(".unread .again")) refresh();
  else if (hit(".clear")) { search.value = ""; search.focus(); draw(); }
  else if (row && hit(".remove")) remove(row);
  else if (row && hit(".open")) openArticle(row.article);
});

body.addEventListener("change", ({ target }) => {
  const { article } = target.closest("tr");
  const asked = chosen ?? new Set(articles.keys());
  choose(target.checked ? [...asked, article] : [...asked].filter((id) => id !== article));
});

search.addEventListener("input", () => { limit = STEP; draw(); });

picker.addEventListener("change", () => {
  take([...picker.files]);
  picker.value = ""; // so that the same file can be chosen again
});

// Files are taken wherever they are dropped while this tab is looked at: beside a target the browser would open them.
const carriesFiles = (event) => root.dataset.tab === "articles" && event.dataTransfer?.types.includes("Files");

function hover(event) {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = may ? "copy" : "none";
  show(".drop", may);
}

document.addEventListener("dragenter", hover);
document.addEventListener("dragover", hover);
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) show(".drop", false); });
document.addEventListener("drop", (event) => {
  show(".drop", false);
  if (!carriesFiles(event)) return;
  event.preventDefault();
  const items = [...event.dataTransfer.items].filter((item) => item.kind === "file");
  const folder = (item) => { const it = item.webkitGetAsEntry?.(); return it?.isDirectory ? it.name : null; };
  const folders = items.map(folder).filter((name) => name !== null);
  take(items.filter((item) => folder(item) === null).map((item) => item.getAsFile()).filter(Boolean), folders);
});

document.addEventListener("qa:tab", ({ detail }) => { if (detail.tab === "articles") refresh(); });
document.addEventListener("qa:corpus", ({ detail }) => {
  if (detail?.back && root.dataset.tab === "articles") refresh(); // what could not be listed before
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && loaded && root.dataset.tab === "articles") refresh(); // others add and delete too
});
document.addEventListener("qa:asked", ({ detail }) => {
  if (telltale) return; // another part of the page has chosen
  chosen = detail.articles && new Set(detail.articles);
  if (loaded) drawChoice();
});
addEventListener("beforeunload", (event) => { if (inState("waiting", "sending").length) event.preventDefault(); });
addEventListener("pagehide", () => {
  if (!undone.size) return;
  const tokens = JSON.stringify({ tokens: [...undone.keys()] });
  navigator.sendBeacon("/articles/forget", new Blob([tokens], { type: "application/json" }));
  undone.clear();
  find(".deleted .lines").replaceChildren();
  show(".deleted", false);
});

if (root.dataset.tab === "articles") refresh();
if (chosen) announce();
