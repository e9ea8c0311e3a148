'use strict';
const $ = id => document.getElementById(id);
const euros = cents => (cents / 100).toFixed(2);

/** A row of cells; numbers stand at the right. */
function row(id, cells) {
  const tr = document.createElement('tr');
  tr.id = id;
  for (const cell of cells) {
    const td = document.createElement('td');
    td.append(cell);
    if (/^\d/.test(cell)) td.className = 'number';
    tr.append(td);
  }
  return tr;
}

function picture(name) {
  const img = new Image(64, 64);
  img.alt = name;
  img.src = `api/articles/${encodeURIComponent(name)}/picture?${Date.now()}`;
  return img;
}

async function show() {
  const articles = await (await fetch('api/articles?count=' + $('count').value)).json();
  $('articles').replaceChildren(...articles.map(a =>
    row('article-' + a.name.replace(' ', '-'), [picture(a.name), a.tenant, a.name, euros(a.list), euros(a.price)])));
  const tenants = await Promise.all([...$('tenant').options].map(async o => (await fetch('api/tenants/' + o.value)).json()));
  $('plugins').replaceChildren(...tenants.flatMap(t => t.plugins).map(p =>
    row('plugin-' + p.id, [p.id, p.state, p.from, String(p.calls), String(p.memory)])));
  $('notes').replaceChildren(...tenants.flatMap(t => t.notes).map(note => {
    const li = document.createElement('li');
    li.append(note);
    return li;
  }));
  document.body.dataset.shown = Number(document.body.dataset.shown || 0) + 1;
}

$('count').addEventListener('change', show);
$('deploy').addEventListener('submit', async event => {
  event.preventDefault();
  const answer = await fetch(`api/tenants/${$('tenant').value}/${$('rule').value}`, {
    method: 'PUT',
    headers: {'Content-Type': 'application/octet-stream'},
    body: $('file').files[0] || $('text').value,
  });
  $('answer').value = await answer.text();
  $('answer').className = answer.ok ? '' : 'bad';
  await show();
});
show();
