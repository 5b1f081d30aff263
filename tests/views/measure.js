// Looks into every frame once all are loaded, and leaves what it found as JSON.
const channels = colour => colour.match(/[\d.]+/g).map(Number);
const luminance = ([r, g, b]) => {
  const linear = [r, g, b].map(c => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
};
const behind = element => {
  for (; element; element = element.parentElement) {
    const colour = channels(getComputedStyle(element).backgroundColor);
    if (colour.length === 3 || colour[3] > 0) return colour;
  }
  return [255, 255, 255];
};
const contrast = element => {
  const [a, b] = [luminance(channels(getComputedStyle(element).color)), luminance(behind(element))];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
};
const hasText = element => [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
addEventListener("load", () => {
  const found = [...document.querySelectorAll("iframe")].map(frame => {
    const page = frame.contentDocument;
    page.querySelectorAll("details").forEach(details => { details.open = true });
    let least = [99, ""];
    for (const element of page.body.querySelectorAll("*")) {
      if (!hasText(element) || ["OPTION", "STYLE", "SCRIPT"].includes(element.tagName)) continue;
      const own = contrast(element);
      if (own < least[0]) least = [own, `${element.className}: ${element.textContent.slice(0, 40)}`];
    }
    const looks = {};
    for (const chip of page.querySelectorAll(".chip")) {
      const style = getComputedStyle(chip);
      looks[chip.className] = `${style.color} on ${style.backgroundColor}, ${style.borderTopStyle} ${style.borderTopColor}`;
    }
    return {
      overflow: page.documentElement.scrollWidth - page.documentElement.clientWidth,
      smuggled: page.querySelectorAll("script, img, svg, iframe, object, embed, link, meta[http-equiv], [onload], [onerror], [onclick]").length,
      ran: Number(frame.contentWindow.ran || 0),
      text: page.body.textContent,
      background: getComputedStyle(page.body).backgroundColor,
      contrast: least,
      looks,
    };
  });
  document.getElementById("found").textContent = JSON.stringify(found);
});
