// What a person would see as broken: words cut off, parts that stick out of the window or lie on each other.
() => {
  const found = [], root = document.documentElement;
  const tell = (what, ...those) => found.push(what + ": " + those.map((each) => each.outerHTML.slice(0, 120)).join(" | "));
  // Not in a closed <details>, nor there for screen readers alone.
  const isSeen = (each) => {
    for (let up = each; up; up = up.parentElement) {
      const box = up.getBoundingClientRect();
      if (up !== document.body && box.width <= 2 && box.height <= 2) return false;
    }
    return each.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true });
  };
  const scrolls = (each) => {
    for (let up = each.parentElement; up && up !== document.body; up = up.parentElement)
      if (["auto", "scroll"].includes(getComputedStyle(up).overflowX)) return true;
    return false;
  };
  for (const each of document.querySelectorAll("body *")) {
    const style = getComputedStyle(each), box = each.getBoundingClientRect();
    if (!isSeen(each) || each.closest(".skip, svg, canvas, option")) continue;
    const hides = ["hidden", "clip"].includes(style.overflowX);
    if (hides && each.scrollWidth > each.clientWidth + 1 && each.innerText?.trim()) tell("cut", each);
    if (!scrolls(each) && box.right > root.clientWidth + 1) tell("sticks out", each);
  }
  if (root.scrollWidth > root.clientWidth + 1) found.push("the page scrolls sideways");
  const parts = "a, button, input, select, textarea, h1, h2, h3, p, summary, dt, dd, th, td, label";
  const seen = [...document.querySelectorAll("main " + parts.replaceAll(", ", ", main "))]
    .filter(isSeen)
    .map((each) => [each, each.getBoundingClientRect()])
    .sort((one, other) => one[1].top - other[1].top);
  seen.forEach(([one, a], place) => {
    for (const [other, b] of seen.slice(place + 1)) {
      if (b.top > a.bottom - 3) break;
      if (one.contains(other) || other.contains(one)) continue;
      const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      if (width > 3 && Math.min(a.bottom, b.bottom) - b.top > 3) tell("overlap", one, other);
    }
  });
  return found.slice(0, 6);
}
