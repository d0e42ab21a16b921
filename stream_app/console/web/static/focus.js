// A press that htmx sends takes its button away: the focus goes to what the answer says (data-focus), not to the top.
"use strict";
(function () {
  let held = ""; // what had the focus before the page changed

  document.addEventListener("htmx:beforeSwap", () => {
    held = document.activeElement ? document.activeElement.id : "";
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const sent = event.detail.requestConfig;
    const said = sent && sent.verb === "post" ? document.querySelector("[data-focus]") : null;
    const wanted = said || (document.activeElement === document.body && held ? document.getElementById(held) : null);
    if (said) said.removeAttribute("data-focus");
    if (wanted) wanted.focus();
  });
})();
