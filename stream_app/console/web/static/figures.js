// Draws the charts of a page from the figures beside them; without it the tables say the same.
"use strict";
(function () {
  const light = ["#0b5cad", "#b3400e", "#1c6434", "#7a3fa0", "#8a6d00", "#0f7b83", "#a3142b", "#4a5666", "#5c5cd6"];
  const dark = ["#7fbaf5", "#ffb37a", "#8fdca8", "#d3a8f5", "#ecd570", "#7fdde5", "#ff9dab", "#b3bfcc", "#b4b4ff"];
  const dashes = [[], [6, 4], [2, 3], [10, 4, 2, 4], [1, 4]]; // colour is never the only difference
  const charts = [];

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function written(value, unit) {
    const text = value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: unit === "percent" ? 1 : 2 });
    return unit === "percent" ? text + "%" : unit === "yuan" ? "¥" + text : text;
  }

  function dataset(series, place, figures, colours) {
    const own = colours[place % colours.length];
    const line = { label: series.name, data: series.values, borderColor: own, backgroundColor: own };
    return figures.kind === "line"
      ? { ...line, borderDash: dashes[place % dashes.length], borderWidth: 2, pointRadius: series.values.length > 40 ? 0 : 3, spanGaps: true }
      : { ...line, borderWidth: 1, borderColor: colour("--card") };
  }

  function settings(figures) {
    const text = colour("--text"), line = colour("--line"), stacked = figures.kind === "stacked";
    const isShare = figures.unit === "percent" && figures.series.every((each) => each.values.every((value) => value === null || value <= 100));
    const ticks = { color: text, maxRotation: 60, autoSkipPadding: 8 };
    return {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      scales: {
        x: { stacked, grid: { display: false }, ticks },
        y: { stacked, beginAtZero: true, max: isShare ? 100 : undefined, grid: { color: line }, ticks: { color: text, callback: (value) => written(value, figures.unit) } },
      },
      plugins: {
        legend: { display: figures.series.length > 1, labels: { color: text, boxWidth: 24, usePointStyle: figures.kind === "line", pointStyle: "line", pointStyleWidth: 30 } },
        tooltip: { callbacks: { label: (item) => item.dataset.label + ": " + (item.raw === null ? "—" : written(item.raw, figures.unit)) } },
      },
    };
  }

  function draw(canvas) {
    const figures = JSON.parse(document.getElementById(canvas.dataset.chart).textContent);
    const colours = matchMedia("(prefers-color-scheme: dark)").matches ? dark : light;
    charts.push(new Chart(canvas, {
      type: figures.kind === "line" ? "line" : "bar",
      data: { labels: figures.labels, datasets: figures.series.map((each, place) => dataset(each, place, figures, colours)) },
      options: settings(figures),
    }));
  }

  function drawAll() {
    charts.splice(0).forEach((chart) => chart.destroy());
    document.querySelectorAll("canvas[data-chart]").forEach(draw);
  }

  document.addEventListener("DOMContentLoaded", drawAll);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
})();
