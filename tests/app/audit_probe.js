// Added to a copy of an audit page: measures it as a browser lays it out, and tells whoever framed it.
(function () {
  var DRAWN = 400, LATEST = 20000;
  function all(selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); }
  function name(one) { return one.tagName.toLowerCase() + " " + (one.textContent || "").trim().slice(0, 60); }
  function channel(value) { value /= 255; return value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4); }
  function numbers(colour) { return (colour.match(/[\d.]+/g) || []).map(Number); }
  function luminance(c) { return 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]); }
  function ratio(a, b) { var l = [luminance(a), luminance(b)].sort(function (x, y) { return y - x; }); return (l[0] + 0.05) / (l[1] + 0.05); }
  function behind(one) {
    for (; one && one.nodeType === 1; one = one.parentElement) {
      var colour = numbers(getComputedStyle(one).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) { return colour; }
    }
    return [255, 255, 255];
  }
  function shown(one) { return one.getClientRects().length > 0; }
  function faint() {
    var found = [];
    all("body *").forEach(function (one) {
      var own = Array.prototype.some.call(one.childNodes, function (node) { return node.nodeType === 3 && node.data.trim(); });
      if (!own || !shown(one) || /SCRIPT|STYLE|NOSCRIPT/i.test(one.tagName)) { return; }
      var style = getComputedStyle(one);
      var colour = numbers(one.namespaceURI.indexOf("svg") > 0 ? style.fill : style.color);
      // The second colour of a label upon a coloured cell is plotly's to choose; it is drawn with a halo.
      if (colour.length < 3) { return; }
      var value = ratio(colour, behind(one));
      if (value < 4.5) { found.push(name(one) + " " + value.toFixed(2)); }
    });
    return found;
  }
  function wider(limit) {
    return all("body *").filter(function (one) {
      if (!shown(one) || one.closest(".wide, pre, svg, .skip, .modebar, .js-plotly-plot")) { return false; }
      return one.getBoundingClientRect().right > limit + 0.5;
    }).slice(0, 5).map(name);
  }
  function scrolled() {
    return all("body *").filter(function (one) {
      var flow = getComputedStyle(one).overflowX;
      return (flow === "auto" || flow === "scroll") && shown(one) && one.scrollWidth > one.clientWidth + 1;
    });
  }
  function led() {
    document.documentElement.style.scrollBehavior = "auto";
    return all("nav a").map(function (link) {
      link.click();
      var target = document.getElementById(link.getAttribute("href").slice(1));
      var end = document.documentElement.scrollHeight - innerHeight - scrollY < 2;
      var top = target ? target.getBoundingClientRect().top : NaN;
      var reached = Math.abs(top) < 40 || (end && top > 0 && top < innerHeight);
      return {href: link.getAttribute("href"), section: !!target && target.tagName === "SECTION", reached: reached};
    });
  }
  function printed() {
    var rules = all("style").map(function (one) { return Array.prototype.slice.call(one.sheet.cssRules); });
    [].concat.apply([], rules).forEach(function (rule) { if (rule.media && rule.media.mediaText === "print") { rule.media.mediaText = "all"; } });
    // Paper has no scroll bar.
    document.documentElement.style.overflowY = "hidden";
    dispatchEvent(new Event("beforeprint"));
    var sheet = document.documentElement.clientWidth;
    var closed = all("details:not([open])").length;
    var over = all("table, figure, pre, .js-plotly-plot, p, dl").filter(function (one) { return shown(one) && one.getBoundingClientRect().right > sheet + 0.5; });
    var most = over.reduce(function (found, one) { return Math.max(found, one.getBoundingClientRect().right); }, sheet);
    return {sheet: sheet, closed: closed, widest: most, over: over.map(function (one) {
      return Math.round(one.getBoundingClientRect().width) + " " + name(one.querySelector("caption") || one);
    })};
  }
  function measured() {
    var open = all("details[open]").length;
    var found = {
      width: innerWidth, scrollWidth: document.documentElement.scrollWidth, faults: window.candorFaults,
      loads: performance.getEntriesByType("resource").map(function (one) { return one.name; }),
      plots: all("[role=img]").map(function (one) { return {label: one.getAttribute("aria-label"), svgs: all("svg.main-svg", one).length, marks: all("path, rect, image", one).length}; }),
      headings: all("h1, h2, h3, h4, h5, h6").map(function (one) { return [+one.tagName[1], one.textContent.trim().slice(0, 60)]; }),
      tables: all("table").map(function (one) {
        return {caption: (one.querySelector("caption") || {textContent: ""}).textContent.trim(), heads: all("th", one).length,
                scoped: all("th[scope]", one).length, empty: all("th", one).filter(function (th) { return !th.textContent.trim(); }).length};
      }),
      focusable: all("a[href], button, input, select, textarea, summary, [tabindex]").filter(function (one) { return one.tabIndex >= 0; })
        .map(function (one) { return {what: name(one), skip: one.className === "skip", order: one.tabIndex}; }),
      scrolled: scrolled().map(function (one) { return {what: name(one), focus: one.tabIndex, role: one.getAttribute("role") || one.tagName, label: one.getAttribute("aria-label")}; }),
      wider: wider(innerWidth), faint: faint(), led: led(), landmarks: ["header", "nav", "main"].map(function (one) { return all(one).length; }),
      language: document.documentElement.lang, title: document.title
    };
    if (window.candorSheet) {
      found.printed = printed();
      dispatchEvent(new Event("afterprint"));
      found.reopened = all("details[open]").length - open;
    }
    return found;
  }
  function drawn() {
    return all(".plotly-graph-div").every(function (one) { return one.querySelector("svg.main-svg"); });
  }
  addEventListener("load", function () {
    var start = Date.now();
    (function wait() {
      if (!drawn() && Date.now() - start < LATEST) { return setTimeout(wait, 100); }
      setTimeout(function () { parent.postMessage({name: window.candorName, found: measured()}, "*"); }, DRAWN);
    })();
  });
})();
