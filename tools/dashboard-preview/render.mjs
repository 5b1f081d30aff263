// Draws a dashboard with Grafana's own components against a live Prometheus, and saves a picture.
// usage: [RANGE=47h] [RATE_INTERVAL=1h] node render.mjs DASHBOARD.json http://127.0.0.1:9090 OUT.png [dark|light] ['{"variable":"value"}']
// Exits with 1 and names the queries if any was empty or wrong. Run `npm ci --ignore-scripts && npm run build` here once.
import fs from 'node:fs'; import http from 'node:http'; import path from 'node:path'; import { spawnSync, spawn } from 'node:child_process';
const here = path.dirname(new URL(import.meta.url).pathname);
const [,, dashFile, prom, outPng, theme='dark', fixed='{}'] = process.argv;
const d = JSON.parse(fs.readFileSync(dashFile)); if (process.env.RANGE) d.time = { from: `now-${process.env.RANGE}`, to: 'now' }; const to = Math.floor(Date.now()/1000);
const rel = (d.time?.from ?? 'now-6h').match(/now-(\d+)([smhdwMy])/); const S={s:1,m:60,h:3600,d:86400,w:604800,M:2592000,y:31536000};
const range = rel ? rel[1]*S[rel[2]] : 21600; const from = to - range; const step = Math.max(5, Math.ceil(range/600));
const api = async (p, q) => { const r = await fetch(prom + '/api/v1/' + p + '?' + new URLSearchParams(q)); const j = await r.json(); if (j.status !== 'success') throw new Error(j.errorType + ': ' + j.error); return j.data; };
const vars = { __rate_interval: process.env.RATE_INTERVAL ?? Math.max(60, step + 15) + 's', __interval: step + 's', __range: range + 's', __range_s: String(range), __from: String(from*1000), __to: String(to*1000) };
const sub = (s) => s.replace(/\$\{(\w+)(?::(\w+))?\}|\$(\w+)|\[\[(\w+)\]\]/g, (m,a,f,b,c) => vars[a??b??c] ?? m);
const over = JSON.parse(fixed);
for (const v of d.templating?.list ?? []) {
  if (v.name in over) { vars[v.name] = over[v.name]; continue; }
  if (v.type === 'datasource') vars[v.name] = 'prometheus';
  else if (v.type === 'query') { const q = sub(typeof v.query === 'string' ? v.query : v.query.query); let m = q.match(/^label_values\((?:(.*),\s*)?(\w+)\)$/s);
    const vals = m ? await api(`label/${m[2]}/values`, m[1] ? {'match[]': m[1], start: from, end: to} : {}) : [];
    if (!vals.length) console.error(`EMPTY VARIABLE ${v.name}: ${q}`);
    vars[v.name] = v.includeAll ? (v.allValue ?? `(${vals.join('|')})`) : (vals[0] ?? ''); }
  else vars[v.name] = v.current?.value ?? v.query ?? '';
}
// a panel may look further back than the dashboard, in longer steps from which Grafana counts its beginning
const grid = (p) => { const span = (t) => { const m = t?.match(/^(\d+)([smhdw])$/); return m ? m[1]*S[m[2]] : undefined; }; const pstep = Math.max(step, span(p.interval) ?? 0); const start = p.timeFrom ? to - span(p.timeFrom) : from;
  return p.timeFrom ? { start: Math.floor(start/pstep)*pstep, end: Math.floor(to/pstep)*pstep, step: pstep } : { start, end: to, step: pstep }; };
