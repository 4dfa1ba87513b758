// Thumbs: what is right or wrong about an answer becomes a question of the evaluation's own kind.
const rate = (turn, of, way) => {
  const rated = { ...qa.turns[turn].rated };
  if (way) rated[of] = way;
  else delete rated[of];
  qa.turns[turn].rated = rated;
  qa.save();
  for (const thumb of element.querySelectorAll(`#turn-${turn} .thumb[data-of="${of}"]`)) {
    thumb.setAttribute("aria-pressed", String(thumb.dataset.rate === way));
  }
};
const place = ({ article, start, text }) => ({ article, start, text });
const undoings = new Map(); // "turn of" -> what the server undoes it by
const keyOf = (thumb) => `${thumb.closest(".turn").dataset.turn} ${thumb.dataset.of}`;
const made = (tag, more) => Object.assign(document.createElement(tag), more);

// What stands under the thumbs: that it was kept, or why not.
function note(anchor, words, undo) {
  const line = made("p", { className: "rated-note", textContent: `${words} ` });
  line.setAttribute("role", "status");
  if (undo) {
    const button = made("button", { type: "button", className: "plain", textContent: "Undo" });
    button.addEventListener("click", undo);
    line.append(button);
  }
  anchor.parentElement.querySelector(":scope > .rated-note")?.remove();
  anchor.after(line);
}

async function keep(thumb, answerable, evidence) {
  const number = Number(thumb.closest(".turn").dataset.turn), { of, rate: way } = thumb.dataset;
  const anchor = thumb.closest(".tools, .rate");
  const { question, resolved, articles } = qa.turns[number];
  if (!answerable && articles) {
    return note(anchor, "Not kept: only chosen articles were asked. Ask all of them before saying that none answers."), false;
  }
  const history = qa.turns.slice(0, number).filter((turn) => turn.answer).map((turn) => turn.resolved || turn.question);
  const told = await qa.post("/cases", { question, resolved, history, answerable, evidence });
  if (told.problem) return note(anchor, `Not kept: ${qa.sentence(told)}`), false;
  rate(number, of, way);
  const kept = { added: "Kept as a test", changed: "The test of this question is changed", "there already": "Kept already" };
  if (told.what !== "there already") undoings.set(keyOf(thumb), told.undo);
  note(anchor, `${kept[told.what]} in ${told.path}.`, told.what !== "there already" && (() => undo(thumb)));
  return true;
}

// Takes back what this window kept last; what was kept earlier stays in its file.
async function undo(thumb) {
  const anchor = thumb.closest(".tools, .rate"), key = keyOf(thumb);
  if (!undoings.has(key)) {
    rate(Number(thumb.closest(".turn").dataset.turn), thumb.dataset.of, null);
    return note(anchor, "The mark is gone; what was kept as a test stays in its file.");
  }
  const told = await qa.post("/cases/undo", { undo: undoings.get(key) });
  if (told.problem) return note(anchor, qa.sentence(told));
  undoings.delete(key);
  rate(Number(thumb.closest(".turn").dataset.turn), thumb.dataset.of, null);
  anchor.parentElement.querySelector(":scope > .rated-note")?.remove();
  thumb.focus();
}

function up(thumb) {
  const { answer } = qa.turns[Number(thumb.closest(".turn").dataset.turn)];
  const quote = answer.quotes[thumb.dataset.of === "answer" ? 0 : Number(thumb.dataset.of) - 1];
  return keep(thumb, answer.answered, quote ? [place(quote)] : []);
}

// The form of a thumb down. Sentences are ticked in the reading room, where each becomes a box meanwhile.
function ask(thumb) {
  close();
  const number = Number(thumb.closest(".turn").dataset.turn), { answer } = qa.turns[number];
  const form = made("form", { className: "right-form" });
  form.innerHTML = `<fieldset><legend>What is right?</legend>
    <label><input type="radio" name="right" value="sentence" checked> A sentence of the articles</label>
    <div class="picked"><p class="means">Tick it in the article beside. Every sentence that answers on its own counts.</p><ul></ul></div>
    <label><input type="radio" name="right" value="nothing"> The articles do not say</label></fieldset>
    <p class="form-remark" role="status"></p>
    <div class="ends"><button type="button" class="plain leave">Leave</button><button class="primary">Keep as a test</button></div>`;
  thumb.closest(".tools, .rate").after(form);
  const quote = (answer.quotes.length ? answer.quotes : answer.closest)[thumb.dataset.of === "answer" ? 0 : Number(thumb.dataset.of) - 1];
  const picked = new Map();
  window.qa.choosing = { picked, tell: () => list(form, picked), form, question: qa.turns[number].question };
  root.dataset.choosing = "yes";
  document.dispatchEvent(new CustomEvent("qa:choose", { detail: { article: quote?.article, near: quote?.start } }));
  form.querySelector("input").focus();
  form.querySelector(".leave").addEventListener("click", () => (close(), thumb.focus()));
  form.addEventListener("keydown", (event) => event.key === "Escape" && (close(), thumb.focus()));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const says = form.elements.right.value === "sentence";
    if (says && !picked.size) return (form.querySelector(".form-remark").textContent = "Tick a sentence in the article first.");
    if (await keep(thumb, says, says ? [...picked.values()].map(place) : [])) close();
  });
}

function list(form, picked) {
  const lines = [...picked.values()].map(({ text }) => made("li", { textContent: text, dir: "auto" }));
  form.querySelector(".picked ul").replaceChildren(...lines);
  form.querySelector(".form-remark").textContent = "";
  if (picked.size) form.elements.right.value = "sentence";
}

function close() {
  element.querySelector(".right-form")?.remove();
  if (!qa.choosing) return;
  qa.choosing = null;
  delete root.dataset.choosing;
  document.dispatchEvent(new CustomEvent("qa:chosen"));
}

document.addEventListener("qa:close-choosing", close);
element.addEventListener("click", (event) => {
  const thumb = event.target.closest(".thumb");
  if (!thumb) return;
  if (thumb.getAttribute("aria-pressed") === "true") return undo(thumb);
  if (thumb.dataset.rate === "up") up(thumb);
  else ask(thumb);
});
watch("value", () => {
  if (qa.choosing && !element.querySelector(".right-form")) close();
});
