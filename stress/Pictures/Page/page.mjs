// The pictures of one schedule. Everything that is shown is in the data; nothing is computed of what memory holds but
// to apply the changes of the steps one after the other.

/** @typedef {[number, number, number, number, number, number]} ContextMoment activity, CPU, preempt_count, operation, waits for, chain */
/** @typedef {[number, number, number]} CpuMoment context, irqs off, owes a flush */
/** @typedef {{cells: Int32Array, writer: Int32Array, chain: Int32Array, contexts: ContextMoment[], cpus: CpuMoment[]}} State */

const data = JSON.parse(document.getElementById('data').textContent);
const strings = data.strings;
const steps = data.steps; // [context, cpu, events, changes of contexts, changes of CPUs]
const last = steps.length;
const Enter = 0, Operation = 1, Write = 2, Wake = 3, Leave = 4, Bug = 5; // The first number of an event; then its chain.
const KernelRole = 0;
const activities = ['not running', 'waits for a CPU', 'running', 'spins', 'waits', 'asleep', 'interrupted', 'ended', 'dead'];
const kinds = ['running', 'spins', 'waits', 'sleeps', 'no CPU', 'interrupted', 'dead', 'held', 'irqs off', 'preemption off', 'owes a flush'];
const $ = id => document.getElementById(id);
const escape = text => String(text).replace(/[&<>"]/g, letter => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[letter]);
const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

// ---- The state after each step: a copy of it every so many steps, and the changes from there on.

const Every = 128;
/** @type {State[]} */
const copies = [{
  cells: Int32Array.from(data.cells, cell => cell[2]),
  writer: new Int32Array(data.cells.length),
  chain: new Int32Array(data.cells.length).fill(-1),
  contexts: data.start.contexts,
  cpus: data.start.cpus,
}];

const copyOf = state => ({
  cells: state.cells.slice(), writer: state.writer.slice(), chain: state.chain.slice(),
  contexts: state.contexts.slice(), cpus: state.cpus.slice(),
});

function apply(state, number) {
  const [, , events, contexts, cpus] = steps[number - 1];
  for (const event of events) {
    if (event[0] !== Write) continue;
    state.cells[event[2]] = event[4];
    state.writer[event[2]] = number;
    state.chain[event[2]] = event[1];
  }
  for (let i = 0; i < contexts.length; i += 2) state.contexts[contexts[i]] = contexts[i + 1];
  for (let i = 0; i < cpus.length; i += 2) state.cpus[cpus[i]] = cpus[i + 1];
}

/** The state after so many steps. @param {number} moment @returns {State} */
function stateAt(moment) {
  const from = Math.min(copies.length - 1, Math.floor(moment / Every));
  const state = copyOf(copies[from]);
  for (let number = from * Every + 1; number <= moment; number++) {
    apply(state, number);
    if (number % Every === 0 && copies.length === number / Every) copies.push(copyOf(state));
  }
  return state;
}

// ---- What is looked at.

const contextOf = number => steps[number - 1][0];
const everChanged = new Uint8Array(data.cells.length);
for (const [, , events] of steps) for (const event of events) if (event[0] === Write) everChanged[event[2]] = 1;
const critical = data.arrows.find(arrow => arrow[0] === 3);
const isCritical = number => critical !== undefined && (critical[1] === number || critical[2] === number);
const acting = [...new Set(steps.map(step => step[0]))].sort((a, b) => a - b);
let cursor = last; // The end is what one wants to understand.
let found = [];
let query = '';
let shownChain = null; // A chain that was asked for, in the place of that of the step.

function lineOf(call) { return call[1] < 0 ? '' : `${data.files[call[1]].name}:${call[2]}`; }
function callsOf(chain) {
  const numbers = chain < 0 ? [] : data.chains[chain];
  const calls = [];
  for (let i = 0; i < numbers.length; i += 3) calls.push([strings[numbers[i]], numbers[i + 1], numbers[i + 2]]);
  return calls;
}

// In a step that lets an interrupt come, what follows is its handler's.
function textOf(event) {
  const who = event[event[0] === Wake ? 3 : 5];
  return who === undefined ? wordsOf(event) : `${data.contexts[who]}: ${wordsOf(event)}`;
}

function wordsOf(event) {
  switch (event[0]) {
    case Enter: return `calls ${strings[event[2]]}()`;
    case Leave: return `${strings[event[2]]}() returns${strings[event[3]] ? ` ${strings[event[3]]}` : ''}`;
    case Write: return `${strings[data.cells[event[2]][0]]}: ${strings[event[3]]} \u2192 ${strings[event[4]]}`;
    case Wake: return `wakes ${data.contexts[event[2]]}`;
    case Bug: return `BUG ${strings[event[2]]}`;
    default: return strings[event[3]] ? `${strings[event[2]]}: ${strings[event[3]]}` : strings[event[2]];
  }
}

function firstText(number) {
  const event = steps[number - 1][2].find(candidate => candidate[0] === Operation);
  return event ? textOf(event) : '';
}

// ---- Over time.

const view = { width: 0, zoom: 0, from: 0 };
const lanes = data.lanes.filter(lane => lane[3].length > 0 || lane[0] === 0);
const groups = ['CPUs', 'tasks and interrupts', 'locks'];
const rowHeight = [22, 54, 18]; // Below a context's row there is room for arrows.
const laneTop = [];
let height = 0;
const head = 18;

function layOut() {
  height = head;
  lanes.forEach((lane, i) => {
    if (i === 0 || lanes[i - 1][0] !== lane[0]) height += 16;
    laneTop[i] = height;
    height += rowHeight[lane[0]] + 4;
  });
  height += 8;
}
const gutter = () => view.width < 600 ? 84 : 138;
const widest = () => Math.max(150, view.width / 4);
const fitting = () => (view.width - gutter() - 6) / (last + 1);
const x = moment => gutter() + (moment - view.from) * view.zoom;
const centre = context => {
  const i = lanes.findIndex(lane => lane[0] === 1 && lane[1] === context);
  return i < 0 ? head : laneTop[i] + 15;
};
const isVisible = (from, to) => to >= view.from && from <= view.from + (view.width - gutter()) / view.zoom;

function texture(kind) { return kind === 1 ? 'slant' : kind === 3 ? 'dots' : kind === 2 ? 'rising' : kind >= 8 ? 'bars' : ''; }

function spanAt(left, right, top, tall, kind, label) {
  const width = Math.max(1, right - left);
  const pattern = texture(kind);
  let svg = `<rect class="span k${kind}" x="${left.toFixed(1)}" y="${top}" width="${width.toFixed(1)}" height="${tall}"><title>${escape(label)}</title></rect>`;
  if (pattern) svg += `<rect class="texture" fill="url(#${pattern})" x="${left.toFixed(1)}" y="${top}" width="${width.toFixed(1)}" height="${tall}"/>`;
  return svg;
}

function fitted(label, width) {
  const letters = Math.floor((width - 6) / 6.7);
  return letters < 2 ? '' : label.length <= letters ? label : letters < 4 ? '' : `${label.slice(0, letters - 1)}\u2026`;
}

function drawLane(lane, i, parts) {
  const [type, , , spans] = lane;
  const top = laneTop[i];
  const edge = [];
  for (let s = 0; s < spans.length; s += 4) {
    const from = spans[s], to = spans[s + 1], kind = spans[s + 2];
    if (!isVisible(from, to)) continue;
    const left = Math.max(x(from), gutter()), right = Math.min(x(to), view.width);
    if (right - (edge[kind] ?? -9) < 0.8) continue; // It would lie within the same pixel.
    edge[kind] = right;
    const strip = kind >= 8;
    const row = strip ? kind === 10 ? 1 : 0 : 0;
    const tall = strip ? 5 : type === 1 ? 30 : rowHeight[type];
    const y = strip ? top + (type === 1 ? 32 : rowHeight[type] - 5 - 6 * row) : top;
    const what = strings[spans[s + 3]];
    const name = type === 2 ? what : type === 0 && kind === 0 ? what : kinds[kind] + (what && !strip ? `: ${what}` : '');
    parts.push(spanAt(left, right, y, tall, kind, `${name}, after step ${from} to ${to - 1 < last ? `step ${to}` : 'the end'}`));
    const label = strip || (type === 1 && kind === 0) ? '' : fitted(name, right - left);
    if (label) parts.push(`<text x="${(left + 4).toFixed(1)}" y="${y + (type === 1 ? 19 : tall / 2 + 4)}">${escape(label)}</text>`);
  }
}

function drawSteps(parts) {
  const first = Math.max(1, Math.floor(view.from));
  const end = Math.min(last, Math.ceil(view.from + (view.width - gutter()) / view.zoom) + 1);
  const edge = [];
  for (let number = first; number <= end; number++) {
    const left = x(number - 1), right = x(number), context = contextOf(number);
    if (right - (edge[context] ?? -9) < 0.8 && !isCritical(number)) continue;
    edge[context] = right;
    const y = centre(context) - 11;
    const mark = `${isCritical(number) ? ' critical' : ''}${found.includes(number) ? ' found' : ''}`;
    parts.push(`<rect class="step${mark}" data-number="${number}" x="${left.toFixed(1)}" y="${y}" width="${Math.max(1, view.zoom).toFixed(1)}" height="22" rx="${view.zoom > 8 ? 3 : 0}"><title>step ${number}: ${escape(data.contexts[contextOf(number)])}, ${escape(firstText(number))}</title></rect>`);
    if (view.zoom < 18) continue;
    const label = view.zoom < 62 ? `${number}` : fitted(`${number} ${firstText(number).split('(')[0]}`, view.zoom);
    parts.push(`<text class="step-text" x="${((left + right) / 2).toFixed(1)}" y="${y + 15}">${escape(label)}</text>`);
  }
}

function drawArrows(parts) {
  for (const [kind, from, to, context, about] of data.arrows) {
    const end = to === 0 ? last + 0.5 : to - 0.5;
    if (!isVisible(from - 1, end + 1) || (view.zoom < 7 && kind !== 3)) continue;
    const y1 = centre(contextOf(from)), y2 = centre(context);
    const down = y2 > y1 ? 1 : -1;
    const start = [x(from - 0.5), y1 + 11 * down], stop = [x(end), y2 - 11 * down];
    const bend = Math.max(14, Math.abs(stop[1] - start[1]) / 2) * down;
    parts.push(`<path class="arrow a${kind}" data-from="${from}" data-to="${to}" marker-end="url(#head${kind})" d="M${start[0].toFixed(1)} ${start[1]}C${start[0].toFixed(1)} ${start[1] + bend} ${stop[0].toFixed(1)} ${stop[1] - bend} ${stop[0].toFixed(1)} ${stop[1]}"><title>${['unlock \u2192 lock', 'wakes', 'write \u2192 read', 'critical pair'][kind]} ${escape(strings[about])}</title></path>`);
    if (kind === 3) parts.push(`<text class="critical-text" x="${((start[0] + stop[0]) / 2 + 6).toFixed(1)}" y="${(start[1] + stop[1]) / 2 + 4}">critical pair${to === 0 ? ' (never happens)' : ''}</text>`);
  }
}

const heads = [0, 1, 2, 3].map(kind => `<marker id="head${kind}" class="m${kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z"/></marker>`).join('');
const patterns = `<pattern id="slant" width="7" height="7" patternUnits="userSpaceOnUse"><path d="M0 7L7 0"/></pattern>
<pattern id="rising" width="7" height="7" patternUnits="userSpaceOnUse"><path d="M0 0L7 7"/></pattern>
<pattern id="dots" width="8" height="8" patternUnits="userSpaceOnUse"><circle cx="2" cy="2" r="1"/><circle cx="6" cy="6" r="1"/></pattern>
<pattern id="bars" width="4" height="5" patternUnits="userSpaceOnUse"><path d="M1 0V5"/></pattern>`;

function draw() {
  const parts = [];
  lanes.forEach((lane, i) => {
    parts.push(`<path class="rule" d="M0 ${laneTop[i] - 2}H${view.width}"/>`);
    drawLane(lane, i, parts);
  });
  drawSteps(parts);
  drawArrows(parts);
  const apart = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000].find(n => n * view.zoom > 34) ?? 100000;
  for (let number = Math.ceil(Math.max(1, view.from) / apart) * apart; number <= last && x(number) < view.width + 40; number += apart)
    parts.push(`<text class="tick" text-anchor="middle" x="${x(number - 0.5).toFixed(1)}" y="12">${number}</text>`);
  if (data.noReturn > 0) {
    const at = x(data.noReturn).toFixed(1);
    parts.push(`<path class="no-return-line" d="M${at} ${head - 4}V${height}"/><text class="tick" x="${at}" dx="4" y="${head + 9}">no return</text>`);
  }
  const names = [`<rect class="gutter" x="0" y="0" width="${gutter()}" height="${height}"/>`];
  lanes.forEach((lane, i) => {
    if (i === 0 || lanes[i - 1][0] !== lane[0]) names.push(`<text class="group-name" x="6" y="${laneTop[i] - 6}">${groups[lane[0]]}</text>`);
    names.push(`<text class="row-name" x="6" y="${laneTop[i] + (lane[0] === 1 ? 19 : rowHeight[lane[0]] / 2 + 4)}">${escape(fitted(strings[lane[2]], gutter()))}<title>${escape(strings[lane[2]])}</title></text>`);
  });
  $('timeline').innerHTML = `<svg aria-hidden="true" class="${view.zoom < 3 ? 'dense' : ''}" width="${view.width}" height="${height}"><defs>${heads}${patterns}</defs>${parts.join('')}<g id="cursor"></g>${names.join('')}</svg>`;
  drawCursor();
}

function drawCursor() {
  const left = x(Math.max(0, cursor - 1)), right = x(cursor);
  $('cursor').innerHTML = (cursor > 0 ? `<rect class="cursor" x="${left.toFixed(1)}" y="${head - 4}" width="${Math.max(1, right - left).toFixed(1)}" height="${height}"/>` : '')
    + `<path class="cursor-line" d="M${right.toFixed(1)} ${head - 4}V${height}"/>`;
}

let asked = false;
function redraw() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => { asked = false; draw(); });
}

