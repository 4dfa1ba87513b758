// The settings: how many quotes, how sure to be, which articles; and what being that sure has meant.
const dialog = () => element.querySelector("#settings");
const quotes = () => element.querySelector("#most-quotes"), sure = () => element.querySelector("#least-sure");
let rates = null;

function meaning(threshold) {
  const rate = rates?.rates?.findLast((rate) => rate.threshold <= threshold + 1e-9);
  if (!rate) return "How often it would be right at each setting is told once an evaluation was run.";
  const of100 = (share) => `${Math.round(100 * share)} of 100`;
  const right = rate.right == null ? "no question was answered" : `${of100(rate.right)} answers began with a right quote`;
  return `In the last evaluation (${rates.n} questions, made hard on purpose), from ${threshold.toFixed(2)} on `
    + `${right} and ${of100(rate.declined)} questions were declined.`;
}

function tell() {
  element.querySelector(".sure-value").textContent = Number(sure().value).toFixed(2);
  element.querySelector("#sure-means").textContent = meaning(Number(sure().value));
  const articles = qa.articles();
  element.querySelector(".which").textContent = articles ? `${articles.length} chosen` : "all";
}

// What was not moved stays: a slider stands at the step nearest to a default that lies between two.
function keep(moved) {
  const value = moved.value === "" || Number(moved.value) === Number(moved.dataset.default) ? null : Number(moved.value);
  if (moved === sure()) qa.set({ ...qa.settings(), threshold: value });
  else {
    const within = value == null ? null : Math.min(Math.max(1, Math.round(value)), Number(quotes().max));
    qa.set({ ...qa.settings(), quotes: within });
  }
  tell();
}

function fill() {
  const { quotes: most, threshold } = qa.settings();
  quotes().value = most ?? quotes().dataset.default;
  sure().value = threshold ?? sure().dataset.default;
  tell();
}

async function open() {
  fill();
  dialog().showModal();
  try {
    const reply = await fetch("/evaluation/rates");
    rates = reply.ok ? await reply.json() : null;
  } catch {
    rates = null;
  }
  tell();
}

document.addEventListener("qa:set", open);
element.addEventListener("input", (event) => {
  if (event.target === sure() || event.target === quotes()) keep(event.target);
});
element.addEventListener("click", (event) => {
  if (event.target === dialog()) dialog().close();
  else if (event.target.closest("#settings .reset")) {
    qa.set({});
    fill();
  } else if (event.target.closest("#settings .to-articles")) {
    dialog().close();
    qa.show("articles");
  }
});
