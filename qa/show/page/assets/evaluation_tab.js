// The evaluation: its report in a frame that is fetched when first looked at, and the bar that runs another.
const ROOT = document.documentElement;
const ADDRESS = "/evaluation";
const OFTEN = 700, SELDOM = 5_000; // milliseconds between two looks at the server, while an evaluation runs and not
const SETS = { shipped: "Shipped questions", chat: "From the chat" };

const part = (selector) => document.querySelector(`#report ${selector}`);
const theme = () => (document.querySelector(".dark") ? "dark" : "light");
const looked = () => ROOT.dataset.tab === "evaluation" && !document.hidden;

let state = null; // what the server said last
let chosen = "shipped"; // the question set that is shown and asked
let access = null; // whether this visitor may run anything
let ran = null; // how the evaluation that was seen running has ended
let spoken = "";
let timer = 0;

/* The report. */

function fetchReport() {
  const frame = part("iframe");
  const set = state?.sets.find((each) => each.questions === chosen);
  const which = new URLSearchParams({ questions: chosen, run: set?.run ?? "" }).toString();
  if (!frame || frame.dataset.which === which) return; // left as it is, filters and all
  frame.dataset.which = which;
  const address = `${frame.dataset.address}?theme=${theme()}&${which}`;
  // Not `src`: each run that is shown would be a step back in the window's history.
  if (frame.src) frame.contentWindow.location.replace(address);
  else frame.src = address;
}

/* Words. */

const counted = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

function roughly(seconds) {
  if (seconds < 10) return "a few seconds";
  if (seconds < 55) return `about ${Math.ceil(seconds / 10) * 10} s`;
  if (seconds < 3600) return `about ${Math.round(seconds / 60) || 1} min`;
  return `about ${(seconds / 3600).toFixed(1)} h`;
}

function day(when) {
  return new Date(when).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
}

function left() {
  const { done, total, seconds, questions } = state;
  const known = state.sets.find((each) => each.questions === questions)?.seconds;
  if (done < 3) return known ? `, ${roughly(known)} left` : "";
  return done < total ? `, ${roughly((seconds / done) * (total - done))} left` : "";
}

function going() {
  if (state.stage === "stopping") return "Stopping at the next question…";
  if (!state.total) return `Starting${left()}…`;
  return `Question ${Math.min(state.done + 1, state.total)} of ${state.total}${left()}`;
}

function ended() {
  if (state.stage === "done") return `Done: ${counted(state.total, "question")} in ${Math.round(state.seconds)} s.`;
  if (state.stage === "stopped") return "Stopped; nothing of it was kept.";
  return `The evaluation failed: ${state.problem}.`;
}

/* The bar. */

function say(words) {
  if (words !== spoken) part(".evaluation-spoken").textContent = spoken = words;
}

function note(words, kind) {
  const line = document.createElement("span");
  line.className = kind;
  line.textContent = words;
  return line;
}

function drawShown(set) {
  const shown = part(".evaluation-shown");
  const words = set?.run
    ? `Shown: the ${set.baseline ? "kept baseline" : "run"} of ${day(set.when)}`
    : "No run of these questions yet";
  const others = set?.others
    ? note(` · ${counted(set.others, "run")} of other questions: qa score RUN --html FILE`, "aside") : "";
  const end = ran ? note(`${ended()} `, state.stage === "failed" ? "fault" : "end") : "";
  shown.replaceChildren(end, words, others);
  shown.hidden = state.running;
}

function drawSets() {
  const select = part(".evaluation-sets select");
  const names = state.sets.map((set) => set.questions);
  if ([...select.options].map((option) => option.value).join() !== names.join()) {
    select.replaceChildren(...names.map((name) => new Option(SETS[name] ?? name, name)));
  }
  if (names.length && !names.includes(chosen)) chosen = names[0];
  select.value = chosen;
  part(".evaluation-sets").hidden = state.running || names.length < 2;
}