function zoomTo(zoom, around = cursor) {
  const at = x(around);
  view.zoom = clamp(zoom, Math.min(fitting(), widest()), widest());
  view.from = around - (at - gutter()) / view.zoom;
  keepInside();
  redraw();
}

function keepInside() {
  const shown = (view.width - gutter() - 6) / view.zoom;
  view.from = clamp(view.from, 0, Math.max(0, last + 1 - shown));
}

// ---- Step by step: a window of steps around the cursor, if there are many.

const WindowSize = 160;
let windowFrom = 1;
let isDetailed = false;

// Links of the table that stands for page_address(): the records say the same.
const isLink = name => /^page_address_(pool|maps\.next)/.test(name);

// Without details: not what operations say themselves of their locks, and no accounts that the kernel does not know of.
function isShown(event) {
  if (isDetailed) return true;
  if (event[0] === Enter || event[0] === Leave) return false;
  if (event[0] === Operation) return !(event[4] && /^spin_(un)?lock/.test(strings[event[2]]));
  if (event[0] !== Write) return true;
  const [name, , , role, lock] = data.cells[event[2]];
  return role === KernelRole && lock === 0 && !isLink(strings[name]);
}

function cellOf(number, columns) {
  const [context, , events] = steps[number - 1];
  const lines = [];
  let place = '';
  events.forEach(event => {
    if (!isShown(event)) return;
    const [call] = callsOf(event[1]);
    const where = call ? `${call[0]}${call[1] < 0 ? '' : `, ${data.files[call[1]].name}`}` : '';
    if (call && where !== place && event[0] !== Enter && event[0] !== Leave) {
      place = where;
      lines.push(`<span class="ev fn" data-chain="${event[1]}">in ${escape(call[0])}()${call[1] < 0 ? '' : ` ${escape(data.files[call[1]].name)}`}</span>`);
    }
    const line = call && call[2] && event[0] !== Enter && event[0] !== Leave ? `<span class="line">${call[2]}</span> ` : '';
    const style = event[0] === Write ? 'write' : event[0] === Enter || event[0] === Leave ? 'call' : event[0] === Bug ? 'why' : '';
    lines.push(`<span class="ev ${style}" data-chain="${event[1]}">${line}${escape(textOf(event))}</span>`);
  });
  if (isCritical(number)) lines.push('<span class="ev why">critical pair</span>');
  if (data.noReturn === number) lines.push('<span class="ev why">from here on there is no return</span>');
  const cell = lines.join('');
  if (columns === 1) return `<td class="acts"><b>${escape(data.contexts[context])}</b>${cell}</td>`;
  return acting.map(other => other === context ? `<td class="acts">${cell}</td>` : '<td></td>').join('');
}