const isTable = (p,t) => t.format === 'table';
const panels = []; let bad = 0; const flat = (ps) => ps.flatMap((p) => p.type === 'row' ? [p, ...flat(p.panels ?? [])] : [p]);
for (const p of flat(d.panels)) {
  const frames = []; let error;
  for (const t of p.targets ?? []) { if (t.hide) continue;
    const expr = sub(t.expr); try {
      const inst = t.instant && !t.range; const r = inst ? await api('query', {query: expr, time: to}) : await api('query_range', {query: expr, ...grid(p)});
      const res = r.resultType === 'scalar' ? [{metric:{}, value: r.result}] : r.result;
      if (!res.length) { console.error(`EMPTY  [${p.title}] ${t.refId}: ${expr}`); bad++; }
      const legend = (m) => t.legendFormat && t.legendFormat !== '__auto' ? t.legendFormat.replace(/\{\{\s*(\w+)\s*\}\}/g, (_,l) => m[l] ?? '') : undefined;
      const vname = (p.targets.length > 1 && isTable(p,t)) ? `Value #${t.refId}` : 'Value';
      if (isTable(p,t)) { const labels = [...new Set(res.flatMap((s) => Object.keys(s.metric)))].sort(); const rows = res.flatMap((s) => (s.values ?? [s.value]).map((v) => [s.metric, v]));
        frames.push({ refId: t.refId, fields: [{name:'Time', type:'time', values: rows.map(([,v]) => v[0]*1000)}, ...labels.map((l) => ({name: l, type:'string', values: rows.map(([m]) => m[l] ?? '')})), {name: vname, type:'number', values: rows.map(([,v]) => +v[1])}] });
      } else for (const s of res) { const vs = s.values ?? [s.value]; const name = legend(s.metric);
        // fill the grid with nulls as Grafana's backend does for range queries
        const { __name__: mn, ...labels } = s.metric;
        const auto = name ?? (Object.keys(labels).length ? undefined : (mn ?? expr));
        frames.push({ refId: t.refId, name: auto, fields: [{name:'Time', type:'time', values: vs.map((v) => v[0]*1000)}, {name:'Value', type:'number', labels, config: auto ? {displayNameFromDS: auto} : {}, values: vs.map((v) => +v[1])}] }); }
    } catch (e) { error = String(e.message); console.error(`ERROR  [${p.title}] ${t.refId}: ${expr}\n       ${e.message}`); bad++; } }
  panels.push({ panel: p, frames, error });
}
const height = Math.max(...panels.map((p) => p.panel.gridPos.y + p.panel.gridPos.h));
const vis = Object.fromEntries(Object.entries(vars).filter(([k]) => !k.startsWith('__')));
const payload = { title: d.title, vars: vis, from: from*1000, to: to*1000, theme, height, panels };
fs.writeFileSync(path.join(here,'payload.js'), 'window.__PAYLOAD__ = ' + JSON.stringify(payload).replace(/</g,'\\u003c'));
fs.writeFileSync(path.join(here,'index.html'), `<!doctype html><meta charset=utf8><link rel=stylesheet href=bundle.css><body style="width:1600px"><div id=root></div><script>window.__grafana_public_path__='/public/';</script><script src=payload.js></script><script type=module src=bundle.js></script>`);
const UI = here + '/node_modules/@grafana/ui/dist/public';
const srv = http.createServer((q, s) => { const u = decodeURIComponent(q.url.split('?')[0]); let f = u.includes('/img/icons/') ? path.join(UI, u.slice(u.indexOf('/img/'))) : path.join(here, u === '/' ? 'index.html' : u);
  fs.readFile(f, (e, b) => { if (e) { s.writeHead(404).end(); return; } s.writeHead(200, {'content-type': f.endsWith('.js') ? 'text/javascript' : f.endsWith('.css') ? 'text/css' : f.endsWith('.svg') ? 'image/svg+xml' : 'text/html'}).end(b); }); }).listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${srv.address().port}/`; const t0 = Date.now();
  const c = spawn('chromium', ['--headless=new','--no-sandbox','--disable-gpu','--hide-scrollbars','--enable-logging=stderr','--v=0',`--window-size=1600,${height*38+80}`,'--virtual-time-budget=8000',`--screenshot=${path.resolve(outPng)}`, url]);
  let log=''; c.stderr.on('data', (x) => log += x); c.on('close', (rc) => { console.log('chromium rc', rc, Date.now()-t0, 'ms'); console.log(log.split('\n').filter((l) => /CONSOLE/.test(l)).slice(0,12).join('\n').slice(0,3000)); srv.close(); process.exit(bad ? 1 : 0); }); });
