"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const graph = $("graph"), canvas = $("canvas"), now = $("now");
  const forward = data.events.filter(([way]) => way === "forward").length;

  // What belongs to which gate.
  const stepsOf = (element) => (element.dataset.steps || "").split(" ").filter(Boolean).map(Number);
  const byStep = new Map();
  const add = (step, element, kind) => {
    if (!byStep.has(step)) byStep.set(step, []);
    byStep.get(step).push([element, kind]);
  };
  const gates = new Map();
  const stepOfName = new Map();
  for (const element of all("[data-steps]")) {
    for (const step of stepsOf(element)) add(step, element, "lit");
    if (element.matches("#graph .gate")) {
      const [step] = stepsOf(element);
      gates.set(step, element);
      stepOfName.set(element.dataset.name, step);
      element.setAttribute("role", "button");
      element.setAttribute("tabindex", "-1");
      element.setAttribute("aria-label", element.querySelector("title").textContent);
    }
  }
  const wires = all("#graph .wire");
  for (const wire of wires) {
    const target = stepOfName.get(wire.dataset.to), source = stepOfName.get(wire.dataset.from);
    if (target) add(target, wire, "in");
    if (source) add(source, wire, "out");
  }

  let lit = [];
  const clear = () => {
    for (const [element, kind] of lit) element.classList.remove(kind);
    lit = [];
  };
  const light = (steps) => {
    clear();
    for (const step of steps) for (const entry of byStep.get(step) || []) lit.push(entry);
    for (const [element, kind] of lit) element.classList.add(kind);
  };
  const linked = (target) => target instanceof Element && target.closest("[data-steps]");
  const current = () => (position > 0 && position <= data.events.length ? [data.events[position - 1][1]] : []);
  document.addEventListener("mouseover", (event) => {
    const element = linked(event.target);
    if (element) light(stepsOf(element));
    else if (lit.length) light(current());
  });
  document.addEventListener("focusin", (event) => {
    const element = linked(event.target);
    if (element) light(stepsOf(element));
  });
  const inPanel = (element) => {
    const panel = element.closest(".code");
    if (panel && panel.scrollHeight > panel.clientHeight) {
      panel.scrollTop = element.offsetTop - panel.offsetTop - panel.clientHeight / 3;
    }
  };
  const reveal = (step) => {
    const gate = gates.get(step);
    if (!gate) return;
    const box = gate.getBoundingClientRect(), frame = canvas.getBoundingClientRect();
    if (box.left < frame.left || box.right > frame.right) canvas.scrollLeft += box.left - frame.left - frame.width / 2;
    if (box.top < frame.top || box.bottom > frame.bottom) canvas.scrollTop += box.top - frame.top - frame.height / 2;
    for (const [element] of byStep.get(step)) if (element.matches(".code li")) inPanel(element);
  };
  graph.addEventListener("click", (event) => {
    const gate = event.target.closest(".gate");
    if (gate) open(stepsOf(gate)[0]);
  });
  const open = (step) => {
    light([step]);
    const card = $(`step-${step}`);
    if (card) card.scrollIntoView({ block: "nearest", behavior: "auto" });
  };

  // Stepping: -1 shows everything, 0 the inputs alone, then one event after the other.
  let position = -1;
  const valueTexts = all("#graph .value"), gradientTexts = all("#graph .gradient"), totals = all("#graph .total");
  const parts = all(".card .fwd, .card .bwd").map((part) => {
    return [part, part.matches(".fwd") ? "forward" : "backward", stepsOf(part.closest(".card"))[0]];
  });
  const isInput = new Set(data.inputs);
  const readers = new Map();
  for (const wire of wires) {
    if (!wire.dataset.path || wire.dataset.path === "start") continue;
    const name = wire.dataset.read;
    if (!readers.has(name)) readers.set(name, []);
    readers.get(name).push(Number(wire.dataset.path.split(".")[0]));
  }
  const show = (to) => {
    position = Math.max(-1, Math.min(data.events.length, to));
    const everything = position < 0;
    const done = { forward: new Set(), backward: new Set() };
    const shown = everything ? data.events : data.events.slice(0, position);
    for (const [way, step] of shown) done[way].add(step);
    const turned = everything || position > forward;
    for (const text of valueTexts) {
      const name = text.closest(".wire").dataset.read;
      text.classList.toggle("unseen", !(everything || isInput.has(name) || done.forward.has(stepOfName.get(name))));
    }
    for (const text of gradientTexts) {
      const path = text.closest(".wire").dataset.path;
      const seen = path === "start" ? turned : done.backward.has(Number(path.split(".")[0]));
      text.classList.toggle("unseen", !seen);
    }
    for (const text of totals) {
      const name = text.closest(".box").dataset.name;
      text.classList.toggle("unseen", !(readers.get(name) || []).every((step) => done.backward.has(step)));
    }
    for (const [part, way, step] of parts) part.classList.toggle("later", !done[way].has(step));
    for (const wire of all("#graph .flow-back")) wire.classList.remove("flow-back");
    const [step] = current();
    light(current());
    if (step !== undefined) {
      if (data.events[position - 1][0] === "backward") {
        for (const wire of wires) if ((wire.dataset.path || "").split(".")[0] === String(step)) wire.classList.add("flow-back");
      }
      for (const gate of gates.values()) gate.setAttribute("tabindex", "-1");
      gates.get(step)?.setAttribute("tabindex", "0");
      reveal(step);
    }
    narrate();
    bar();
  };
  const bar = () => {
    const whole = data.events.length || 1, at = position < 0 ? whole : position;
    $("done").style.clipPath = `inset(0 ${100 - (100 * at) / whole}% 0 0)`;
    $("progress").style.setProperty("--turn", `${(100 * forward) / whole}%`);
    const text = position < 0 ? "everything is shown" : `step ${at} of ${whole}`;
    $("progress").setAttribute("aria-label", text);
    $("back").disabled = position === 0;
    $("next").disabled = position === data.events.length;
  };
  const narrate = () => {
    const lead = document.createElement("p");
    if (position < 0) return;
    if (position === 0) {
      lead.innerHTML = "<b>Start.</b> The inputs have their values. Press <kbd>→</kbd>.";
      now.replaceChildren(lead);
      return;
    }
    const [way, step] = data.events[position - 1];
    const card = $(`step-${step}`);
    const title = card.querySelector("h3").cloneNode(true);
    title.querySelector(".badge").remove();
    const count = way === "forward" ? `Forward, ${position} of ${forward}` : `Backward, ${position - forward} of ${data.events.length - forward}`;
    const head = document.createElement("b");
    head.textContent = `${count}: ${title.textContent.trim().replace(/\s+/g, " ")}. `;
    lead.append(head, card.querySelector(".rule").textContent);
    const body = card.querySelector(way === "forward" ? ".fwd" : ".bwd").cloneNode(true);
    body.classList.remove("later");
    now.replaceChildren(lead, body);
  };
  $("first").addEventListener("click", () => show(0));
  $("back").addEventListener("click", () => show(position < 0 ? data.events.length - 1 : position - 1));
  $("next").addEventListener("click", () => show(position < 0 ? 1 : position + 1));
  $("last").addEventListener("click", () => {
    show(-1);
    const text = document.createElement("p");
    text.textContent = "Everything is shown.";
    now.replaceChildren(text);
  });
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.matches("input")) return;
    const keys = { ArrowRight: "next", ArrowLeft: "back", Home: "first", End: "last" };
    if (event.target.matches(".code, .scroll") && event.key.startsWith("Arrow")) return;
    if (keys[event.key]) {
      event.preventDefault();
      const inside = graph.contains(document.activeElement);
      if (!$(keys[event.key]).disabled) $(keys[event.key]).click();
      if (inside && current().length) gates.get(current()[0])?.focus();
    }
    if ((event.key === "Enter" || event.key === " ") && event.target.matches("#graph .gate")) {
      event.preventDefault();
      open(stepsOf(event.target)[0]);
    }
  });

  // Both passes again, for other inputs.
  const long = (x) => {
    if (!Number.isFinite(x)) return String(x).replace("Infinity", "inf").replace("NaN", "nan");
    if (x === 0) return "0";
    const size = Math.abs(x);
    const text = size < 1e-4 || size >= 1e4 ? x.toExponential(3).replace(/\.?0+e/, "e").replace("e+", "e") : x.toPrecision(4);
    return text.includes("e") ? text : String(Number(text));
  };
  const short = (x) => {
    if (!Number.isFinite(x)) return long(x);
    const size = Math.abs(x);
    const text = Number.isInteger(x) && size < 1e5 ? String(x + 0) : size >= 0.01 && size < 1e5 ? x.toFixed(2) : x.toExponential(1).replace("e+", "e");
    return (text === "-0" ? "0" : text).replaceAll("-", "−");
  };
  const inputs = all("input[data-input]");
  const bound = compute ? all("[data-key]") : [];
  const again = () => {
    const given = new Array(data.inputs.length).fill(0);
    for (const input of inputs) {
      const number = input.valueAsNumber;
      input.setAttribute("aria-invalid", Number.isNaN(number) ? "true" : "false");
      if (Number.isNaN(number)) return;
      given[Number(input.dataset.input)] = number;
    }
    const found = compute(given);
    data.inputs.forEach((name, i) => { found[`v:${name}`] = given[i]; });
    for (const element of bound) {
      const value = found[element.dataset.key];
      if (value === undefined) continue;
      const number = Number(value), svg = element instanceof SVGElement;
      const text = svg ? (element.matches(".total") ? `Σ ${short(number)}` : short(number)) : long(number);
      if (element.firstChild.data !== text) element.firstChild.data = text;
      if (!svg && element.title !== String(number)) element.title = String(number);
    }
    if (position > 0) narrate();
  };
  for (const input of inputs) input.addEventListener("input", again);

  // The size of the graph, and the colours of the page.
  const width = Number(graph.dataset.width), height = Number(graph.dataset.height);
  let scale = 1;
  const resize = (to) => {
    scale = Math.max(0.15, Math.min(3, to));
    graph.setAttribute("width", width * scale);
    graph.setAttribute("height", height * scale);
  };
  const fit = () => resize(Math.max(0.7, Math.min(1.25, (canvas.clientWidth - 2) / width)));
  $("smaller").addEventListener("click", () => resize(scale / 1.25));
  $("larger").addEventListener("click", () => resize(scale * 1.25));
  $("fit").addEventListener("click", () => resize(Math.min(1.25, (canvas.clientWidth - 2) / width)));
  const theme = (dark) => {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    $("theme").textContent = dark ? "Light" : "Dark";
  };
  theme(matchMedia("(prefers-color-scheme: dark)").matches);
  $("theme").addEventListener("click", () => theme(document.documentElement.dataset.theme !== "dark"));
  gates.values().next().value?.setAttribute("tabindex", "0");
  fit();
  bar();
})();