function drawSteps2() {
  const columns = acting.length <= 3 && $('steps').clientWidth > 480 ? acting.length : 1;
  const to = Math.min(last, windowFrom + WindowSize - 1);
  const rows = [];
  const header = columns === 1 ? '<th scope="col">who</th>' : acting.map(context => `<th scope="col">${escape(data.contexts[context])}</th>`).join('');
  if (windowFrom > 1) rows.push(`<tr><td class="n"></td><td class="more" colspan="${columns}"><button type="button" data-window="${windowFrom - WindowSize}">earlier steps</button></td></tr>`);
  for (let number = windowFrom; number <= to; number++)
    rows.push(`<tr data-number="${number}" class="${isCritical(number) ? 'critical ' : ''}"><td class="n">${number}</td>${cellOf(number, columns)}</tr>`);
  if (to < last) rows.push(`<tr><td class="n"></td><td class="more" colspan="${columns}"><button type="button" data-window="${to + 1}">later steps</button></td></tr>`);
  $('step-table').innerHTML = `<thead><tr><th scope="col">step</th>${header}</tr></thead><tbody>${rows.join('')}</tbody>`;
}

function markStep() {
  if (cursor > 0 && (cursor < windowFrom || cursor >= windowFrom + WindowSize)) {
    windowFrom = Math.max(1, cursor - WindowSize / 2);
    drawSteps2();
  }
  for (const row of $('step-table').querySelectorAll('tr.here')) row.classList.remove('here');
  /** @type {HTMLElement | null} */
  const row = $('step-table').querySelector(`tr[data-number="${cursor}"]`);
  if (!row) { $('steps-scroll').scrollTop = 0; return; }
  row.classList.add('here');
  const box = $('steps-scroll'), top = row.offsetTop - 30, bottom = row.offsetTop + row.offsetHeight;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight + 8;
}

