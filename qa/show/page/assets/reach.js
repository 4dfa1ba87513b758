// Whether the page can answer: the models load behind it, and the server of the index may go away and come back.
const LOADING = 500, FAILED = 5_000, AWAY = 2_000, SELDOM = 5_000; // milliseconds between two looks
const strip = () => element.querySelector(".away");
let missed = false; // whether there was a time at which nothing could be asked
let timer = 0, looks = 0;

function tell({ ready, stage, problem, reachable }) {
  const away = reachable === false;
  if (away !== root.hasAttribute("data-away")) {
    root.toggleAttribute("data-away", away);
    // Both are read out; only the first is seen.
    strip().textContent = away
      ? "Index unreachable: its server does not answer. This page keeps trying, and goes on by itself."
      : "The index can be reached again.";
  }
  qa.waiting = away ? (ready ? null : "Waiting for the index…")
    : problem ? qa.sentence({ problem }) : ready ? null : `${stage}…`;
  document.dispatchEvent(new CustomEvent("qa:ready"));
  if (ready && !away && missed) document.dispatchEvent(new CustomEvent("qa:corpus", { detail: { back: true } }));
  missed = !ready || away;
}

function pause({ ready, problem, reachable }) {
  if (reachable === false) return AWAY;
  if (!ready) return problem ? FAILED : LOADING; // a later question may mend what was wrong
  return reachable ? SELDOM : null; // an index on this machine does not go away
}

async function look() {
  const mine = (looks += 1);
  clearTimeout(timer);
  let next = AWAY;
  try {
    const reply = await fetch("/ready", { cache: "no-store" });
    const told = reply.ok ? await reply.json() : { ready: true };
    if (mine !== looks) return; // a later one was begun
    tell(told);
    next = pause(told);
  } catch {
    if (mine !== looks) return;
  }
  if (next !== null) timer = setTimeout(look, next);
}
document.addEventListener("qa:fault", look);
document.addEventListener("visibilitychange", () => !document.hidden && look()); // timers rest where nobody looks
look();
