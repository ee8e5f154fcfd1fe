'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const nearest = (steps, step) => {
    let low = 0, high = steps.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (steps[middle] < step) low = middle + 1; else high = middle;
    }
    return low > 0 && step - steps[low - 1] <= steps[low] - step ? low - 1 : low;
  };
  for (const svg of document.querySelectorAll('svg[data-panel]')) {
    const panel = data.panels[svg.dataset.panel];
    const guide = svg.querySelector('.guide'), caption = svg.parentNode.querySelector('figcaption');
    const all = [...new Set(panel.curves.flatMap(curve => curve.steps))].sort((a, b) => a - b);
    if (all.length === 0) continue;
    let at = all.length - 1;
    const show = index => {
      at = Math.max(0, Math.min(all.length - 1, index));
      const step = all[at], x = data.left + (step - panel.min) / (panel.max - panel.min) * (data.right - data.left);
      guide.setAttribute('d', `M${x} ${data.top}V${data.bottom}`);
      const values = panel.curves.filter(curve => curve.steps.length).map(curve => {
        const i = nearest(curve.steps, step);
        return `${curve.name} ${curve.texts[i]}${curve.steps[i] === step ? '' : ` (at ${curve.steps[i]})`}`;
      });
      caption.textContent = `update ${step}: ${values.join('; ')}`;
    };
    svg.addEventListener('pointermove', event => {
      const box = svg.getBoundingClientRect(), x = (event.clientX - box.left) / box.width * svg.viewBox.baseVal.width;
      show(nearest(all, panel.min + (x - data.left) / (data.right - data.left) * (panel.max - panel.min)));
    });
    svg.addEventListener('focus', () => show(at));
    svg.addEventListener('keydown', event => {
      const leap = event.shiftKey ? 10 : 1;
      const moves = { ArrowLeft: at - leap, ArrowRight: at + leap, Home: 0, End: all.length - 1 };
      if (event.key in moves) {
        show(moves[event.key]);
        event.preventDefault();
      }
    });
  }
})();
