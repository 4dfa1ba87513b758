// The masthead: the sides of the page, a new chat, and what is done with the whole of one.
const mark = (tab) => {
  for (const button of element.querySelectorAll(".tab")) {
    if (button.dataset.tab === tab) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
};
const menu = () => element.querySelector(".menu");

function newChat() {
  qa.begin();
  delete root.dataset.view;
  qa.show("chat");
  qa.redraw([]);
  qa.focus();
}

async function saveAs(form) {
  if (!qa.turns.length) return qa.say("There is nothing to save yet.");
  const told = await qa.post(`/export/${form}`, { turns: qa.turns, address: location.origin + location.pathname });
  if (told.problem) return qa.say(qa.sentence(told));
  qa.save_as(told.name, told.type, told.text);
}

const DOES = {
  earlier: () => document.dispatchEvent(new CustomEvent("qa:earlier")),
  settings: () => document.dispatchEvent(new CustomEvent("qa:set")),
  "export-markdown": () => saveAs("markdown"),
  "export-json": () => saveAs("json"),
};

element.addEventListener("click", (event) => {
  const tab = event.target.closest(".tab"), item = event.target.closest("[data-do]");
  if (tab) qa.show(tab.dataset.tab);
  else if (item) {
    menu().open = false;
    DOES[item.dataset.do]();
  } else if (event.target.closest(".new-chat")) newChat();
});

document.addEventListener("click", (event) => {
  if (menu()?.open && !menu().contains(event.target)) menu().open = false;
});
element.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !menu().open) return;
  menu().open = false;
  menu().querySelector("summary").focus();
});

document.addEventListener("qa:tab", ({ detail }) => mark(detail.tab));
document.addEventListener("qa:corpus", () => trigger("select", {}));
watch("value", () => mark(root.dataset.tab ?? "chat"));
