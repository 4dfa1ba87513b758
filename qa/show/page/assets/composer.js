// Where a question is typed. While one is answered, its button stops it.
const find = (selector) => element.querySelector(selector);
const box = () => find("#question");

qa.say = (words) => {
  find("#remark").textContent = words;
};
qa.focus = () => box().focus();

// Asks `question` after the first `at` turns; `resolved` is how the person wants it read.
qa.ask = (question, { resolved = null, at = qa.turns.length } = {}) => {
  if (!question.trim()) return qa.say("Type a question first.");
  if (qa.busy) return qa.say("One question at a time: stop this one first, or wait for its answer.");
  qa.say("");
  qa.show("chat");
  delete root.dataset.view;
  setBusy(true);
  const turns = qa.turns.slice(0, at);
  qa.turns = [...turns, { question, resolved, answer: null, fault: null, stopped: false, rated: {} }];
  qa.save();
  qa.halted = null;
  qa.asking = { question, turns };
  // Gradio closes its stream after an answer, and loses what is asked in that very moment.
  const ask = { question, resolved, turns, choice: qa.choice() };
  setTimeout(() => qa.busy && trigger("submit", ask), Math.max(0, CLOSING - (Date.now() - answeredAt)));
  setTimeout(seeDrawn, PATIENCE, qa.asking);
};

// The question itself is drawn at once where there is a server. Where there is none, it goes back into the box.
const PATIENCE = 4_000, CLOSING = 300;
let answeredAt = 0;
async function seeDrawn(asking) {
  if (!qa.busy || qa.asking !== asking || document.getElementById(`turn-${asking.turns.length}`)) return;
  const alive = await fetch("/access").then((reply) => reply.ok, () => false);
  if (alive && !asking.again) return setTimeout(seeDrawn, 2 * PATIENCE, Object.assign(asking, { again: true }));
  if (!qa.busy || qa.asking !== asking) return;
  setBusy(false);
  qa.turns = asking.turns;
  box().value = asking.question;
  grow();
  qa.say(alive ? "The question got lost on its way: ask it again."
    : "The server does not answer: see whether it still runs, then ask again.");
}

// Ends the question that is being answered, and leaves `turns`. What of it still comes is not shown (see talk.js).
qa.stop = (turns) => {
  setBusy(false);
  const last = turns.at(-1), waits = last && !last.answer && !last.fault;
  qa.halted = waits ? [...turns.slice(0, -1), { ...last, stopped: true }] : turns;
  qa.haltedAt = Date.now();
  qa.lates = 0;
  trigger("stop", { turns });
};

qa.answered = () => setBusy(false);

function setBusy(busy) {
  if (qa.busy && !busy) answeredAt = Date.now();
  qa.busy = busy;
  find(".ask").hidden = busy;
  find(".stop").hidden = !busy;
}

function grow() {
  box().style.height = "auto";
  box().style.height = `${box().scrollHeight}px`;
}

function send() {
  if (qa.busy) return qa.ask(box().value);
  const at = qa.editing;
  const question = box().value;
  if (!question.trim()) return qa.ask(question);
  box().value = "";
  grow();
  qa.edit(null);
  qa.ask(question, at == null ? {} : { at });
}

element.addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
element.addEventListener("input", () => {
  qa.say("");
  grow();
});
element.addEventListener("keydown", (event) => {
  if (event.target !== box()) return;
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    send();
  } else if (event.key === "Escape" && qa.editing != null) {
    box().value = "";
    grow();
    qa.edit(null);
  }
});
element.addEventListener("click", (event) => {
  if (event.target.closest(".stop")) qa.stop(qa.turns);
  else if (event.target.closest(".to-settings")) document.dispatchEvent(new CustomEvent("qa:set"));
});

// Puts turn `at` into the box, to be asked again in other words; null: a new question.
qa.edit = (at) => {
  qa.editing = at;
  root.toggleAttribute("data-editing", at != null);
  for (const turn of document.querySelectorAll("#talk .turn")) {
    turn.classList.toggle("edited", at != null && Number(turn.dataset.turn) >= at);
  }
  qa.say(at == null ? "" : "Editing: the question and what came after it will be replaced. Escape leaves them.");
  if (at == null) return;
  box().value = qa.turns[at].question;
  grow();
  box().focus();
};

function tellHow() {
  const { quotes, threshold, articles } = qa.choice();
  const said = [articles ? `Asking ${articles.length} chosen ${articles.length === 1 ? "article" : "articles"}` : "Asking all articles"];
  if (quotes != null) said.push(`${quotes} ${quotes === 1 ? "quote" : "quotes"} at most`);
  if (threshold != null) said.push(`answering from ${threshold.toFixed(2)} on`);
  find(".how").textContent = qa.waiting ?? `${said.join(", ")}.`;
}
// What keeps a question waiting, if anything does, is known to reach.js.
for (const event of ["qa:settings", "qa:asked", "qa:corpus", "qa:ready"]) document.addEventListener(event, tellHow);
tellHow();
box().focus();
