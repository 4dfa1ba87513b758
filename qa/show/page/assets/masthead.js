// The masthead: where there is room for one side only, it switches between the chat and the articles.
const root = document.documentElement;

element.addEventListener("click", (event) => {
  if (!event.target.closest(".to-shelf")) return;
  root.dataset.view = "article";
  trigger("select", {});
});

document.addEventListener("click", (event) => {
  if (event.target.closest("#new-chat")) delete root.dataset.view;
});
