// The chats that this browser kept.
const dialog = () => element.querySelector("#earlier");

function line(chat) {
  const item = document.createElement("li");
  const opens = Object.assign(document.createElement("button"), { type: "button", className: "plain chat" });
  const forgets = Object.assign(document.createElement("button"), { type: "button", className: "plain forget", textContent: "Forget" });
  opens.textContent = chat.turns[0]?.question.slice(0, 120) || "An empty chat";
  opens.dir = "auto";
  opens.dataset.id = forgets.dataset.id = chat.id;
  forgets.setAttribute("aria-label", `Forget: ${opens.textContent}`);
  const count = chat.turns.length;
  const facts = Object.assign(document.createElement("span"), {
    className: "facts", textContent: `${new Date(chat.at).toLocaleString()}, ${count} ${count === 1 ? "question" : "questions"}`,
  });
  item.append(opens, facts, forgets);
  return item;
}

function fill() {
  const chats = qa.chats();
  dialog().querySelector(".chats").replaceChildren(...chats.map(line));
  dialog().querySelector(".means").textContent = chats.length ? "Kept in this browser alone." : "There are none yet.";
  dialog().querySelector(".forget-all").hidden = !chats.length;
}

document.addEventListener("qa:earlier", () => {
  fill();
  dialog().showModal();
});
element.addEventListener("click", (event) => {
  const opens = event.target.closest(".chat"), forgets = event.target.closest(".forget");
  if (event.target === dialog()) dialog().close();
  else if (opens) {
    dialog().close();
    delete root.dataset.view;
    qa.show("chat");
    qa.redraw(qa.open(opens.dataset.id));
  } else if (forgets || event.target.closest(".forget-all")) {
    const mine = qa.chat();
    qa.forget(forgets?.dataset.id);
    fill();
    if (!forgets || forgets.dataset.id === mine) {
      qa.begin(); // or the next question would bring it back
      qa.redraw([]);
    }
    dialog().querySelector("[type=submit]").focus();
  }
});