// ---- The state.

function drawState() {
  const state = stateAt(cursor);
  const step = cursor > 0 ? steps[cursor - 1] : null;
  const changedContexts = new Set(step ? step[3].filter((_, i) => i % 2 === 0) : []);
  $('state-title').textContent = cursor === 0 ? 'State before the first step' : `State after step ${cursor}`;
  const rows = state.contexts.map((moment, context) => {
    const [activity, cpu, count, pending, waits, chain] = moment;
    if (activity === 0 && !acting.includes(context)) return '';
    const [call] = callsOf(chain);
    const where = call ? `in ${escape(call[0])}() ${escape(lineOf(call))}` : '';
    const wait = strings[waits] ? ` ${activity === 5 ? 'on' : 'for'} ${escape(strings[waits])}` : '';
    const extra = [count ? `preempt_count ${count > 9 ? `0x${count.toString(16)}` : count}` : '', cpu >= 0 && cpu !== context ? `CPU ${cpu}` : ''].filter(Boolean).join(', ');
    return `<tr class="${changedContexts.has(context) ? 'changed' : ''}"><td>${escape(data.contexts[context])}</td><td><span class="badge b${activity}">${activities[activity]}${wait}</span> ${extra}</td><td>${strings[pending] ? `next: <code>${escape(strings[pending])}</code><br>` : ''}${where}</td></tr>`;
  });
  const cpus = state.cpus.map(([context, off, owes], cpu) => off || owes || (context < 0 && data.contexts.length > state.cpus.length)
    ? `<span class="badge">CPU ${cpu}: ${[context < 0 ? 'idle' : '', off ? 'irqs off' : '', owes === 1 ? 'owes a TLB flush' : owes === 2 ? 'has flushed, not said so' : ''].filter(Boolean).join(', ')}</span> ` : '').join('');
  $('state-body').innerHTML = `<table class="who"><tbody>${rows.join('')}</tbody></table><p>${cpus}</p>${drawRegions(state)}`;
}

