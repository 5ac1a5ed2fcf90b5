"use strict";
(function () {
  var root = document.documentElement;
  root.classList.add("js");

  // The theme: what the system says, unless a choice was made here before. Storage may be refused to a file.
  function stored() { try { return localStorage.getItem("zeues-contracts-theme"); } catch (error) { return null; } }
  function store(theme) { try { localStorage.setItem("zeues-contracts-theme", theme); } catch (error) { /* not kept */ } }
  function system() { return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"; }
  var chosen = stored();
  if (chosen === "dark" || chosen === "light") root.dataset.theme = chosen;

  function all(selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); }
  function byId(id) { return document.getElementById(id); }
  function on(id, event, action) { var one = byId(id); if (one) one.addEventListener(event, action); }

  function open(target) {
    for (var one = target; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
  }

  document.addEventListener("DOMContentLoaded", function () {
    var word = byId("theme-word");
    function theme() { return root.dataset.theme || system(); }
    function named() { word.textContent = theme() === "dark" ? "Dark" : "Light"; }
    named();
    on("theme", "click", function () {
      root.dataset.theme = theme() === "dark" ? "light" : "dark";
      store(root.dataset.theme);
      named();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", named);

    var findings = all(".finding");
    var texts = null;
    var fields = { q: byId("q"), cause: byId("cause"), level: byId("level"), operation: byId("operation"),
      consumer: byId("consumer"), service: byId("service") };

    function has(list, wanted) { return (" " + list + " ").indexOf(" " + wanted + " ") >= 0; }
    function value(name) { return fields[name] ? fields[name].value : ""; }

    function filter() {
      var query = value("q").trim().toLowerCase();
      if (query && !texts) texts = findings.map(function (one) { return one.textContent.toLowerCase(); });
      var wanted = { cause: value("cause"), level: value("level"), operation: value("operation"),
        consumer: value("consumer"), service: value("service") };
      var shown = 0;
      findings.forEach(function (one, index) {
        var data = one.dataset;
        var fits = (!wanted.cause || data.cause === wanted.cause) && (!wanted.level || data.level === wanted.level) &&
          (!wanted.operation || has(data.ops, wanted.operation)) &&
          (!wanted.consumer || has(data.consumers, wanted.consumer)) &&
          (!wanted.service || has(data.service, wanted.service)) &&
          (!query || texts[index].indexOf(query) >= 0);
        one.hidden = !fits;
        if (fits) shown += 1;
      });
      all(".group").forEach(function (group) { group.hidden = !group.querySelector(".finding:not([hidden])"); });
      all("[data-pick]").forEach(function (tile) {
        tile.setAttribute("aria-current", String(wanted.cause === tile.dataset.pick));
      });
      if (findings.length) byId("shown").textContent = shown === findings.length ? findings.length + (shown === 1 ? " finding" : " findings")
        : shown + " of " + findings.length + " findings";
      byId("nothing").hidden = shown > 0;
    }

    function reset() { Object.keys(fields).forEach(function (name) { if (fields[name]) fields[name].value = ""; }); }

    if (fields.q) {
      Object.keys(fields).forEach(function (name) {
        if (fields[name]) fields[name].addEventListener("input", filter);
      });
      on("reset", "click", function () { reset(); filter(); fields.q.focus(); });
      on("open-all", "click", function () {
        all(".finding:not([hidden]), .group:not([hidden])").forEach(function (one) { one.open = true; });
      });
      on("close-all", "click", function () {
        all(".finding, .group").forEach(function (one) { one.open = false; });
      });
      all("[data-pick]").forEach(function (tile) {
        tile.addEventListener("click", function () {
          fields.cause.value = fields.cause.value === tile.dataset.pick ? "" : tile.dataset.pick;
          filter();
        });
      });
      filter(); // a reload keeps what was chosen
    }

    function follow() {
      var target = location.hash.length > 1 && byId(decodeURIComponent(location.hash.slice(1)));
      if (!target) return;
      if (target.hidden && fields.q) { reset(); filter(); }
      open(target);
      target.scrollIntoView();
    }
    addEventListener("hashchange", follow);
    document.addEventListener("click", function (event) { // a link that was followed before changes no hash
      var link = event.target.closest("a[href^='#f-']");
      if (link && link.getAttribute("href") === location.hash) follow();
    });
    follow();

    if (navigator.clipboard) all(".block").forEach(function (block) {
      var button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = "Copy";
      button.setAttribute("aria-label", "Copy: " + block.firstElementChild.getAttribute("aria-label"));
      button.addEventListener("click", function () {
        navigator.clipboard.writeText(block.firstElementChild.textContent).then(
          function () { button.textContent = "Copied"; }, function () { button.textContent = "Not allowed"; });
        setTimeout(function () { button.textContent = "Copy"; }, 1500);
      });
      block.appendChild(button);
    });
  });

  // Paper has no arrows to open: what is shown is printed whole, and is afterwards as it was.
  var opened = [];
  addEventListener("beforeprint", function () {
    opened = all(".finding:not([hidden]), .group:not([hidden])").filter(function (one) { return !one.open; });
    opened.forEach(function (one) { one.open = true; });
  });
  addEventListener("afterprint", function () { opened.forEach(function (one) { one.open = false; }); opened = []; });
})();
