// The conversation: examples ask, citations open their sentence in the reading room, cards unfold and are copied.
const room = () => document.querySelector("#room .room");

// Draws `turns` in place of what stands here; a question under way is stopped.
qa.redraw = (turns) => {
  qa.turns = turns;
  qa.halted = null;
  if (qa.busy) qa.stop(turns);
  trigger("edit", { turns, beside: !location.hash.startsWith("#read=") }); // a link has its own article beside it
};
// Gradio says this of a question that was stopped, too, and then perhaps only when the next one is asked.
const LATE = 1_000, MOST_LATE = 5;
qa.failed = () => qa.busy && !(Date.now() - qa.haltedAt < LATE) && trigger("clear", { turns: qa.turns });

// Whether `turns` came too late: from the question that was stopped, while or after it was.
function isLate(turns) {
  const wanted = qa.halted, last = turns.at(-1);
  return Boolean(wanted) && (turns.length !== wanted.length || Boolean(last?.stopped) !== Boolean(wanted.at(-1)?.stopped));
}

// Shows a mark where the room already holds its article for the same answer; else false.
function showHere(turn, mark) {
  const shown = room();
  const found = document.getElementById(`mark-${turn}-${mark}`);
  if (!shown || !found || shown.dataset.turn !== turn) return false;
  shown.dispatchEvent(new CustomEvent("qa:show", { bubbles: true, detail: { turn, mark, focus: true } }));
  return true;
}

function cite(turn, mark) {
  root.dataset.view = "article";
  if (showHere(turn, mark)) return;
  root.dataset.focus = "mark";
  const detail = { said: qa.turns[Number(turn)], turn: Number(turn), mark: Number(mark) };
  document.dispatchEvent(new CustomEvent("qa:read", { detail }));
}

function widen(button) {
  const card = button.closest(".quote"), open = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", String(!open));
  card.querySelector(".paragraph").hidden = open;
  card.querySelector(".words").hidden = !open;
  button.textContent = open ? "Paragraph" : "Sentence only";
  const label = `Show ${open ? "the paragraph around" : "only the sentence of"} quote ${card.dataset.n}`;
  button.setAttribute("aria-label", label);
  button.title = label;
}

async function copied(button, text) {
  const words = (button.dataset.words ??= button.textContent);
  button.textContent = await qa.copy(text).then(() => "Copied", () => "Not allowed");
  clearTimeout(button.timer);
  button.timer = setTimeout(() => (button.textContent = words), 1_500);
}

// The reading of a follow-up becomes a line to change; asked again, it is read as that.
function reread(button) {
  const line = button.closest(".read-as"), turn = Number(button.closest(".turn").dataset.turn);
  const form = document.createElement("form"), input = document.createElement("input");
  form.className = "reread-form";
  input.value = line.querySelector("bdi").textContent;
  input.setAttribute("aria-label", "Read the question as");
  const ask = Object.assign(document.createElement("button"), { textContent: "Ask", className: "primary" });
  const leave = Object.assign(document.createElement("button"), { textContent: "Leave", type: "button", className: "plain" });
  form.append(input, ask, leave);
  line.hidden = true;
  line.after(form);
  input.focus();
  const close = () => {
    form.remove();
    line.hidden = false;
    line.querySelector(".reread").focus();
  };
  leave.addEventListener("click", close);
  form.addEventListener("keydown", (event) => event.key === "Escape" && close());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!input.value.trim()) return close();
    qa.ask(qa.turns[turn].question, { resolved: input.value.trim(), at: turn });
  });
}

element.addEventListener("click", (event) => {
  const hit = (selector) => event.target.closest(selector);
  const turn = () => Number(hit(".turn").dataset.turn);
  if (hit("[data-ask]")) return qa.ask(hit("[data-ask]").dataset.ask);
  if (hit(".to-articles")) return qa.show("articles");
  if (hit(".edit")) return qa.edit(turn());
  if (hit(".retry")) return qa.ask(qa.turns[turn()].question, { resolved: qa.turns[turn()].resolved, at: turn() });
  if (hit(".reread")) return reread(hit(".reread"));
  if (hit(".widen")) return widen(hit(".widen"));
  if (hit(".copy")) return copied(hit(".copy"), hit(".copy").dataset.copy);
  if (hit(".copy-link")) return copied(hit(".copy-link"), location.href.split("#")[0] + hit(".copy-link").dataset.link);
  const link = hit(".cite");
  if (link && (event.ctrlKey || event.metaKey || event.shiftKey)) return; // into a tab of its own
  if (link) event.preventDefault();
  const card = link ?? (hit("button, form, input, .paragraph") ? null : hit(".quote"));
  // A click on the card is a convenience; selecting its words must not open anything.
  if (card && (link || !String(getSelection()))) cite(card.dataset.turn, card.dataset.mark);
});

// A new question or answer: its beginning comes to the top, so that it is read from the first word.
watch("value", () => {
  const turns = JSON.parse(element.querySelector(".talk").dataset.turns);
  if (isLate(turns) && (qa.lates += 1) <= MOST_LATE) return trigger("edit", { turns: qa.halted, beside: false });
  qa.turns = turns;
  const last = qa.turns.at(-1);
  if (!last || last.answer || last.fault || last.stopped) qa.answered();
  if (last?.fault) document.dispatchEvent(new CustomEvent("qa:fault"));
  qa.save();
  delete root.dataset.restoring;
  requestAnimationFrame(() => {
    const turn = element.querySelector(".turn:last-of-type");
    if (turn) turn.querySelector(".question").scrollIntoView({ block: "start" });
    else element.querySelector(".talk")?.scrollTo(0, 0);
  });
});

// The page was made when the server started; articles may have come and gone since. Who has asked meanwhile keeps
// what stands there.
async function greet() {
  const told = await fetch("/welcome").then((reply) => reply.json(), () => null);
  const welcome = element.querySelector(".welcome");
  if (told?.html && welcome) welcome.outerHTML = told.html;
}
document.addEventListener("qa:corpus", () => {
  greet();
  // Answers whose articles could not be read when they were drawn.
  if (element.querySelector(".unshown") && !qa.busy) qa.redraw(qa.turns);
});

const kept = qa.load();
if (!kept.length) greet();
else {
  root.dataset.restoring = "yes";
  requestAnimationFrame(() => qa.redraw(kept));
}