const zeros = new Set(['0', 'none', 'NULL', 'free', 'empty']);
function drawRegions(state) {
  const byRegion = new Map();
  data.cells.forEach((cell, i) => {
    if (cell[3] !== KernelRole && !isDetailed) return;
    if (!byRegion.has(cell[1])) byRegion.set(cell[1], []);
    byRegion.get(cell[1]).push(i);
  });
  const html = [];
  for (const [region, cells] of byRegion) {
    if (!isDetailed && (!cells.some(i => everChanged[i]) || cells.every(i => data.cells[i][4] === 2) || isLink(data.regions[region]))) continue;
    const shown = cells.filter(i => everChanged[i] && data.cells[i][4] !== 2 || cells.length <= 8 || !zeros.has(strings[data.cells[i][2]]));
    if (shown.length === 0 && !isDetailed) continue;
    const rest = cells.length - shown.length;
    html.push(`<div class="region"><span class="name">${escape(data.regions[region])}</span>${shown.map(i => drawCell(state, i, data.regions[region])).join('')}${rest ? `<span class="rest">${rest} more stay ${escape(strings[data.cells[cells.find(i => !shown.includes(i))][2]])}</span>` : ''}</div>`);
  }
  return html.join('');
}

function drawCell(state, i, region) {
  const name = strings[data.cells[i][0]];
  const writer = state.writer[i];
  const changes = writer === cursor && cursor > 0 ? steps[cursor - 1][2].filter(event => event[0] === Write && event[2] === i) : [];
  const [call] = callsOf(state.chain[i]);
  const by = writer === 0 ? 'since the boot' : `${data.contexts[contextOf(writer)]}${call ? ` in ${call[0]}() ${lineOf(call)}` : ''}, step ${writer}`;
  const value = strings[state.cells[i]];
  const shown = changes.length ? `${changes.map(event => strings[event[3]]).join(' \u2192 ')} \u2192 ${value}` : value;
  const index = name === region ? '' : name.startsWith(region) ? name.slice(region.length) : name;
  return `<button type="button" class="cell${changes.length ? ' changed' : ''}" data-cell="${i}" ${writer ? `data-step="${writer}"` : ''} title="${escape(name)}: ${escape(value)}; last written: ${escape(by)}">${index ? `${escape(index)} ` : ''}<b>${escape(shown)}</b><small>${writer ? `by step ${writer}` : 'boot'}</small></button>`;
}

