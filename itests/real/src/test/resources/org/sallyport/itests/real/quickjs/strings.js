// Strings: code points, normalization of case, searching, splitting, template literals.
const text = "Straße, naïve café 🌍 日本語";
[
  text.length, [...text].length, text.toUpperCase(), text.codePointAt(19).toString(16), text.indexOf("café"), text.split(/[ ,]+/).join("|"),
  "abc".padStart(6, "-") + "xyz".repeat(2), `${1 + 1}${[1, [2, 3]]}`, "a-b-c".replaceAll("-", "+"), "ﬁ".normalize("NFKD"),
  text.slice(-3), "%E6%97%A5" + encodeURIComponent("日本") + decodeURIComponent("%F0%9F%8C%8D"), "b" < "a", "z".localeCompare("a") > 0,
].join("\n");