function drawActs(set) {
  const why = access?.may_change === false ? access.why || "this page is for reading and asking only"
    : set?.problem ?? (set ? "" : "there are no questions to ask here");
  const takes = set?.count ? counted(set.count, "question") + (set.seconds ? `, ${roughly(set.seconds)}` : "") : "";
  const run = part(".evaluation-run"), stop = part(".evaluation-stop");
  const held = document.activeElement;
  part(".evaluation-takes").textContent = state.running ? "" : why ? window.qa.sentence({ problem: why }) : takes;
  run.hidden = state.running;
  run.disabled = Boolean(why);
  stop.hidden = !state.running || access?.may_change === false;
  stop.setAttribute("aria-disabled", state.stage === "stopping"); // not disabled, which would lose the focus
  // Whoever pressed the one has the other under the same key.
  if (held === run && run.hidden) stop.focus();
  if (held === stop && stop.hidden) run.focus();
}

function drawGoing() {
  part(".evaluation-going").hidden = !state.running;
  if (!state.running) return;
  const track = part(".evaluation-track");
  track.setAttribute("aria-valuemax", state.total || 1);
  track.setAttribute("aria-valuenow", state.done);
  track.setAttribute("aria-valuetext", going());
  track.firstElementChild.style.width = `${(100 * state.done) / (state.total || 1)}%`;
  part(".evaluation-told").textContent = going();
}

function draw() {
  drawSets();
  const set = state.sets.find((each) => each.questions === chosen);
  drawShown(set);
  drawActs(set);
  drawGoing();
  part(".evaluation-bar").hidden = false;
}

function speak() {
  const tenth = state.total ? Math.floor((10 * state.done) / state.total) : 0;
  if (state.running && state.stage !== "stopping") say(`The evaluation runs, ${10 * tenth} percent done.`);
  else if (state.running || ran) say(state.running ? going() : ended());
}

/* The server. */

async function answer(path) {
  try {
    return await (await fetch(path)).json();
  } catch {
    return {}; // no such address, or nobody there; the next look may tell
  }
}

function learn(said) {
  if (said.stage === undefined) return;
  if (said.running) ran = null;
  else if (state?.running) ran = said.stage;
  state = { ...said, sets: said.sets ?? state?.sets ?? [] };
  if (state.running) chosen = state.questions;
  draw();
  speak();
}

async function look() {
  clearTimeout(timer);
  if (!looked() || !part(".evaluation-bar")) return;
  access ??= await answer("/access");
  learn(await answer(`${ADDRESS}/state`));
  fetchReport(); // where there is nothing that runs evaluations, the report alone
  clearTimeout(timer);
  timer = setTimeout(look, state?.running ? OFTEN : SELDOM);
}

async function act(path, data) {
  const told = await window.qa.post(`${ADDRESS}/${path}`, data);
  if (told.stage === undefined) refuse(window.qa.sentence(told));
  else learn(told);
  clearTimeout(timer);
  timer = setTimeout(look, told.stage === undefined ? SELDOM : OFTEN);
}

function refuse(words) {
  part(".evaluation-shown").replaceChildren(note(words, "fault"));
  say(words);
}

/* What a person does. */

document.addEventListener("click", (event) => {
  if (event.target.closest("#report .evaluation-run")) act("run", { questions: chosen });
  else if (event.target.closest("#report .evaluation-stop")) act("cancel", {});
});

document.addEventListener("change", (event) => {
  if (!event.target.closest("#report .evaluation-sets")) return;
  chosen = event.target.value;
  ran = null;
  draw();
  fetchReport();
});

document.addEventListener("visibilitychange", look);
document.addEventListener("qa:tab", look);

// Gradio changes the theme by a class; the frame is told, since it cannot look.
new MutationObserver(() => part("iframe")?.contentWindow?.postMessage({ theme: theme() }, "*"))
  .observe(document.body, { attributes: true, attributeFilter: ["class"] });

look(); // the tab may have been chosen before this was here
