// What is being done for the question that waits.
const STAGES = {
  wait: "Waiting until everything is loaded", resolve: "Reading the question", search: "Searching the articles",
  read: "Reading the best passages",
};

watch("value", () => {
  const pending = document.querySelector("#talk .pending");
  if (pending && STAGES[props.value]) pending.textContent = STAGES[props.value];
});
