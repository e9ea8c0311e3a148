// Puts what the server says now in the place of what it said before; everything is made there.
(() => {
  const parts = [...document.querySelectorAll('#sallyport [data-live]')];
  const log = document.getElementById('sallyport-log');

  async function get(address) {
    const answer = await fetch(new URL(address, location.origin), { credentials: 'same-origin', cache: 'no-store' });
    return answer.ok ? answer.text() : null;
  }

  async function look() {
    if (document.hidden) return;
    for (const part of parts) {
      const text = await get(part.dataset.live);
      if (text !== null) part.innerHTML = text;
    }
    if (log) {
      const last = log.querySelector('tr');
      const rows = await get(log.dataset.log + (last ? last.dataset.number : 0));
      if (rows) log.insertAdjacentHTML('afterbegin', rows);
      while (log.rows.length > 500) log.deleteRow(-1);
    }
  }

  async function loop() {
    try {
      await look();
    } catch (e) {
      // the server is away; the page says what it last knew
    }
    setTimeout(loop, 1000);
  }
  loop();
})();
