// Switches between the chat and the evaluation, which is fetched when it is first looked at.
const root = document.documentElement;
const frame = () => document.querySelector("#report iframe");
const theme = () => (document.querySelector(".dark") ? "dark" : "light");

function fetchReport() {
  const report = frame();
  if (report && !report.src) report.src = `${report.dataset.address}?theme=${theme()}`;
}

function show(tab) {
  root.dataset.tab = tab;
  for (const button of element.querySelectorAll(".tab")) {
    if (button.dataset.tab === tab) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
  if (tab === "evaluation") fetchReport();
}

element.addEventListener("click", (event) => {
  const button = event.target.closest(".tab");
  if (button) show(button.dataset.tab);
});

// Gradio changes the theme by a class; the frame is told, since it cannot look.
new MutationObserver(() => frame()?.contentWindow?.postMessage({ theme: theme() }, "*"))
  .observe(document.body, { attributes: true, attributeFilter: ["class"] });
