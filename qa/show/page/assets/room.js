// The reading room: scrolls to the quote that was asked for, and leads back to its card.
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const smooth = () => (calm.matches ? "auto" : "smooth");
let shown = {}; // what stands here, as it was asked for
let asked = 0, waiting = 0;
let near = null; // the sentence that was rated, where the choosing begins

function open(wanted) {
  shown = wanted;
  waiting += 1;
  trigger("select", { ...wanted, asked: (asked += 1) });
}

// Of two that were asked for, the first may come last.
function arrived() {
  const opened = element.querySelector(".opened");
  if (!opened || opened.dataset.seen) return; // an answer's own article, or drawn again
  opened.dataset.seen = "yes";
  waiting -= 1;
  if (waiting <= 0 && Number(opened.dataset.asked) !== asked) open(shown);
}
const openArticle = (article) => open({ article, choosing: Boolean(qa.choosing) });

function show(mark, focus) {
  for (const old of element.querySelectorAll("mark.current")) old.classList.remove("current");
  const pieces = element.querySelectorAll(`mark[data-mark="${mark.dataset.mark}"]`);
  for (const piece of pieces) piece.classList.add("current");
  for (const chip of element.querySelectorAll(".chip")) {
    if (chip.dataset.mark === mark.dataset.mark) chip.setAttribute("aria-current", "true");
    else chip.removeAttribute("aria-current");
  }
  for (const card of document.querySelectorAll("#talk .quote.shown")) card.classList.remove("shown");
  document.getElementById(mark.id.replace("mark", "card"))?.classList.add("shown");
  mark.scrollIntoView({ block: "center", behavior: smooth() });
  if (focus) mark.focus({ preventScroll: true });
}

function backToCard(turn, index) {
  delete root.dataset.view;
  const find = (selector) => document.querySelector(`#talk ${selector}[data-turn="${turn}"][data-mark="${index}"]`);
  const link = find(".cite");
  link?.closest(".quote")?.scrollIntoView({ block: "nearest", behavior: smooth() });
  link?.focus({ preventScroll: true });
}

// A sentence is ticked while somebody says what is right.
function tick(choice) {
  const { picked, tell } = qa.choosing, { article } = element.querySelector(".room").dataset;
  const where = { article, start: Number(choice.dataset.start) };
  const key = `${article} ${where.start}`;
  if (!picked.delete(key)) picked.set(key, { ...where, text: choice.textContent });
  choice.setAttribute("aria-checked", String(picked.has(key)));
  tell();
  tellCount();
}

function tellCount() {
  const count = element.querySelector(".choosing .count");
  if (count && qa.choosing) count.textContent = qa.choosing.picked.size ? `${qa.choosing.picked.size} ticked` : "";
}

// After a redraw: what was ticked stays ticked.
function restoreTicks() {
  const { article } = element.querySelector(".room")?.dataset ?? {};
  for (const choice of element.querySelectorAll(".choice")) {
    choice.setAttribute("aria-checked", String(qa.choosing?.picked.has(`${article} ${choice.dataset.start}`) ?? false));
  }
}

element.addEventListener("qa:show", ({ detail }) => {
  const mark = document.getElementById(`mark-${detail.turn}-${detail.mark}`);
  if (mark) show(mark, detail.focus);
});
document.addEventListener("qa:read", ({ detail }) => open(detail));
document.addEventListener("qa:open", ({ detail }) => {
  qa.show("chat");
  root.dataset.view = "article";
  openArticle(detail.article);
});
document.addEventListener("qa:corpus", ({ detail }) => {
  if (document.querySelector("#talk .unshown")) return; // drawn again, with what belongs beside it
  // What could not be had when it was asked for, once it can be had again; else the list, as it is now.
  if (!element.querySelector(".room")?.dataset.article) open(detail?.back ? shown : {});
});
document.addEventListener("qa:choose", ({ detail }) => {
  root.dataset.view = "article";
  if (detail.article) openArticle(detail.article);
  else open({});
  near = detail.near;
});
document.addEventListener("qa:chosen", () => {
  delete root.dataset.view;
  if (shown.choosing) open({ article: shown.article });
});

element.addEventListener("click", (event) => {
  const hit = (selector) => event.target.closest(selector);
  const turn = element.querySelector(".room")?.dataset.turn;
  if (hit(".choice") && qa.choosing) tick(hit(".choice"));
  else if (hit(".done-choosing")) delete root.dataset.view, qa.choosing?.form.querySelector("button:not(.leave)").focus();
  else if (hit(".to-chat")) delete root.dataset.view;
  else if (hit(".to-shelf")) open({});
  else if (hit(".open")) openArticle(hit(".open").dataset.article);
  else if (hit("[data-ask]")) qa.ask(hit("[data-ask]").dataset.ask);
  else if (hit(".note")) backToCard(turn, hit(".note").dataset.back);
  else if (hit(".chip.here")) show(document.getElementById(`mark-${turn}-${hit(".chip").dataset.mark}`), true);
  else if (hit(".chip")) open({ said: qa.turns[Number(turn)], turn: Number(turn), mark: Number(hit(".chip").dataset.mark) });
});
element.addEventListener("keydown", (event) => {
  if (!event.target.matches(".choice") || !qa.choosing || ![" ", "Enter"].includes(event.key)) return;
  event.preventDefault();
  tick(event.target);
});

watch("value", () => {
  arrived();
  requestAnimationFrame(() => {
    const mark = element.querySelector("mark.current");
    restoreTicks();
    tellCount();
    const rated = near == null ? null : element.querySelector(`.choice[data-start="${near}"]`);
    if (mark) show(mark, root.dataset.focus === "mark");
    else if (rated) rated.scrollIntoView({ block: "center" });
    else element.querySelector(".room-body")?.scrollTo(0, 0);
    near = rated ? null : near;
    delete root.dataset.focus;
  });
});

// A link to a quote opens its article, whatever else the page shows.
function follow() {
  if (!location.hash.startsWith("#read=")) return;
  root.dataset.view = "article";
  qa.show("chat");
  open({ link: location.hash });
}
addEventListener("hashchange", follow);
requestAnimationFrame(() => {
  follow();
  if (!location.hash.startsWith("#read=") && !qa.load().length) open({}); // the list, as it is now
});