// ---- The source.

function drawSource() {
  const events = cursor > 0 ? steps[cursor - 1][2] : [];
  const event = events.find(candidate => candidate[0] === Operation && candidate[1] >= 0 && data.chains[candidate[1]].length > 0)
    ?? events.find(candidate => data.chains[candidate[1]].length > 0);
  const chain = shownChain?.chain ?? event?.[1] ?? -1;
  const calls = callsOf(chain).filter(call => call[1] >= 0);
  const frame = clamp(shownChain?.frame ?? 0, 0, Math.max(0, calls.length - 1));
  const call = calls[frame];
  if (!call) {
    $('source-title').textContent = 'Source';
    $('source-body').innerHTML = '<p class="rest">no kernel code runs in this step</p>';
    return;
  }
  const file = data.files[call[1]];
  const also = new Set(events.flatMap(other => callsOf(other[1]).slice(0, 1)).filter(other => other[1] === call[1]).map(other => other[2]));
  $('source-title').textContent = `Source: ${call[0]}(), ${file.name}:${call[2]}`;
  const frames = calls.map((other, i) => `<button type="button" data-frame="${i}" aria-pressed="${i === frame}">${escape(other[0])}:${other[2]}</button>`).join('');
  const lines = [];
  for (let number = Math.max(1, call[2] - 9); number <= call[2] + 9; number++) {
    if (file.lines[number] === undefined) continue;
    const style = number === call[2] ? 'at' : also.has(number) ? 'also' : '';
    lines.push(`<span class="${style}"${number === call[2] ? ' aria-current="true"' : ''}>${String(number).padStart(4)}  ${escape(file.lines[number])}</span>`);
  }
  $('source-body').innerHTML = `<div class="frames" role="group" aria-label="Calls, innermost first">${frames}</div>${lines.length ? `<pre tabindex="0">${lines.join('')}</pre>` : '<p class="rest">the text of this file is not to be had</p>'}`;
  $('source-body').dataset.chain = chain;
}

// ---- Side by side.

function drawSideBySide() {
  const table = $('side-by-side');
  if (!table) return;
  const failing = steps.map((step, i) => `${data.contexts[step[0]]}: ${firstText(i + 1)}`);
  const passing = data.passing.map(([context, text]) => `${data.contexts[context]}: ${strings[text]}`);
  let same = 0;
  while (same < failing.length && same < passing.length && failing[same] === passing[same]) same++;
  const rows = [];
  for (let i = Math.max(0, same - 3); i < Math.max(failing.length, passing.length); i++) {
    const style = i === same ? 'first differs' : i > same ? 'differs' : '';
    rows.push(`<tr class="${style}"><td>${i + 1}</td><td>${escape(failing[i] ?? '')}</td><td>${escape(passing[i] ?? '')}</td></tr>`);
  }
  const before = same > 3 ? `<caption>The first ${same} steps are the same.</caption>` : '';
  table.innerHTML = `${before}<thead><tr><th scope="col">step</th><th scope="col">this schedule, fails</th><th scope="col">the other way round</th></tr></thead><tbody>${rows.join('')}</tbody>`;
}

