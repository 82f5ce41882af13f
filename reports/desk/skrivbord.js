"use strict";
// Nothing needs this. Where it runs, a file can be dropped on its field, a form is sent once, and work that is going
// on is followed.
for (const field of document.querySelectorAll("input[type=file]")) {
  const over = (is) => field.classList.toggle("over", is);
  field.addEventListener("dragenter", () => over(true));
  field.addEventListener("dragleave", () => over(false));
  field.addEventListener("drop", () => over(false));
}
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", () => {
    for (const button of form.querySelectorAll("button")) {
      if (form.dataset.stays === undefined) setTimeout(() => { button.disabled = true; }, 0);
    }
  });
}
const follow = () => {
  if (!document.querySelector("[data-again]")) return;
  setTimeout(async () => {
    const answer = await fetch(location.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.querySelector("main").replaceWith(page.querySelector("main"));
    follow();
  }, 1000);
};
follow();
