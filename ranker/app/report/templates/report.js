// On paper every table is open, and every plot as wide as the sheet.
(function () {
  var closed = [];
  var plots = document.getElementsByClassName("plotly-graph-div");
  function fit(width) {
    Array.prototype.forEach.call(plots, function (plot) {
      if (window.Plotly && plot.layout) {
        window.Plotly.relayout(plot, width ? {width: Math.min(width, plot.parentNode.offsetWidth)} : {width: null, autosize: true});
      }
    });
  }
  addEventListener("load", function () { fit(0); });
  addEventListener("beforeprint", function () {
    closed = Array.prototype.slice.call(document.querySelectorAll("details:not([open])"));
    closed.forEach(function (one) { one.open = true; });
    fit(640);
  });
  addEventListener("afterprint", function () {
    closed.forEach(function (one) { one.open = false; });
    fit(0);
  });
})();