// ---- Moving.

function show() {
  const timeline = $('timeline');
  timeline.setAttribute('aria-valuenow', cursor);
  timeline.setAttribute('aria-valuetext', cursor === 0 ? 'before the first step' : `step ${cursor}: ${data.contexts[contextOf(cursor)]}, ${firstText(cursor)}`);
  $('where').textContent = `step ${cursor} of ${last}`;
  drawState();
  drawSource();
  markStep();
  document.querySelectorAll('#story li').forEach(item => {
    const button = item.querySelector('button');
    const line = button && data.story[button.dataset.line];
    item.classList.toggle('here', Boolean(line) && line[0] > 0 && cursor >= line[0] && cursor <= line[1]);
  });
}

function goTo(moment) {
  cursor = clamp(moment, 0, last);
  shownChain = null;
  const shown = (view.width - gutter()) / view.zoom;
  if (cursor - 1 < view.from || cursor + 1 > view.from + shown) {
    view.from = cursor - shown / 2;
    keepInside();
    draw();
  } else {
    drawCursor();
  }
  show();
}

function ofSameContext(direction) {
  const context = cursor > 0 ? contextOf(cursor) : -1;
  for (let number = cursor + direction; number >= 1 && number <= last; number += direction)
    if (context < 0 || contextOf(number) === context) return number;
  return cursor;
}

function search(text) {
  query = text.trim().toLowerCase();
  found = [];
  if (query) for (let number = 1; number <= last; number++) {
    const who = data.contexts[contextOf(number)].toLowerCase();
    if (who === query || steps[number - 1][2].some(event => textOf(event).toLowerCase().includes(query) || callsOf(event[1]).slice(0, 1).some(call => call[0].includes(query)))) found.push(number);
  }
  $('found').textContent = query ? `${found.length} ${found.length === 1 ? 'step' : 'steps'}` : '';
  redraw();
}

function nextFound() {
  if (found.length) goTo(found.find(number => number > cursor) ?? found[0]);
}

function toPair() {
  if (!critical) return;
  const second = critical[2] === 0 ? last : critical[2];
  goTo(cursor === critical[1] ? second : critical[1]);
}

const actions = {
  first: () => goTo(0), back: () => goTo(cursor - 1), on: () => goTo(cursor + 1), last: () => goTo(last),
  wider: () => zoomTo(view.zoom * 1.5), narrower: () => zoomTo(view.zoom / 1.5), fit: () => zoomTo(0), pair: toPair,
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const isTyping = event.target.matches?.('input[type=search]');
  if (isTyping) {
    if (event.key === 'Enter') { nextFound(); event.preventDefault(); }
    if (event.key === 'Escape') $('timeline').focus();
    return;
  }
  const isScrolling = event.target.closest?.('pre, .wide') && event.target !== document.body;
  const keys = {
    ArrowRight: () => goTo(event.shiftKey ? ofSameContext(1) : cursor + 1),
    ArrowLeft: () => goTo(event.shiftKey ? ofSameContext(-1) : cursor - 1),
    PageDown: () => goTo(cursor + 10), PageUp: () => goTo(cursor - 10), Home: actions.first, End: actions.last,
    '+': actions.wider, '=': actions.wider, '-': actions.narrower, 0: actions.fit, c: toPair, n: nextFound,
    '/': () => $('search').focus(),
  };
  if (!keys[event.key] || (isScrolling && !/^Arrow|^[a-z/]$/.test(event.key))) return;
  event.preventDefault();
  keys[event.key]();
}

