// Measures a page as a browser lays it out; evaluated on the page by whoever looks at it.
(function () {
  function all(selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); }
  function name(one) { return one.tagName.toLowerCase() + " " + (one.textContent || "").trim().slice(0, 60); }
  function channel(value) { value /= 255; return value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4); }
  function numbers(colour) { return (colour.match(/[\d.]+/g) || []).map(Number); }
  function luminance(c) { return 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]); }
  function ratio(a, b) { var l = [luminance(a), luminance(b)].sort(function (x, y) { return y - x; }); return (l[0] + 0.05) / (l[1] + 0.05); }
  function shown(one) { return one.getClientRects().length > 0; }
  function behind(one) {
    for (; one && one.nodeType === 1; one = one.parentElement) {
      var colour = numbers(getComputedStyle(one).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) { return colour; }
    }
    return numbers(getComputedStyle(document.documentElement).colorScheme.indexOf("dark") === 0 ? "0,0,0" : "255,255,255");
  }
  function faint() {
    return all("body *").filter(function (one) {
      var own = Array.prototype.some.call(one.childNodes, function (node) { return node.nodeType === 3 && node.data.trim(); });
      if (!own || !shown(one) || one.closest(".hidden")) { return false; }
      var style = getComputedStyle(one);
      return ratio(numbers(one.namespaceURI.indexOf("svg") > 0 ? style.fill : style.color), behind(one)) < 4.5;
    }).map(name);
  }
  function called(one) {
    if (one.getAttribute("aria-label")) { return one.getAttribute("aria-label"); }
    if (one.labels && one.labels.length) { return one.labels[0].textContent.trim(); }
    return one.textContent.trim();
  }
  var width = document.documentElement.clientWidth;
  return {
    width: width, scrollWidth: document.documentElement.scrollWidth,
    wider: all("body *").filter(function (one) {
      return shown(one) && !one.closest(".wide, pre, .skip, .hidden, svg") && one.getBoundingClientRect().right > width + 0.5;
    }).map(name),
    faint: faint(),
    headings: all("h1, h2, h3, h4").filter(shown).map(function (one) { return +one.tagName[1]; }),
    tables: all("table").map(function (one) {
      return {what: name(one), named: Boolean(one.caption || one.closest("[aria-label]") || one.closest("section")),
              heads: all("th", one).length, scoped: all("th[scope]", one).length,
              empty: all("th", one).filter(function (th) { return !th.textContent.trim(); }).length};
    }),
    nameless: all("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")
      .filter(function (one) { return !called(one); }).map(name),
    scrolled: all("body *").filter(function (one) {
      var flow = getComputedStyle(one).overflowX;
      return (flow === "auto" || flow === "scroll") && shown(one) && one.scrollWidth > one.clientWidth + 1 && one.tabIndex < 0;
    }).map(name),
    flags: all(".flag").filter(shown).map(function (one) {
      var lines = document.createRange(), tops = [];
      // Of what is drawn, by its lines; what is for screen readers alone is not.
      Array.prototype.forEach.call(one.childNodes, function (node) {
        if (node.nodeType !== 3 || !node.data.trim()) { return; }
        lines.selectNodeContents(node);
        Array.prototype.forEach.call(lines.getClientRects(), function (box) {
          if (box.width > 0 && tops.indexOf(Math.round(box.top)) < 0) { tops.push(Math.round(box.top)); }
        });
      });
      return [one.textContent.trim(), tops.length];
    }),
    landmarks: ["header", "main"].map(function (one) { return all(one).length; }),
    ids: all("[id]").length - new Set(all("[id]").map(function (one) { return one.id; })).size,
    language: document.documentElement.lang, title: document.title,
    focusable: all("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']").filter(function (one) {
      // Of radio buttons of one name the keyboard reaches one, and arrows the others.
      var folded = one.tagName !== "SUMMARY" && one.closest("details:not([open])");
      return shown(one) && !folded && !(one.type === "radio" && all("[name='" + one.name + "']")[0] !== one);
    }).length
  };
})()
