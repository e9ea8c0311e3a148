// Rows of the same wasm instruction (data-w) or source line (data-l) light up together; the search hides functions without it.
const mark = (of, name) => {
  document.querySelectorAll('.' + name).forEach(row => row.classList.remove(name));
  of.forEach(row => row.classList.add(name));
};
document.addEventListener('mouseover', event => {
  const row = event.target.closest('[data-w], [data-l]');
  if (!row) return;
  const within = row.closest('section');
  const same = (key, value) => value === undefined ? [] : within.querySelectorAll(`[data-${key}="${value}"]`);
  mark(same('w', row.dataset.w), 'hot');
  mark(same('l', row.dataset.l), 'line');
});
document.addEventListener('click', event => {
  const row = event.target.closest('.w[data-w], .s');
  if (!row) return;
  const [key, value] = row.dataset.w === undefined ? ['l', row.dataset.l] : ['w', row.dataset.w];
  row.closest('section').querySelector(`.m[data-${key}="${value}"]`)?.scrollIntoView({block: 'center', behavior: 'smooth'});
});
const sections = [...document.querySelectorAll('section')];
document.getElementById('search').addEventListener('input', event => {
  const wanted = event.target.value.toLowerCase();
  let shown = 0;
  for (const section of sections) {
    section.hidden = wanted !== '' && !section.textContent.toLowerCase().includes(wanted);
    shown += section.hidden ? 0 : 1;
  }
  mark(wanted === '' ? [] : [...document.querySelectorAll('section:not([hidden]) .both > div > div')]
    .filter(row => row.textContent.toLowerCase().includes(wanted)).slice(0, 5000), 'match');
  document.getElementById('found').textContent = wanted === '' ? '' : `${shown} of ${sections.length} functions`;
});