function onPointer() {
  const timeline = $('timeline');
  let drag = null;
  timeline.addEventListener('pointerdown', event => {
    drag = { x: event.clientX, from: view.from, moved: false };
  });
  timeline.addEventListener('pointermove', event => {
    if (!drag || event.buttons === 0) return;
    if (!drag.moved && Math.abs(event.clientX - drag.x) > 4) { drag.moved = true; timeline.setPointerCapture(event.pointerId); }
    if (!drag.moved) return;
    view.from = drag.from - (event.clientX - drag.x) / view.zoom;
    keepInside();
    redraw();
  });
  timeline.addEventListener('pointerup', event => {
    if (drag && !drag.moved) {
      const at = event.clientX - timeline.getBoundingClientRect().left;
      if (at > gutter()) goTo(Math.floor(view.from + (at - gutter()) / view.zoom) + 1);
    }
    drag = null;
  });
  timeline.addEventListener('wheel', event => {
    if (event.ctrlKey || event.metaKey) {
      const at = event.clientX - timeline.getBoundingClientRect().left;
      zoomTo(view.zoom * Math.exp(-event.deltaY / 300), view.from + (at - gutter()) / view.zoom);
    } else if (event.deltaX || event.shiftKey) {
      view.from += (event.deltaX || event.deltaY) / view.zoom;
      keepInside();
      redraw();
    } else {
      return;
    }
    event.preventDefault();
  }, { passive: false });
}

function drawLegend() {
  const used = new Set(lanes.flatMap(lane => lane[3].filter((_, i) => i % 4 === 2)));
  const items = [...used].sort((a, b) => a - b).map(kind => `<li><svg aria-hidden="true" width="26" height="14">${spanAt(1, 25, 1, 12, kind, kinds[kind])}</svg>${kinds[kind]}</li>`);
  items.unshift('<li><svg aria-hidden="true" width="26" height="14"><rect class="step" x="1" y="1" width="24" height="12" rx="3"/></svg>a step</li>');
  const names = ['unlock, then lock', 'wakes', 'write, then read', 'critical pair'];
  for (const kind of new Set(data.arrows.map(arrow => arrow[0])))
    items.push(`<li><svg aria-hidden="true" width="30" height="14"><path class="arrow a${kind}" marker-end="url(#head${kind})" d="M1 7H28"/></svg>${names[kind]}</li>`);
  $('legend').innerHTML = items.join('');
}

function onClick(event) {
  const target = event.target.closest('[data-do], [data-step], [data-window], [data-frame], [data-chain], tr[data-number]');
  if (!target) return;
  if (target.dataset.do) actions[target.dataset.do]();
  else if (target.dataset.step) goTo(Number(target.dataset.step));
  else if (target.dataset.window) { windowFrom = Math.max(1, Number(target.dataset.window)); drawSteps2(); $('steps-scroll').scrollTop = 0; }
  else if (target.dataset.frame) { shownChain = { chain: Number($('source-body').dataset.chain), frame: Number(target.dataset.frame) }; drawSource(); }
  else if (target.closest('#step-table')) {
    const row = target.closest('tr[data-number]');
    if (!row) return;
    goTo(Number(row.dataset.number));
    const line = event.target.closest('[data-chain]');
    if (line && Number(line.dataset.chain) >= 0) { shownChain = { chain: Number(line.dataset.chain), frame: 0 }; drawSource(); }
  }
}

function fit() {
  const wasFit = view.zoom === 0 || Math.abs(view.zoom - fitting()) < 0.01;
  view.width = $('timeline').clientWidth;
  // Of a long schedule first its end, large enough to be read.
  if (view.zoom === 0 && fitting() < 7) { view.zoom = 24; view.from = last; }
  else if (wasFit) view.zoom = clamp(fitting(), 0.01, widest());
  keepInside();
  draw();
}

$('picture').hidden = false;
$('work').hidden = false;
$('to-pair').hidden = !critical;
$('timeline').setAttribute('aria-valuemax', last);
layOut();
fit();
drawLegend();
windowFrom = Math.max(1, last - WindowSize + 1);
drawSteps2();
drawSideBySide();
show();
onPointer();
addEventListener('keydown', onKey);
addEventListener('click', onClick);
addEventListener('resize', () => { fit(); drawSteps2(); markStep(); });
/** @param {Event} event @returns {HTMLInputElement} */
const inputOf = event => /** @type {HTMLInputElement} */ (event.target);
$('search').addEventListener('input', event => search(inputOf(event).value));
$('details').addEventListener('change', event => { isDetailed = inputOf(event).checked; drawSteps2(); show(); });

// What a test looks at, and whoever wants to from the browser's console.
globalThis.kmaplab = Object.freeze({
  data, stateAt, goTo, get cursor() { return cursor; },
  cellAt: (moment, name) => strings[stateAt(moment).cells[data.cells.findIndex(cell => strings[cell[0]] === name)]],
});
