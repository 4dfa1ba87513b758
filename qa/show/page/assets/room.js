// The reading room: scrolls to the quote that was asked for, and leads back to its card.
const root = document.documentElement;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const smooth = () => (calm.matches ? "auto" : "smooth");

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

element.addEventListener("qa:show", ({ detail }) => {
  const mark = document.getElementById(`mark-${detail.turn}-${detail.mark}`);
  if (mark) show(mark, detail.focus);
});

element.addEventListener("click", (event) => {
  const hit = (selector) => event.target.closest(selector);
  const turn = element.querySelector(".room")?.dataset.turn;
  if (hit(".to-chat")) delete root.dataset.view;
  else if (hit(".to-shelf")) trigger("select", {});
  else if (hit(".open")) trigger("select", { article: hit(".open").dataset.article });
  else if (hit(".note")) backToCard(turn, hit(".note").dataset.back);
  else if (hit(".chip.here")) show(document.getElementById(`mark-${turn}-${hit(".chip").dataset.mark}`), true);
  else if (hit(".chip")) trigger("select", { turn: Number(turn), mark: Number(hit(".chip").dataset.mark) });
});

watch("value", () => {
  requestAnimationFrame(() => {
    const mark = element.querySelector("mark.current");
    if (mark) show(mark, root.dataset.focus === "mark");
    else element.querySelector(".room-body")?.scrollTo(0, 0);
    delete root.dataset.focus;
  });
});
