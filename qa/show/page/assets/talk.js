// The conversation: examples ask, citations open their sentence in the reading room.
const room = () => document.querySelector("#room .room");

// Shows a mark where the room already holds its article for the same answer; else false.
function showHere(turn, mark) {
  const shown = room();
  const found = document.getElementById(`mark-${turn}-${mark}`);
  if (!shown || !found || shown.dataset.turn !== turn) return false;
  shown.dispatchEvent(new CustomEvent("qa:show", { bubbles: true, detail: { turn, mark, focus: true } }));
  return true;
}

function cite(turn, mark) {
  document.documentElement.dataset.view = "article";
  if (showHere(turn, mark)) return;
  document.documentElement.dataset.focus = "mark";
  trigger("select", { turn: Number(turn), mark: Number(mark) });
}

element.addEventListener("click", (event) => {
  const example = event.target.closest("[data-ask]");
  if (example) return trigger("submit", { question: example.dataset.ask });
  const link = event.target.closest(".cite");
  if (link) event.preventDefault();
  const card = link ?? event.target.closest(".quote");
  // A click on the card is a convenience; selecting its words must not open anything.
  if (card && (link || !String(getSelection()))) cite(card.dataset.turn, card.dataset.mark);
});

// A new question or answer: its beginning comes to the top, so that it is read from the first word.
watch("value", () => {
  requestAnimationFrame(() => {
    const last = element.querySelector(".turn:last-of-type");
    const remark = element.querySelector(".remark");
    if (remark) remark.scrollIntoView({ block: "nearest" });
    else if (last) last.querySelector(".question").scrollIntoView({ block: "start" });
    else element.querySelector(".talk")?.scrollTo(0, 0);
  });
});
